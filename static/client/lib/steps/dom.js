// Building elements. The one rule: text only ever becomes a text node or an attribute's value; nothing parses a
// string as HTML.

/** `h("button.again", { type: "button", onclick }, "text", node)`; functions become listeners, booleans flags. */
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (typeof value === "boolean") node.toggleAttribute(name, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Sets text only where it changed: what is selected stays selected, and nothing is announced twice. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

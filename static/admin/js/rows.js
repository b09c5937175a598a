// A table whose rows come again and again: rows keep their place and their buttons while what they show changes,
// so that nothing moves under the pointer.

import { el } from "/static/js/dom.js";
import { say } from "./texts.js";

export class Rows {
  #rows = new Map();
  #body = el("tbody");
  #none;
  #table;
  #count = el("span.count");
  #columns;
  #key;

  /**
   * `columns`: `[{ label, write(item), className?, act?(item) -> node }]`; `key(item)` names a row.
   */
  constructor(name, columns, key) {
    this.#columns = columns;
    this.#key = key;
    const heads = columns.map(({ label }) => (label ? say(el("th", { scope: "col" }), label) : el("td")));
    const title = say(el("h2", { id: `${name}-title` }), `${name}.title`);
    this.#table = el("table", { "aria-labelledby": `${name}-title` }, el("thead", {}, el("tr", {}, ...heads)), this.#body);
    this.#none = say(el("p.note"), `${name}.none`);
    const wide = el("div.wide", { tabindex: "0", role: "region", "aria-labelledby": `${name}-title` }, this.#table);
    this.node = el("section.block", { id: name }, el("div.block-head", {}, title, this.#count), this.#none, wide);
    this.show([]);
  }

  show(items) {
    const present = new Set();
    for (const item of items) {
      const key = this.#key(item);
      present.add(key);
      const row = this.#rows.get(key) ?? this.#add(key, item);
      row.forEach(({ cell, write }) => {
        const words = write(item);
        if (cell.textContent !== words) cell.textContent = words;
      });
    }
    for (const [key, row] of this.#rows) {
      if (present.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
    this.#arrange(items);
    this.#count.textContent = items.length ? String(items.length) : "";
    this.#none.hidden = items.length > 0;
    this.#table.hidden = items.length === 0;
  }

  #add(key, item) {
    const node = el("tr");
    const row = [];
    for (const { write, className = "", act } of this.#columns) {
      const cell = el("td", { class: className || null });
      if (act) cell.append(act(item));
      else row.push({ cell, write });
      node.append(cell);
    }
    row.node = node;
    this.#rows.set(key, row);
    return row;
  }

  #arrange(items) {
    let before = this.#body.firstChild;
    for (const item of items) {
      const { node } = this.#rows.get(this.#key(item));
      if (node === before) before = before.nextSibling;
      else this.#body.insertBefore(node, before);
    }
  }
}

/** A button for what can't be undone: the first click asks, the second does. */
export function sureButton(key, label, params, act) {
  const button = el("button.quiet.sure", { type: "button" });
  say(button, key);
  say(button, label, params, "aria-label");
  let asked = false;
  button.addEventListener("click", async () => {
    if (!asked) {
      asked = true;
      say(button, "sure");
      button.classList.add("asked");
      setTimeout(() => rest(), 4000);
      return;
    }
    button.disabled = true;
    await act();
    button.disabled = false;
    rest();
  });
  function rest() {
    asked = false;
    button.classList.remove("asked");
    say(button, key);
  }
  return button;
}

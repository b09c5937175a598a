// The two panels beside the conversation: earlier conversations and the schema. On a wide screen they stand beside
// it and stay as they were left; on a narrow one they lie over it, one at a time, until they are closed.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./language.js";
import { preferences } from "./preferences.js";

const WIDE = matchMedia("(min-width: 72rem)");

export class Panel {
  #node;
  #button;

  /** `open`: whether it stands open on a wide screen before the reader said anything. */
  constructor(node, button, name, open) {
    [this.#node, this.#button, this.name] = [node, button, name];
    button.setAttribute("aria-controls", node.id);
    button.addEventListener("click", () => this.set(node.hidden));
    node.addEventListener("keydown", (event) => this.#key(event));
    const close = el("button.quiet.square.panel-close", { type: "button", onclick: () => this.set(false) }, icon("cross"));
    node.append(say(close, "notice.close", {}, "aria-label"));
    this.#show(WIDE.matches && (preferences.get(`panel.${name}`) ?? String(open)) === "true");
  }

  get isOver() {
    return !this.#node.hidden && !WIDE.matches;
  }

  set(open) {
    if (WIDE.matches) preferences.set(`panel.${this.name}`, String(open));
    this.#show(open);
    if (!open && this.#node.contains(document.activeElement)) this.#button.focus();
    if (open && !WIDE.matches) this.#node.querySelector("button, input")?.focus();
  }

  #key(event) {
    if (event.key !== "Escape" || WIDE.matches) return;
    event.stopPropagation();
    this.set(false);
  }

  #show(open) {
    this.#node.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    this.#node.dispatchEvent(new CustomEvent("shown", { bubbles: true, detail: { name: this.name, open } }));
  }
}

/** Only one panel lies over a narrow page, and a touch beside it closes it. */
export function layOver(panels, backdrop) {
  const tell = () => (backdrop.hidden = !panels.some((panel) => panel.isOver));
  document.addEventListener("shown", ({ detail }) => {
    for (const panel of panels) if (detail.open && panel.isOver && panel.name !== detail.name) panel.set(false);
    tell();
  });
  backdrop.addEventListener("click", () => panels.forEach((panel) => panel.isOver && panel.set(false)));
  WIDE.addEventListener("change", tell);
  tell();
}

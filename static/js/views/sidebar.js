// Earlier conversations, the latest first: a click opens one, a second click on the bin forgets it.

import { el } from "../dom.js";
import { day } from "../format.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

export class Sidebar {
  #list = el("ul.past");
  #empty = say(el("p.note.past-empty"), "side.empty");
  #shown = [];
  #current = null;

  /** `onopen(id)`, `onforget(id)`, `onnew()`. */
  constructor({ onopen, onforget, onnew }) {
    this.onopen = onopen;
    this.onforget = onforget;
    const fresh = el("button.quiet.side-new", { type: "button", onclick: onnew });
    fresh.append(icon("plus"), say(el("span"), "header.new"));
    const title = say(el("h2"), "side.title");
    this.node = el("nav.past-panel", {}, el("div.panel-head", {}, title, fresh), this.#empty, this.#list);
    say(this.node, "side.title", {}, "aria-label");
  }

  show(conversations, current) {
    [this.#shown, this.#current] = [conversations, current];
    this.#empty.hidden = conversations.length > 0;
    this.#list.replaceChildren(...conversations.map((each) => this.#item(each)));
  }

  #item({ id, title, updated }) {
    const open = el("button.past-open", { type: "button", title, onclick: () => this.onopen(id) });
    open.append(el("span.past-title", {}, title), el("span.past-day", {}, day(updated)));
    if (id === this.#current) open.setAttribute("aria-current", "true");
    const bin = el("button.quiet.square.past-bin", { type: "button" }, icon("bin"));
    say(bin, "side.forget", { title }, "aria-label");
    const item = el("li", { "data-conversation": id }, open, bin);
    bin.addEventListener("click", () => this.#confirm(item, id));
    return item;
  }

  #confirm(item, id) {
    const yes = say(el("button.danger", { type: "button", onclick: () => this.onforget(id) }), "side.forget_yes");
    const no = say(el("button.quiet", { type: "button" }), "side.forget_no");
    no.addEventListener("click", () => this.show(this.#shown, this.#current));
    item.replaceChildren(el("div.past-sure", {}, say(el("span"), "side.forget_sure"), yes, no));
    yes.focus();
  }
}

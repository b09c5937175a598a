// Earlier conversations, the latest first: a click opens one, a search looks through what was said, a name can be
// changed, a second click on the bin forgets it.

import { el } from "../dom.js";
import { day } from "../format.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const SEARCH_MS = 250;
const MOST_TITLE = 200;

export class Sidebar {
  #list = el("ul.past");
  #empty = el("p.note.past-empty", { role: "status" });
  #search = el("input.field", { id: "past-search", type: "search", autocomplete: "off" });
  #shown = [];
  #current = null;
  #timer = 0;

  /** `onopen(id)`, `onforget(id)`, `onrename(id, title)`, `onnew()`, `onsearch()`. */
  constructor({ onopen, onforget, onrename, onnew, onsearch }) {
    Object.assign(this, { onopen, onforget, onrename, onsearch });
    const fresh = el("button.quiet.side-new", { type: "button", onclick: onnew });
    fresh.append(icon("plus"), say(el("span"), "header.new"));
    const label = say(el("label.unseen", { for: "past-search" }), "side.search");
    say(this.#search, "side.search", {}, "placeholder");
    this.#search.addEventListener("input", () => this.#searchSoon());
    const box = el("div.schema-search", {}, icon("search"), label, this.#search);
    const head = el("div.panel-head", {}, say(el("h2"), "side.title"), fresh);
    this.node = el("div.past-panel", {}, head, box, this.#empty, this.#list);
  }

  get words() {
    return this.#search.value.trim();
  }

  show(conversations, current) {
    [this.#shown, this.#current] = [conversations, current];
    this.#empty.hidden = conversations.length > 0;
    say(this.#empty, this.words ? "side.nothing" : "side.empty");
    // A list that is being read or changed must not be replaced under the reader's finger.
    if (!this.#list.querySelector("input, .past-sure")) this.#draw();
  }

  #draw() {
    this.#list.replaceChildren(...this.#shown.map((each) => this.#item(each)));
  }

  #searchSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.onsearch(), SEARCH_MS);
  }

  #item({ id, title, updated, snippet }) {
    const open = el("button.past-open", { type: "button", title, onclick: () => this.onopen(id) });
    open.append(el("span.past-title", {}, title), el("span.past-day", {}, snippet ?? day(updated)));
    if (id === this.#current) open.setAttribute("aria-current", "true");
    const item = el("li", { "data-conversation": id }, open);
    const change = tool("edit", "side.rename", title, () => this.#rename(item, id, title));
    const bin = tool("bin", "side.forget", title, () => this.#confirm(item, id));
    item.append(el("span.past-tools", {}, change, bin));
    return item;
  }

  #rename(item, id, title) {
    const box = el("input.field.past-name", { value: title, maxlength: MOST_TITLE });
    say(box, "side.rename", { title }, "aria-label");
    let isOver = false;
    const end = (isKept) => {
      if (isOver) return;
      isOver = true;
      const wanted = box.value.trim();
      box.remove();
      this.#draw();
      if (isKept && wanted && wanted !== title) this.onrename(id, wanted);
    };
    box.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.stopPropagation();
      end(event.key === "Enter");
    });
    box.addEventListener("blur", () => end(true));
    item.replaceChildren(box);
    box.select();
  }

  #confirm(item, id) {
    const again = () => (item.replaceChildren(), this.#draw());
    const yes = say(el("button.danger", { type: "button", onclick: () => (again(), this.onforget(id)) }), "side.forget_yes");
    const no = say(el("button.quiet", { type: "button", onclick: again }), "side.forget_no");
    item.replaceChildren(el("div.past-sure", {}, say(el("span"), "side.forget_sure"), yes, no));
    yes.focus();
  }
}

function tool(iconName, key, title, onclick) {
  const button = el("button.quiet.square.past-tool", { type: "button", onclick }, icon(iconName));
  return say(button, key, { title }, "aria-label");
}

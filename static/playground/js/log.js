// The frames of one line, in order, as they travelled. Bounded: the oldest go, and it says how many did.

import { el, onNextFrame } from "/static/js/dom.js";
import { copyButton } from "./copy.js";
import { Frame, sized } from "./frame.js";
import { onLanguage, say, text } from "./labels.js";

const MOST = 1000;

export class Log {
  #frames = [];
  #waiting = [];
  #dropped = 0;
  #bytes = { in: 0, out: 0 };
  #began = 0;
  #list = el("ol.frames", { tabindex: "0" });
  #count = el("span.count");
  #older = el("p.note.older", { hidden: true });
  #empty = say(el("p.note.none"), "log.empty");
  #filter;
  #beats = el("input", { type: "checkbox" });
  #follow = el("input", { type: "checkbox", checked: true });
  #draw = onNextFrame(() => this.#drawWaiting());

  constructor(name) {
    this.#filter = el("input.field", { type: "search", id: `filter-${name}`, spellcheck: "false" });
    this.#filter.addEventListener("input", () => this.#select());
    this.#beats.addEventListener("change", () => this.#select());
    say(this.#filter, "log.filter", {}, "placeholder");
    say(this.#filter, "log.filter", {}, "aria-label");
    say(this.#list, "log.title", {}, "aria-label");
    this.node = this.#build();
    onLanguage(() => this.#tell());
  }

  /** A frame that travelled just now. */
  add(way, words, kind) {
    const now = performance.now();
    if (!this.#frames.length && !this.#waiting.length) this.#began = now;
    this.#bytes[way] += words.length;
    this.#waiting.push([way, words, kind, (now - this.#began) / 1000, new Date()]);
    if (this.#waiting.length > MOST) this.#dropped += this.#waiting.splice(0, this.#waiting.length - MOST).length;
    this.#draw();
  }

  clear() {
    this.#frames = [];
    this.#waiting = [];
    this.#dropped = 0;
    this.#bytes = { in: 0, out: 0 };
    this.#list.replaceChildren();
    this.#tell();
  }

  #build() {
    const check = (box, key) => el("label.check", {}, box, say(el("span"), key));
    const clear = say(el("button.quiet", { type: "button", onclick: () => this.clear() }), "log.clear");
    const copy = copyButton("log.copy", () => this.#frames.map(({ words }) => words).join("\n"));
    const head = el("div.pane-head", {}, say(el("h2"), "log.title"), this.#count, copy, clear);
    const tools = el("div.log-tools", {}, this.#filter, check(this.#beats, "log.beats"), check(this.#follow, "log.follow"));
    return el("section.pane.log", {}, head, tools, this.#older, this.#empty, this.#list);
  }

  #drawWaiting() {
    const fresh = this.#waiting.map((given) => new Frame(...given));
    this.#waiting = [];
    this.#frames.push(...fresh);
    this.#list.append(...fresh.map(({ node }) => node));
    const old = this.#frames.splice(0, Math.max(0, this.#frames.length - MOST));
    for (const { node } of old) node.remove();
    this.#dropped += old.length;
    this.#select();
    if (this.#follow.checked) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #select() {
    const filter = this.#filter.value.trim().toLowerCase();
    for (const frame of this.#frames) frame.node.hidden = !frame.matches(filter, this.#beats.checked);
    this.#tell();
  }

  #tell() {
    const shown = this.#frames.filter(({ node }) => !node.hidden).length;
    const { in: came, out: went } = this.#bytes;
    this.#count.textContent = text("log.count", { shown, all: this.#frames.length, in: sized(came), out: sized(went) });
    this.#empty.hidden = this.#frames.length > 0;
    this.#list.hidden = !this.#empty.hidden;
    this.#older.hidden = this.#dropped === 0;
    this.#older.textContent = text("log.dropped", { n: this.#dropped });
  }
}

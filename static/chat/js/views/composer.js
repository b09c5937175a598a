// Where one writes. Enter sends and Shift+Enter breaks the line; an Enter that ends a composition (as when Chinese is
// typed) does neither. That one is writing is told now and then, and that one has stopped.

import { el } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { labels, quote, say } from "../texts.js";

const TELL_MS = 4000;
const IDLE_MS = 5000;

export class Composer {
  #talk;
  #room = null;
  #box = el("textarea.field", { id: "message", rows: "1", "aria-describedby": "compose-hint" });
  #send = el("button.primary.square", { type: "submit", id: "send" }, icon("send"));
  #typing = el("p.typing", { "aria-live": "polite" });
  #told = 0;
  #idle = 0;

  constructor(talk) {
    this.#talk = talk;
    say(this.#box, "compose.label", {}, "aria-label");
    say(this.#box, "compose.placeholder", {}, "placeholder");
    say(this.#send, "compose.send", {}, "aria-label");
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("input", () => this.#wrote());
    const form = el("form.compose", { onsubmit: (event) => (event.preventDefault(), this.#say()) }, this.#box, this.#send);
    const hint = say(el("p.note", { id: "compose-hint" }), "compose.hint");
    this.node = el("div.composer", {}, form, el("div.compose-foot", {}, this.#typing, hint));
  }

  show(room) {
    if (room === this.#room) return;
    this.#rest();
    this.#room = room;
    this.#box.value = room?.draft ?? "";
    this.#fit();
  }

  focus() {
    this.#box.focus();
  }

  /** Who else is writing. */
  tellTyping({ typing }) {
    if (!typing.length) return quote(this.#typing, "");
    const names = typing.join(labels.text("names.and"));
    say(this.#typing, typing.length === 1 ? "typing.one" : "typing.many", { names });
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#say();
  }

  #say() {
    const words = this.#box.value.trim();
    if (!words || !this.#room) return;
    this.#rest();
    this.#box.value = this.#room.draft = "";
    this.#fit();
    this.#talk.say(this.#room, words);
  }

  #wrote() {
    this.#room.draft = this.#box.value;
    this.#fit();
    clearTimeout(this.#idle);
    if (!this.#box.value) return this.#rest();
    this.#idle = setTimeout(() => this.#rest(), IDLE_MS);
    if (performance.now() - this.#told < TELL_MS && this.#told) return;
    this.#told = performance.now();
    this.#talk.type(this.#room, true);
  }

  #rest() {
    clearTimeout(this.#idle);
    if (this.#told && this.#room) this.#talk.type(this.#room, false);
    this.#told = 0;
  }

  #fit() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight + 2}px`;
  }
}

// Where a question is written: Enter asks, Shift+Enter breaks the line, Esc stops what runs. A key pressed while
// an input method is composing (every Chinese word) belongs to the input method.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const AUTOMATIC = "";

export class Composer {
  #box = el("textarea", { id: "question", rows: "1", maxlength: "4000", autocomplete: "off", enterkeyhint: "send" });
  #picker = el("select", { id: "datasource" });
  #button = el("button.send", { type: "submit" });
  #running = null;

  /** `onask(question)`, `onstop()`. */
  constructor({ onask, onstop }) {
    this.onask = onask;
    this.onstop = onstop;
    this.node = this.#build();
    this.offer([]);
    this.running(false);
  }

  get datasource() {
    return this.#picker.value;
  }

  offer(datasources) {
    const automatic = say(el("option", { value: AUTOMATIC }), "composer.automatic");
    const named = datasources.map(({ name, description }) => el("option", { value: name, title: description }, name));
    this.#picker.replaceChildren(...(named.length === 1 ? named : [automatic, ...named]));
    this.#picker.disabled = named.length < 2;
  }

  /** While something runs and nothing is written, the button stops it. */
  running(isRunning) {
    if (isRunning === this.#running) return;
    this.#running = isRunning;
    this.#drawButton();
  }

  focus() {
    this.#box.focus({ preventScroll: true });
  }

  #build() {
    const label = say(el("label.unseen", { for: "question" }), "composer.label");
    say(this.#box, "composer.placeholder", {}, "placeholder");
    const named = say(el("span.unseen"), "composer.datasource");
    const picker = el("label.picker", {}, icon("database"), named, this.#picker);
    const tools = el("div.composer-tools", {}, picker, say(el("span.hint"), "composer.hint"), this.#button);
    const form = el("form.composer", { onsubmit: (event) => this.#submit(event) }, label, this.#box, tools);
    form.addEventListener("keydown", (event) => this.#key(event));
    this.#box.addEventListener("input", () => this.#written());
    return form;
  }

  #key(event) {
    const asks = event.key === "Enter" && !event.shiftKey && event.target === this.#box;
    if (!asks || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#ask();
  }

  #submit(event) {
    event.preventDefault();
    if (this.#stops) this.onstop();
    else this.#ask();
  }

  #ask() {
    const question = this.#box.value.trim();
    if (!question) return this.focus();
    this.#box.value = "";
    this.#written();
    this.onask(question);
  }

  get #stops() {
    return this.#running && !this.#box.value.trim();
  }

  #written() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
    this.#drawButton();
  }

  #drawButton() {
    const key = this.#stops ? "composer.stop" : "composer.send";
    if (this.#button.dataset.does === key) return;
    this.#button.dataset.does = key;
    this.#button.replaceChildren(icon(this.#stops ? "stop" : "send"));
    say(this.#button, key, {}, "aria-label");
    say(this.#button, key, {}, "title");
  }
}

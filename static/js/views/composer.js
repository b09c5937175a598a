// Where a question is written: Enter asks, Shift+Enter breaks the line, Esc stops what runs, the up-arrow brings
// earlier questions back. A key pressed while an input method is composing (every Chinese word) belongs to it.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { Picker } from "./picker.js";

const AUTOMATIC = "";

export class Composer {
  #box = el("textarea", { id: "question", rows: "1", maxlength: "4000", autocomplete: "off", enterkeyhint: "send" });
  #sources;
  #models;
  #button = el("button.send", { type: "submit" });
  #asked;
  #running = null;

  /** `onask(question)`, `onstop()`; `asked` recalls earlier questions, `kept` the choices. */
  constructor({ onask, onstop, asked, kept }) {
    this.onask = onask;
    this.onstop = onstop;
    this.#asked = asked;
    this.#sources = new Picker({ name: "datasource", label: "composer.datasource", iconName: "database", kept });
    this.#models = new Picker({ name: "model", label: "composer.model", iconName: "spark", kept });
    this.node = this.#build();
    this.offer({ datasources: [], providers: [] });
    this.running(false);
  }

  get datasource() {
    return this.#sources.value;
  }

  /** `{ provider, model }`, or nothing where there is one model only. */
  get model() {
    return this.#models.value ? JSON.parse(this.#models.value) : {};
  }

  offer({ datasources, providers = [] }) {
    const automatic = { value: AUTOMATIC, key: "composer.automatic" };
    const named = datasources.map(({ name, description }) => ({ value: name, words: name, title: description }));
    this.#sources.offer(named.length === 1 ? named : [automatic, ...named]);
    const models = providers.flatMap(({ name, models: own = [] }) => own.map((model) => choice(name, model)));
    this.#models.offer(models.length > 1 ? models : [], { hideAlone: true });
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

  /** Puts a name where the cursor stands, apart from the words beside it. */
  insert(name) {
    const { value, selectionStart: start, selectionEnd: end } = this.#box;
    const before = /\S$/.test(value.slice(0, start)) ? " " : "";
    const after = /^\S/.test(value.slice(end)) ? " " : "";
    this.focus();
    this.#box.setRangeText(before + name + after, start, end, "end");
    this.#written();
  }

  #build() {
    const label = say(el("label.unseen", { for: "question" }), "composer.label");
    say(this.#box, "composer.placeholder", {}, "placeholder");
    const pickers = el("div.pickers", {}, this.#sources.node, this.#models.node);
    const tools = el("div.composer-tools", {}, pickers, say(el("span.hint"), "composer.hint"), this.#button);
    const form = el("form.composer", { onsubmit: (event) => this.#submit(event) }, label, this.#box, tools);
    form.addEventListener("keydown", (event) => event.isComposing || event.keyCode === 229 || this.#key(event));
    this.#box.addEventListener("input", () => (this.#asked.reset(), this.#written()));
    return form;
  }

  #key(event) {
    if (event.target !== this.#box || event.shiftKey) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "Enter") this.#ask();
    else if (!step || !this.#recall(step)) return;
    event.preventDefault();
  }

  /** Only from the first line up, and from the last line down: elsewhere the arrows move the cursor. */
  #recall(step) {
    const { value, selectionStart: start, selectionEnd: end } = this.#box;
    const beyond = step < 0 ? value.slice(0, start) : value.slice(end);
    if (start !== end || beyond.includes("\n")) return false;
    const question = this.#asked.recall(step, value);
    if (question === null) return false;
    this.#box.value = question;
    this.#written();
    return true;
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

function choice(provider, model) {
  return { value: JSON.stringify({ provider, model }), words: model, title: provider };
}

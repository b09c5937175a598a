// What goes out: where to connect and as whom, ready-made messages, and a box for any other.

import { el } from "/static/js/dom.js";
import { parse } from "./json.js";
import { onLanguage, say } from "./labels.js";

export class SendPane {
  #dialect;
  #acts;
  #token;
  #fields = new Map();
  #samples = el("div.samples", { role: "group" });
  #box;
  #go;
  #warning = say(el("p.note", { hidden: true }), "send.not_json");
  #state = el("span");
  #dot = el("span.dot", { "aria-hidden": "true" });
  #buttons;

  /** `acts`: `connect()`, `cut()`, `resume()`, `cancel()`, `send(words)`, `known()`. `token`: `{ value }`. */
  constructor(dialect, acts, token) {
    this.#dialect = dialect;
    this.#acts = acts;
    this.#token = token;
    this.#box = el("textarea.message", { id: `message-${dialect.name}`, rows: "9", spellcheck: "false" });
    this.#box.addEventListener("input", () => this.#check());
    this.#box.addEventListener("keydown", (event) => this.#press(event));
    this.#go = say(el("button.primary", { type: "button", onclick: () => this.#send() }), "send.go");
    this.#buttons = this.#buildButtons();
    this.node = this.#build();
    onLanguage(() => this.#offer());
    this.state({ state: "idle", params: {} });
  }

  /** Whose values an address is made of. */
  get fields() {
    return Object.fromEntries([...this.#fields].map(([name, input]) => [name, input.value.trim()]));
  }

  /** A session's name that the server gave, where none was written. */
  fill(name, value) {
    const input = this.#fields.get(name);
    if (input && !input.value) input.value = value;
  }

  state({ state, params }) {
    const isOpen = state === "open" || state === "streaming";
    this.node.dataset.state = state;
    say(this.#state, `state.${state}`, params);
    this.#buttons.connect.hidden = !this.#dialect.isSocket || isOpen;
    this.#buttons.cut.hidden = !isOpen;
    this.#buttons.cancel.hidden = this.#dialect.isSocket || !isOpen;
    this.#buttons.resume.disabled = isOpen || this.#acts.known().sequence === undefined;
    this.#go.disabled = this.#dialect.isSocket && !isOpen;
  }

  #buildButtons() {
    const made = (key, kind = "quiet") =>
      say(el(`button.${kind}`, { type: "button", "data-act": key, onclick: () => this.#acts[key]() }), `send.${key}`);
    const resume = made("resume");
    resume.hidden = !this.#dialect.canResume;
    return { connect: made("connect", "primary"), cut: made("cut"), resume, cancel: made("cancel") };
  }

  #build() {
    const { connect, cut, resume, cancel } = this.#buttons;
    const line = el("p.state", { role: "status" }, this.#dot, this.#state);
    const label = say(el("label", { for: this.#box.id }), "send.message");
    const send = el("div.send-line", {}, say(el("span.note"), "send.hint"), this.#go);
    say(this.#samples, "send.samples", {}, "aria-label");
    return el(
      "section.pane.send",
      {},
      el("div.pane-head", {}, say(el("h2"), "send.title"), line),
      this.#buildFields(),
      el("div.buttons", {}, connect, cut, resume, cancel),
      say(el("h3"), "send.samples"),
      this.#samples,
      label,
      this.#box,
      this.#warning,
      send,
    );
  }

  #buildFields() {
    const fields = this.#dialect.fields.map(({ name, key, value, choices }) => this.#field(name, key, value, choices));
    const token = el("input.field", { type: "password", autocomplete: "off", value: this.#token.value });
    token.addEventListener("change", () => (this.#token.value = token.value.trim()));
    const address = el("code.address", {}, this.#dialect.path);
    const label = el("label.labelled", {}, say(el("span"), "send.token"), token);
    return el("details.fields", {}, el("summary", {}, address), ...fields, label);
  }

  #field(name, key, value, choices) {
    const input = choices
      ? el("select.field", {}, ...choices.map((choice) => el("option", { value: choice }, choice)))
      : el("input.field", { spellcheck: "false", value });
    if (choices) input.value = value;
    this.#fields.set(name, input);
    return el("label.labelled", {}, say(el("span"), key), input);
  }

  #offer() {
    const made = ([key, message]) => {
      const show = () => this.#write(message(this.#acts.known(), this.fields));
      return say(el("button.sample", { type: "button", "data-sample": key, onclick: show }), `sample.${key}`);
    };
    const samples = Object.entries(this.#dialect.samples);
    if (!this.#samples.children.length) this.#samples.append(...samples.map(made));
    if (!this.#touched) this.#write(samples[0][1](this.#acts.known(), this.fields), false);
  }

  #touched = false;

  #write(message, touched = true) {
    this.#touched = touched;
    this.#box.value = typeof message === "string" ? message : JSON.stringify(message, null, 2);
    this.#check();
    if (touched) this.#box.focus();
  }

  #check() {
    this.#warning.hidden = this.#box.value === "" || parse(this.#box.value) !== undefined;
  }

  #press(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    if (!this.#go.disabled) this.#send();
  }

  /** JSON goes out on one line, as programs send it; anything else as it stands. */
  #send() {
    const value = parse(this.#box.value);
    this.#acts.send(value === undefined ? this.#box.value : JSON.stringify(value));
  }
}

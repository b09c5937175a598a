// The sessions that one is in, those used last first, and the ways into others.

import { el, onNextFrame } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { labels, quote, say } from "../texts.js";
import { avatar } from "./avatar.js";
import { time } from "./clock.js";

const ID = /^[A-Za-z0-9_.:@+~-]{1,128}$/;
const SHORT = 120;

export class SessionList {
  #talk;
  #list = el("ul.sessions");
  #none = say(el("p.note"), "list.none");
  #fault = el("p.field-fault", { id: "join-fault", role: "alert", hidden: true });
  #box = el("input.field", { id: "join-id", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": "join-fault" });
  #draw = onNextFrame(() => this.#show());

  /** `onnew()`, and `onjoin(id)`. */
  constructor(talk, { onnew, onjoin }) {
    this.#talk = talk;
    this.onjoin = onjoin;
    const fresh = el("button.primary", { type: "button", id: "new", onclick: onnew }, icon("plus"), say(el("span"), "list.new"));
    say(this.#box, "list.id", {}, "placeholder");
    say(this.#box, "list.id", {}, "aria-label");
    const join = say(el("button.quiet", { type: "submit" }), "list.join");
    const form = el("form.join", { novalidate: true, onsubmit: (event) => this.#join(event) }, this.#box, join);
    const title = say(el("h2", { id: "list-title" }), "list.title");
    this.node = el("nav.list", { "aria-labelledby": "list-title" }, el("div.list-head", {}, title, fresh), form, this.#fault, this.#none, this.#list);
    labels.onLanguage(() => this.#draw());
  }

  update() {
    this.#draw();
  }

  #join(event) {
    event.preventDefault();
    const id = this.#box.value.trim();
    const isRight = ID.test(id);
    this.#fault.hidden = isRight;
    this.#box.setAttribute("aria-invalid", String(!isRight));
    if (!isRight) return say(this.#fault, "list.wrong");
    this.#box.value = "";
    quote(this.#fault, "");
    this.onjoin(id);
  }

  #show() {
    const rooms = [...this.#talk.rooms.values()];
    const used = (room) => room.last?.at ?? Infinity;
    rooms.sort((some, other) => (used(some) === used(other) ? 0 : used(other) - used(some)));
    this.#none.hidden = rooms.length > 0;
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.#list.replaceChildren(...rooms.map((room) => this.#row(room)));
    if (focused) this.#list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(room) {
    const { id, unread, last } = room;
    const head = el("span.session-head", {}, el("b", {}, id), last ? time(last.at) : null);
    const foot = el("span.session-foot", {}, this.#lately(room));
    if (unread) foot.append(el("span.badge", {}, el("span", { "aria-hidden": "true" }, String(unread)), say(el("span.unseen"), "list.unread", { n: unread })));
    const isHere = room === this.#talk.active;
    const words = el("span.session-words", {}, head, foot);
    const attributes = { type: "button", "data-id": id, "aria-current": isHere ? "true" : null, onclick: () => this.onjoin(id) };
    return el("li", {}, el("button.session", attributes, avatar(id), words));
  }

  #lately({ last, typing }) {
    const node = el("span.lately");
    if (typing.length) return say(node, "typing.one", { names: typing.join(labels.text("names.and")) });
    if (!last) return say(node, "list.empty");
    if (last.kind === "said") return quote(node, `${last.userId}: ${last.content.slice(0, SHORT)}`);
    if (last.status === "started" || last.status === "processing") return say(node, "list.answering");
    return quote(node, `${labels.text("message.assistant")}: ${(last.content ?? "").slice(0, SHORT)}`);
  }
}

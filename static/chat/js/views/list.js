// The sessions that one is in, those used last first, and the ways into others.

import { el, onNextFrame } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { labels, quote, say } from "../texts.js";
import { avatar } from "./avatar.js";
import { time } from "./clock.js";

/** What a session may be called. */
export const ID = /^[A-Za-z0-9_.:@+~-]{1,128}$/;
const SHORT = 120;
const AS_WRITTEN = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

export class SessionList {
  #talk;
  #list = el("ul.sessions");
  #none = say(el("p.note"), "list.none");
  #fault = el("p.field-fault", { id: "join-fault", role: "alert", hidden: true });
  #box = el("input.field", { id: "join-id", ...AS_WRITTEN, "aria-describedby": "join-fault" });
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
    const head = el("div.list-head", {}, title, fresh);
    this.node = el("nav.list", { "aria-labelledby": "list-title" }, head, form, this.#fault, this.#none, this.#list);
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
    rooms.sort((some, other) => other.usedAt - some.usedAt);
    this.#none.hidden = rooms.length > 0;
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    this.#list.replaceChildren(...rooms.map((room) => this.#row(room)));
    if (focused) this.#list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(room) {
    const { id, unread, last } = room;
    const head = el("span.session-head", {}, el("b", {}, id), last || room.title ? time(room.usedAt) : null);
    const foot = el("span.session-foot", {}, this.#lately(room));
    if (unread) foot.append(badge(unread));
    const isHere = room === this.#talk.active;
    const words = el("span.session-words", {}, head, foot);
    const attributes = { type: "button", "data-id": id, "aria-current": isHere ? "true" : null, onclick: () => this.onjoin(id) };
    return el("li", {}, el("button.session", attributes, avatar(id), words));
  }

  #lately({ last, typing, title }) {
    const node = el("span.lately");
    if (typing.length) return say(node, "typing.one", { names: typing.join(labels.text("names.and")) });
    if (!last) return title ? quote(node, title) : say(node, "list.empty");
    if (last.kind === "said") return quote(node, `${last.userId}: ${last.content.slice(0, SHORT)}`);
    if (last.status === "started" || last.status === "processing") return say(node, "list.answering");
    return quote(node, `${labels.text("message.assistant")}: ${gist(last)}`);
  }
}

function badge(unread) {
  const digits = el("span", { "aria-hidden": "true" }, String(unread));
  return el("span.badge", {}, digits, say(el("span.unseen"), "list.unread", { n: unread }));
}

/** What an answer says, without its code and its marks. */
function gist({ content, status }) {
  const words = content?.split("```")[0].replace(/\*\*|`/g, "").trim().slice(0, SHORT);
  return words || labels.text(`gist.${status}`);
}

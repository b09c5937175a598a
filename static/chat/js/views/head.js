// The line above a session: its name, who is in it, and what can be done with it.

import { el } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { labels, quote, say } from "../texts.js";
import { avatar } from "./avatar.js";

const SURE_MS = 4000;
const TOLD_MS = 1600;

export class Head {
  #me = () => "";
  #name = el("h2", { id: "room-name" });
  #count = el("span.note");
  #members = el("ul.members");
  #share;
  #leave;
  #drawn = "";

  /** `me()`; `onback()`, `onshare()` and `onleave()`. */
  constructor({ me, onback, onshare, onleave }) {
    this.#me = me;
    const back = el("button.quiet.square.back", { type: "button", onclick: onback }, turned(icon("down")));
    say(back, "room.back", {}, "aria-label");
    this.#share = el("button.quiet", { type: "button", id: "share", onclick: onshare }, icon("plus"), say(el("span"), "room.share"));
    this.#leave = say(el("button.quiet", { type: "button", id: "leave" }), "room.leave");
    this.#leave.addEventListener("click", () => this.#ask(onleave));
    say(this.#members, "room.members", {}, "aria-label");
    const title = el("div.room-title", {}, el("div.room-name", {}, this.#name, copyId(() => this.#name.textContent)), this.#count);
    this.node = el("header.room-head", {}, back, title, this.#members, el("div.room-tools", {}, this.#share, this.#leave));
  }

  show(room) {
    quote(this.#name, room.id);
    this.#name.title = room.id;
    this.#share.hidden = room.isForeign || room.state !== "in";
    if (room.state === "in") say(this.#count, "room.count", { n: room.online.length });
    else say(this.#count, `room.${room.state}`, { why: room.fault });
    this.#count.dataset.kind = room.state === "refused" ? "bad" : "";
    this.#showMembers(room);
  }

  #showMembers({ id, people, online }) {
    const names = [...people].sort((some, other) => online.includes(other) - online.includes(some));
    const key = JSON.stringify([id, names, online]);
    if (this.#drawn === key) return;
    this.#drawn = key;
    this.#members.replaceChildren(...names.map((name) => this.#member(name, online.includes(name))));
  }

  #member(name, isOnline) {
    const words = el("span.member-name");
    if (name === this.#me()) say(words, "room.you", { name });
    else words.textContent = name;
    const state = say(el("span.unseen"), isOnline ? "room.online" : "room.offline", { name });
    words.setAttribute("aria-hidden", "true");
    return el("li.member", { "data-online": String(isOnline), title: name }, avatar(name), words, state);
  }

  /** The first click asks, the second does. */
  #ask(act) {
    if (this.#leave.classList.contains("asked")) {
      this.#rest();
      return act();
    }
    this.#leave.classList.add("asked");
    say(this.#leave, "room.sure");
    setTimeout(() => this.#rest(), SURE_MS);
  }

  #rest() {
    this.#leave.classList.remove("asked");
    say(this.#leave, "room.leave");
  }
}

function copyId(words) {
  const told = el("span.unseen", { role: "status" });
  const button = el("button.quiet.square", { type: "button", id: "copy-id" }, icon("copy"), told);
  say(button, "room.copy", {}, "aria-label");
  say(button, "room.copy", {}, "title");
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(words());
    button.replaceChildren(icon("check"), told);
    told.textContent = labels.text("room.copied");
    setTimeout(() => (button.replaceChildren(icon("copy"), told), (told.textContent = "")), TOLD_MS);
  });
  return button;
}

function turned(node) {
  node.classList.add("turned");
  return node;
}

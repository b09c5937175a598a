// What somebody said, and, for what we said ourselves, what became of it. People's words are shown as they are.

import { el } from "/static/js/dom.js";
import { labels, quote, say } from "../texts.js";
import { avatar } from "./avatar.js";
import { clock } from "./clock.js";

const TROUBLED = new Set(["failed", "unsure", "waiting"]);

export class SaidView {
  #entry;
  #isMine;
  #time = el("time");
  #status = el("span.status");
  #fault = el("p.outcome", { "data-kind": "bad", hidden: true });
  #tools;

  /** `onagain()` says it again, `ondrop()` removes it. */
  constructor(entry, { isMine, onagain, ondrop }) {
    [this.#entry, this.#isMine] = [entry, isMine];
    const again = say(el("button.quiet", { type: "button", "data-action": "again", onclick: onagain }), "message.again");
    const drop = say(el("button.quiet", { type: "button", "data-action": "drop", onclick: ondrop }), "message.drop");
    this.#tools = el("span.message-tools", { hidden: true }, again, drop);
    this.again = again;
    const name = isMine ? say(el("b"), "message.you") : el("b", {}, entry.userId);
    const who = el("p.who", {}, name, this.#time);
    const bubble = el("p.bubble.words", {}, entry.content);
    const foot = el("p.foot", {}, this.#status, this.#tools);
    const main = el("div.message-main", {}, who, bubble, this.#fault, foot);
    this.node = el("li.message", { "data-role": isMine ? "mine" : "other" }, avatar(entry.userId), main);
    this.update();
  }

  update() {
    const { id, at, status, fault, unanswered } = this.#entry;
    this.node.dataset.id = id;
    this.node.dataset.status = status;
    clock(this.#time, at);
    this.#fault.hidden = !unanswered;
    if (unanswered) say(this.#fault, "status.unanswered", { why: unanswered });
    if (!this.#isMine) return quote(this.#status, "");
    const names = (this.#entry.readers ?? []).join(labels.text("names.and"));
    say(this.#status, `status.${status}`, { names, why: fault ?? "" });
    this.#tools.hidden = !TROUBLED.has(status);
    this.again.hidden = status === "waiting";
  }
}

// All that was said in a session, the latest at the end. The view follows what arrives unless the reader scrolled
// away. Of a long session only the end is there until more is asked for.

import { el } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { say } from "../texts.js";
import { AnswerView } from "./answer.js";
import { SaidView } from "./said.js";

const NEAR_PX = 80;
const PAGE = 40;

export class Thread {
  #talk;
  #room = null;
  #views = new Map();
  #hidden = [];
  #isFollowing = true;
  #list = el("ol.messages");
  #none = say(el("p.note.begin"), "room.begin");
  #earlier = el("button.quiet.earlier", { type: "button", hidden: true });
  #latest = el("button.quiet.latest", { type: "button", hidden: true }, icon("down"));
  #scroll;
  #listen = ({ detail }) => this.#change(detail);

  constructor(talk) {
    this.#talk = talk;
    this.#latest.append(say(el("span"), "room.latest"));
    this.#latest.addEventListener("click", () => this.#follow());
    this.#earlier.addEventListener("click", () => this.#showEarlier());
    const content = el("div.thread-content", {}, this.#earlier, this.#none, this.#list);
    this.#scroll = el("div.thread", { tabindex: "0", role: "region" }, content);
    say(this.#scroll, "room.members", {}, "aria-label");
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const grown = new ResizeObserver(() => this.#isFollowing && this.#toEnd());
    grown.observe(content);
    grown.observe(this.#scroll);
    this.node = el("div.thread-frame", {}, this.#scroll, this.#latest);
  }

  show(room) {
    if (room === this.#room) return;
    this.#room?.removeEventListener("entry", this.#listen);
    this.#room = room;
    this.#views.clear();
    this.#list.replaceChildren();
    if (!room) return;
    say(this.#scroll, "room.thread", { name: room.id }, "aria-label");
    room.addEventListener("entry", this.#listen);
    const entries = [...room.entries.values()];
    this.#hidden = entries.slice(0, -PAGE);
    for (const entry of entries.slice(-PAGE)) this.#list.append(this.#view(entry).node);
    this.#tellEarlier();
    this.#follow();
  }

  #change({ entry, isNew, isGone }) {
    if (isGone) {
      this.#views.get(entry)?.node.remove();
      this.#views.delete(entry);
    } else if (isNew) this.#list.append(this.#view(entry).node);
    else this.#views.get(entry)?.update();
    if (isNew && entry.userId === this.#talk.me) this.#follow();
    this.#tellEarlier();
  }

  #view(entry) {
    const view = this.#made(entry);
    this.#views.set(entry, view);
    return view;
  }

  #made(entry) {
    const [talk, room] = [this.#talk, this.#room];
    if (entry.kind === "event") return eventLine(entry);
    if (entry.kind === "answer") return new AnswerView(entry, { oncancel: talk.mayCancel(room, entry) ? () => talk.cancel(entry) : null });
    return new SaidView(entry, {
      isMine: entry.userId === talk.me,
      onagain: () => talk.again(room, entry),
      ondrop: () => room.remove(entry),
    });
  }

  #showEarlier() {
    const from = this.#scroll.scrollHeight - this.#scroll.scrollTop;
    const shown = this.#hidden.splice(-PAGE);
    this.#isFollowing = false;
    this.#list.prepend(...shown.map((entry) => this.#view(entry).node));
    this.#tellEarlier();
    this.#scroll.scrollTop = this.#scroll.scrollHeight - from;
    if (this.#earlier.hidden) this.#scroll.focus({ preventScroll: true });
  }

  #tellEarlier() {
    this.#earlier.hidden = this.#hidden.length === 0;
    say(this.#earlier, "room.earlier", { n: this.#hidden.length });
    this.#none.hidden = this.#room.entries.size > 0;
  }

  #follow() {
    this.#isFollowing = true;
    this.#latest.hidden = true;
    this.#toEnd();
  }

  #toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    this.#isFollowing = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    this.#latest.hidden = this.#isFollowing;
  }
}

function eventLine({ event, userId }) {
  return { node: say(el("li.event"), `event.${event}`, { name: userId }), update: () => undefined };
}

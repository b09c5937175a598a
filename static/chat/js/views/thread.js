// All that was said in a session, the latest at the end. The view follows what arrives unless the reader scrolled
// away. Of a long session only the end is there until more is asked for: of what is known, and then of the server.

import { el } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { say } from "../texts.js";
import { AnswerView } from "./answer.js";
import { SaidView } from "./said.js";

const NEAR_PX = 80;
const PAGE = 40;
const EARLIER = { loading: "room.loading", failed: "room.again" };

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
  #arrange = () => this.#arranged();
  #tell = () => this.#tellEarlier();

  constructor(talk) {
    this.#talk = talk;
    this.#latest.append(say(el("span"), "room.latest"));
    this.#latest.addEventListener("click", () => this.#follow());
    this.#earlier.addEventListener("click", () => this.#askEarlier());
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
    this.#listenTo(this.#room, "removeEventListener");
    this.#room = room;
    this.#views.clear();
    this.#list.replaceChildren();
    if (!room) return;
    say(this.#scroll, "room.thread", { name: room.id }, "aria-label");
    this.#listenTo(room, "addEventListener");
    const entries = [...room.entries.values()];
    this.#hidden = entries.slice(0, -PAGE);
    for (const entry of entries.slice(-PAGE)) this.#list.append(this.#view(entry).node);
    this.#tellEarlier();
    this.#follow();
  }

  #listenTo(room, how) {
    room?.[how]("entry", this.#listen);
    room?.[how]("arranged", this.#arrange);
    room?.[how]("changed", this.#tell);
  }

  #change({ entry, isNew, isGone }) {
    if (isGone) {
      this.#drop(entry);
      this.#hidden = this.#hidden.filter((hidden) => hidden !== entry);
    } else if (isNew) this.#list.append(this.#view(entry).node);
    else this.#views.get(entry)?.update();
    if (isNew && entry.userId === this.#talk.me) this.#follow();
    this.#tellEarlier();
  }

  /** What stands there stays, in its new order; of what came ahead of it no more than a page is drawn. */
  #arranged() {
    const entries = [...this.#room.entries.values()];
    const end = Math.max(entries.length - PAGE, 0);
    const first = entries.findIndex((entry) => this.#views.has(entry));
    const from = first < 0 ? end : Math.min(first, end);
    const above = this.#scroll.scrollHeight - this.#scroll.scrollTop;
    this.#hidden = entries.slice(0, from);
    this.#draw(entries.slice(from));
    this.#tellEarlier();
    this.#scroll.scrollTop = this.#scroll.scrollHeight - (this.#isFollowing ? 0 : above);
  }

  #draw(entries) {
    const drawn = new Set(entries);
    for (const entry of [...this.#views.keys()]) if (!drawn.has(entry)) this.#drop(entry);
    let next = this.#list.firstChild;
    for (const entry of entries) {
      this.#views.get(entry)?.update();
      const { node } = this.#views.get(entry) ?? this.#view(entry);
      if (node === next) next = next.nextSibling;
      else this.#list.insertBefore(node, next);
    }
  }

  #drop(entry) {
    this.#views.get(entry)?.node.remove();
    this.#views.delete(entry);
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

  async #askEarlier() {
    const room = this.#room;
    if (room.history === "loading") return;
    if (!this.#hidden.length) await this.#talk.earlier(room);
    if (room === this.#room && this.#hidden.length) this.#showEarlier();
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
    const { history, hasMore, entries } = this.#room;
    const hidden = this.#hidden.length;
    this.#earlier.hidden = hidden === 0 && !hasMore && history !== "failed";
    this.#earlier.setAttribute("aria-busy", String(history === "loading"));
    if (hidden) say(this.#earlier, "room.earlier", { n: hidden });
    else say(this.#earlier, EARLIER[history] ?? "room.more");
    this.#none.hidden = entries.size > 0 || history === "loading";
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

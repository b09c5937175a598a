// What this browser says and hears: commands go out, frames come in and change rooms. It tells `rooms` when the list
// of sessions changed, `said` for what a screen reader should hear, and `notice` for what belongs to no session.
//
// The one rule: nothing is said twice unasked. What was never handed to a connection is sent when there is one; what
// was on its way when the line was cut may have arrived, and is sent again only if its author says so, because the
// server takes a `client_id` that it has seen before for another message.

import { Hearing } from "./hearing.js";
import { randomId, tabId } from "./ids.js";
import { Kept } from "./kept.js";
import { Past } from "./past.js";
import { Room } from "./room.js";

const OPEN = new Set(["started", "processing"]);
const MOST_READ = 20;

export class Talk extends EventTarget {
  me;
  rooms = new Map();
  active = null;
  joins = [];
  #line;
  #http;
  #kept;
  #past;
  #hearing = new Hearing(this);
  #waiting = new Set();

  /** `me` is who we are until the server says so. */
  constructor(line, http, me) {
    super();
    [this.#line, this.#http, this.#past] = [line, http, new Past(http)];
    this.#begin(me);
    line.addEventListener("frame", ({ detail }) => this.#hearing.hear(detail));
    line.addEventListener("state", ({ detail }) => detail.state === "connected" || this.#lose());
    document.addEventListener("visibilitychange", () => document.hidden || this.#read(this.active));
    addEventListener("pagehide", () => this.#keepAll());
  }

  // --- sessions -------------------------------------------------------------------------------------

  /** Enter a session and show it; one that isn't known begins. */
  join(id) {
    const room = this.rooms.get(id) ?? this.#add(new Room({ id }, this.#kept.messages(id)));
    if (room.state === "refused" || room.state === "listed") room.set({ state: "joining", fault: "" });
    if (room.state === "joining") this.enter(room);
    this.#keepList();
    this.show(room);
    return room;
  }

  /** Be in it on this connection, if there is one. */
  enter(room) {
    if (this.#line.send({ type: "join_session", session_id: room.id })) this.joins.push(room.id);
  }

  show(room) {
    this.active = room;
    if (room) this.#read(room);
    if (room?.state === "in" && room.isStale && room.history !== "loading") this.recall(room);
    this.tell("rooms");
  }

  share(room, userId) {
    return this.#line.send({ type: "share_session", session_id: room.id, user_id: userId });
  }

  leave(room) {
    if (room.state === "in") this.#line.send({ type: "leave_session", session_id: room.id });
    this.#forget(room);
    this.show([...this.rooms.values()].find(({ state }) => state !== "listed") ?? null);
  }

  /** We are in it no more, without having left: it was deleted. */
  dismissed(room) {
    this.#forget(room);
    this.show(this.active === room ? null : this.active);
    this.tell("notice", { key: "room.gone", params: { session: room.id } });
  }

  /** A session that somebody let us into. */
  invite(id) {
    if (this.rooms.has(id)) return;
    this.enter(this.#add(new Room({ id, isForeign: true })));
  }

  // --- what was said before -------------------------------------------------------------------------

  /** We are in it from now on, and hear what comes; what came before is asked for where somebody waits for it. */
  entered(room) {
    const isAwaited = room === this.active || [...room.entries.values()].some(isOpen);
    room.isStale = true;
    room.isWhole &&= isAwaited;
    if (isAwaited) this.recall(room);
  }

  async recall(room) {
    const open = [...room.entries.values()].filter(isOpen);
    await this.#past.recall(room, this.me);
    for (const entry of open) if (isOpen(entry) && room.entries.get(entry.id) === entry) this.#inquire(room, entry);
  }

  async earlier(room) {
    await (room.isStale ? this.recall(room) : this.#past.earlier(room));
  }

  // --- messages -------------------------------------------------------------------------------------

  say(room, content) {
    const clientId = randomId();
    const entry = { kind: "said", id: clientId, clientId, userId: this.me, content, at: Date.now(), status: "waiting", tab: tabId() };
    room.add(entry);
    this.#post(room, entry);
  }

  /** Say again what failed, or may not have arrived: it is a message of its own. */
  again(room, entry) {
    room.remove(entry);
    this.say(room, entry.content);
  }

  type(room, isTyping) {
    if (room.state === "in") this.#line.send({ type: "typing", session_id: room.id, is_typing: isTyping });
  }

  cancel(entry) {
    return this.#line.send({ type: "cancel", message_id: entry.id });
  }

  /** Whether we may stop an answer: our own question's, or one in a session that isn't somebody else's. */
  mayCancel(room, { questionId }) {
    return !room.isForeign || room.entries.get(questionId)?.userId === this.me;
  }

  /** The entry that is meant, wherever it is: `[room, entry]`. */
  find(id) {
    for (const room of this.rooms.values()) if (room.entries.has(id)) return [room, room.entries.get(id)];
    return null;
  }

  /** Our message that the server refused without its name: the one that was handed over last. */
  onItsWay() {
    for (const room of [...this.rooms.values()].reverse()) {
      const entry = [...room.entries.values()].findLast(({ status }) => status === "sending");
      if (entry) return [room, entry];
    }
    return null;
  }

  // --- what the hearing tells ------------------------------------------------------------------------

  /** The server has said who we are: sessions are entered again, and what waited is sent. */
  welcome(userId) {
    if (userId !== this.me) this.#begin(userId);
    this.joins = [];
    for (const room of this.rooms.values()) {
      if (room.state === "listed") continue;
      this.enter(room);
      for (const entry of room.entries.values()) if (entry.status === "waiting") this.#post(room, entry);
    }
    this.#list();
  }

  /** Somebody said something: it is read at once where the reader is looking. */
  hearing(room, entry) {
    if (this.#isSeen(room)) this.#tellRead(entry);
    else room.set({ unread: room.unread + 1 });
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  // --- inside ---------------------------------------------------------------------------------------

  #begin(me) {
    this.me = me;
    this.#kept = new Kept(me);
    this.rooms.clear();
    for (const kept of this.#kept.sessions()) {
      const entries = this.#kept.messages(kept.id);
      for (const entry of entries) if (mayHaveArrived(entry)) entry.status = "unsure";
      this.#watch(new Room(kept, entries));
    }
    this.active = this.active ? (this.rooms.get(this.active.id) ?? this.#watch(new Room({ id: this.active.id }))) : null;
    this.tell("rooms");
  }

  /** The sessions that the server knows us in; those that this browser didn't know are entered when chosen. */
  async #list() {
    const me = this.me;
    const sessions = await this.#past.sessions();
    if (me !== this.me) return;
    for (const { id, owner, conversation, ...more } of sessions) {
      const isForeign = owner !== me;
      const room = this.rooms.get(id);
      if (room) room.set({ isForeign, conversation });
      else this.#watch(new Room({ id, isForeign, conversation, isListed: true, ...more }));
    }
    this.tell("rooms");
  }

  #forget(room) {
    this.rooms.delete(room.id);
    this.#kept.forget(room.id);
    this.#keepList();
  }

  #add(room) {
    this.#watch(room);
    this.#keepList();
    this.tell("rooms");
    return room;
  }

  #watch(room) {
    this.rooms.set(room.id, room);
    room.addEventListener("changed", () => this.tell("changed", { room }));
    room.addEventListener("entry", () => this.#keepSoon(room));
    room.addEventListener("arranged", () => this.#keepSoon(room));
    return room;
  }

  #post(room, entry) {
    const { content, clientId } = entry;
    const frame = { type: "send_message", session_id: room.id, content, client_id: clientId };
    if (this.#line.send(frame)) room.change(entry, { status: "sending" });
  }

  #lose() {
    this.joins = [];
    for (const room of this.rooms.values()) {
      if (room.state === "in") room.lose();
      for (const entry of room.entries.values()) if (entry.status === "sending") room.change(entry, { status: "unsure" });
    }
  }

  /** What became of an answer that went on while nobody here could hear it. */
  async #inquire(room, entry) {
    room.change(entry, { hasGap: true });
    const outcome = await this.#http.json(`/text2sql/queries/${encodeURIComponent(entry.id)}`).catch((refusal) => refusal);
    if (!OPEN.has(entry.status)) return;
    const { status, sql, results, error } = outcome;
    if (status === "completed") room.change(entry, { status, sql, results, content: outcome.explanation.explanation });
    else if (status === "failed") room.change(entry, { status, error });
    else if (status === "cancelled") room.change(entry, { status });
    else if (status === 404) room.change(entry, { status: "lost" });
  }

  #isSeen(room) {
    return room === this.active && !document.hidden;
  }

  #read(room) {
    if (!room?.unread || !this.#isSeen(room)) return;
    const others = [...room.entries.values()].filter(({ kind, userId }) => kind === "said" && userId !== this.me);
    others.slice(-Math.min(room.unread, MOST_READ)).forEach((entry) => this.#tellRead(entry));
    room.set({ unread: 0 });
  }

  #tellRead({ kind, id, userId }) {
    if (kind === "said" && userId !== this.me) this.#line.send({ type: "message_read", message_id: id });
  }

  #keepSoon(room) {
    if (this.#waiting.size === 0) setTimeout(() => this.#keepAll(), 500);
    this.#waiting.add(room);
  }

  #keepAll() {
    for (const room of this.#waiting) if (this.rooms.get(room.id) === room) this.#kept.keepMessages(room.id, room.kept());
    this.#waiting.clear();
    this.#keepList();
  }

  #keepList() {
    const entered = [...this.rooms.values()].filter(({ state }) => state !== "listed");
    const used = entered.sort((some, other) => other.usedAt - some.usedAt);
    this.#kept.keepSessions(used.map(({ id, people, isForeign, since }) => ({ id, people, isForeign, since })));
  }
}

function isOpen({ kind, status }) {
  return kind === "answer" && OPEN.has(status);
}

/** What another tab still has to send is that tab's to send. */
function mayHaveArrived({ status, tab: of }) {
  return status === "sending" || (status === "waiting" && of !== tabId());
}

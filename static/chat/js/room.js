// One session as this browser knows it: who is in it, what was said, what is being answered. It tells `changed`
// (the list and the head are to be drawn again), `entry` (`{ entry, isNew, isGone }`), and `arranged`: entries came
// from the server's history, or went.
//
// An entry is what somebody said (`kind: "said"`), an answer, or a line between them (`kind: "event"`).

const TYPING_MS = 6000;
const MOST = 500;

export class Room extends EventTarget {
  entries = new Map();
  online = [];
  people;
  unread = 0;
  draft = "";
  state = "joining";
  fault = "";
  isForeign;
  since;
  title;
  /** What the server calls it, once that is known. */
  conversation;
  /** Whether its history is being asked for: `unknown`, `loading`, `known` or `failed`. */
  history = "unknown";
  /** There is more on the server, ahead of what is here; there may be a gap in it; it may have gone on meanwhile. */
  hasMore = false;
  isWhole = false;
  isStale = true;
  #typing = new Map();

  /** One that is `listed` is entered once it is chosen. */
  constructor({ id, people = [], isForeign = false, since = Date.now(), title = "", conversation, isListed }, entries = []) {
    super();
    Object.assign(this, { id, people, isForeign, since, title, conversation });
    if (isListed) this.state = "listed";
    for (const entry of entries) this.entries.set(entry.id, entry);
  }

  get typing() {
    return [...this.#typing.keys()];
  }

  get last() {
    return [...this.entries.values()].findLast(({ kind }) => kind !== "event");
  }

  /** When it was used last. */
  get usedAt() {
    return this.last?.at ?? this.since;
  }

  /** Where the server's history goes on, ahead of what is here; null where that isn't known. */
  get position() {
    return [...this.entries.values()].find(({ position }) => position !== undefined)?.position ?? null;
  }

  add(entry) {
    this.entries.set(entry.id, entry);
    if (this.entries.size > MOST) {
      this.remove(this.entries.values().next().value);
      this.hasMore = true;
    }
    this.#tell(entry, { isNew: true });
    return entry;
  }

  change(entry, changes) {
    Object.assign(entry, changes);
    this.#tell(entry, {});
  }

  /** All that is known, in order, and what else became known with it. */
  arrange(entries, changes) {
    this.entries = new Map(entries.map((entry) => [entry.id, entry]));
    Object.assign(this, changes);
    this.dispatchEvent(new Event("arranged"));
    this.#changed();
  }

  /** The entry goes on under another id, in the same place. */
  rename(entry, id) {
    const renamed = [...this.entries].map(([known, one]) => (one === entry ? [id, one] : [known, one]));
    entry.id = id;
    this.entries = new Map(renamed);
  }

  remove(entry) {
    this.entries.delete(entry.id);
    this.#tell(entry, { isGone: true });
  }

  /** The answer `id`, begun when it is first heard of. */
  answer(id, questionId) {
    const known = this.entries.get(id);
    if (known) return known;
    const begun = { kind: "answer", id, questionId, at: Date.now(), status: "started", reasoning: "", attempts: [], words: "" };
    return this.add(begun);
  }

  /** Who is in it now; whoever was ever seen in it stays known. */
  arrive(users) {
    this.online = users;
    this.know(...users);
  }

  know(...users) {
    this.people = [...new Set([...this.people, ...users])];
    this.#changed();
  }

  set(changes) {
    Object.assign(this, changes);
    this.#changed();
  }

  type(userId, isTyping) {
    clearTimeout(this.#typing.get(userId));
    if (isTyping) this.#typing.set(userId, setTimeout(() => this.type(userId, false), TYPING_MS));
    else this.#typing.delete(userId);
    this.#changed();
  }

  /** The connection is gone: who is there can't be known. */
  lose() {
    for (const userId of this.typing) this.type(userId, false);
    this.set({ online: [], state: "joining", isStale: true });
  }

  /** What is worth keeping. */
  kept() {
    return [...this.entries.values()].filter(({ kind }) => kind !== "event");
  }

  #changed() {
    this.dispatchEvent(new Event("changed"));
  }

  #tell(entry, how) {
    this.dispatchEvent(new CustomEvent("entry", { detail: { entry, ...how } }));
    this.#changed();
  }
}

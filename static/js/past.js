// The conversation that this tab shows, and the earlier ones: kept as it goes on, opened again, forgotten.

import { recall, remember, revived, rewound } from "./restore.js";
import { snapshotOf } from "./state/snapshot.js";

const KEY = "conversation";
const MOST_KEPT = 50;

export class Past {
  #archive;
  #conversation;
  #kept;
  #http;

  /** `kept` is the tab's memory; `onlist(conversations, current)` shows those that hold `words()`. */
  constructor({ archive, conversation, kept, http, words, onlist }) {
    this.words = words;
    [this.#archive, this.#conversation, this.#kept, this.#http] = [archive, conversation, kept, http];
    this.onlist = onlist;
  }

  get current() {
    return this.#kept.get(KEY);
  }

  /** Ties the questions of a conversation together, so that a later one may refer to an earlier. */
  conversationId() {
    if (!this.current) this.#kept.set(KEY, randomName());
    return this.current;
  }

  /** Call whenever a question begins or ends. */
  async keep() {
    const { queries } = this.#conversation;
    remember(this.#kept, queries);
    if (this.current) await this.#archive.write(this.current, queries.slice(-MOST_KEPT).map(snapshotOf));
    await this.list();
  }

  async list() {
    const words = this.words();
    const found = await this.#archive.list(words);
    if (words === this.words()) this.onlist(found, this.current);
  }

  async rename(id, title) {
    await this.#archive.rename(id, title);
    await this.list();
  }

  /** The next question begins another conversation. */
  async leave() {
    this.#conversation.clear();
    remember(this.#kept, []);
    this.#kept.remove(KEY);
    await this.list();
  }

  async open(id) {
    const snapshots = await this.#archive.read(id);
    const queries = await Promise.all(snapshots.map((each) => revived(each, this.#http)));
    this.#conversation.clear();
    this.#kept.set(KEY, id);
    for (const query of queries) this.#conversation.add(query);
    await this.keep();
  }

  async forget(id) {
    await this.#archive.remove(id);
    await this.list();
  }

  /** After a reload: what was here, and `session` so that the server tells what still runs from its start. */
  async restore(session) {
    const kept = this.current ? await this.#archive.read(this.current) : [];
    const queries = await recall(this.#kept, kept, this.#http);
    const before = rewound(queries);
    if (before !== null) session.rewind(before);
    for (const query of queries) this.#conversation.add(query);
    await this.list();
  }
}

/** `crypto.randomUUID` exists only where the page came over HTTPS or from this machine. */
function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

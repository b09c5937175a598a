// Earlier conversations, kept in this browser (IndexedDB), apart for each user and bounded. Whatever offers
// `list`, `read`, `write`, `rename` and `remove` can take its place.
//
// The one rule: a browser that keeps nothing (private windows, blocked storage) is no fault; there are then no
// earlier conversations.

const MOST = 50;
const TITLE_CHARACTERS = 120;
const LISTED = "conversations";
const TURNS = "turns";

export class LocalArchive {
  #owner;
  #opened = null;

  /** `owner()`: whose conversations they are. */
  constructor(owner) {
    this.#owner = owner;
  }

  /** `[{ id, title, updated }]`, the latest first. */
  async list() {
    const all = await this.#in(LISTED, "readonly", (store) => store.getAll());
    const own = (all ?? []).filter(({ owner }) => owner === this.#owner());
    return own.sort((one, other) => other.updated - one.updated);
  }

  /** The snapshots of a conversation's queries, in their order. */
  async read(id) {
    const found = await this.#in(TURNS, "readonly", (store) => store.get(this.#key(id)));
    return found?.turns ?? [];
  }

  async write(id, turns) {
    if (!turns.length) return;
    const [key, owner] = [this.#key(id), this.#owner()];
    const updated = Math.max(...turns.map(({ askedAt }) => askedAt));
    const summary = { key, owner, id, title: turns[0].question.slice(0, TITLE_CHARACTERS), updated };
    await this.#in(TURNS, "readwrite", (store) => store.put({ key, turns }));
    await this.#in(LISTED, "readwrite", (store) => store.put(summary));
    for (const old of (await this.list()).slice(MOST)) await this.remove(old.id);
  }

  async rename(id, title) {
    const found = await this.#in(LISTED, "readonly", (store) => store.get(this.#key(id)));
    if (found) await this.#in(LISTED, "readwrite", (store) => store.put({ ...found, title }));
  }

  async remove(id) {
    for (const name of [LISTED, TURNS]) await this.#in(name, "readwrite", (store) => store.delete(this.#key(id)));
  }

  #key(id) {
    return `${this.#owner()}/${id}`;
  }

  async #in(name, mode, use) {
    try {
      this.#opened ??= opened();
      const database = await this.#opened;
      return await settled(use(database.transaction(name, mode).objectStore(name)));
    } catch (error) {
      console.info("archive:", error?.message);
      return undefined;
    }
  }
}

function opened() {
  const request = indexedDB.open("text2sql", 1);
  request.onupgradeneeded = () => {
    for (const name of [LISTED, TURNS]) request.result.createObjectStore(name, { keyPath: "key" });
  };
  return settled(request);
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

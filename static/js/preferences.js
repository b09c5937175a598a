// What the reader chose for good: language and appearance, kept in this browser. A browser that keeps nothing
// (private windows, blocked storage) still works, for as long as the page is open.

const PREFIX = "text2sql.";

/** A `Storage` that never throws: what can't be kept is kept in memory. */
class Kept {
  #memory = new Map();
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  get(name) {
    try {
      return this.#storage().getItem(PREFIX + name) ?? this.#memory.get(name) ?? null;
    } catch {
      return this.#memory.get(name) ?? null;
    }
  }

  set(name, value) {
    this.#memory.set(name, value);
    try {
      this.#storage().setItem(PREFIX + name, value);
    } catch {
      // the memory has it
    }
  }

  remove(name) {
    this.#memory.delete(name);
    try {
      this.#storage().removeItem(PREFIX + name);
    } catch {
      // the memory has forgotten it
    }
  }
}

/** For every tab and every visit. */
export const preferences = new Kept(() => localStorage);

/** For this tab, across a reload. */
export const tab = new Kept(() => sessionStorage);

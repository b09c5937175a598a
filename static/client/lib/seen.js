// The names of the queries that a session has had, as far back as the server could remember them.

const MOST = 10_000;

export class Seen {
  #ids = new Set();

  has(id) {
    return this.#ids.has(id);
  }

  add(id) {
    this.#ids.add(id);
    if (this.#ids.size > MOST) this.#ids.delete(this.#ids.values().next().value);
  }
}

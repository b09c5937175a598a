// Requests that the server answers without saying which one it means: they go one at a time, so that every answer
// has one question. Cancels and heartbeats don't come through here; they never wait.

import { TooMuch } from "./errors.js";

const MOST = 100;

export class Lane {
  #send;
  #waiting = [];
  #current = null;

  /** `send(type, data)` returns false where there is no line. */
  constructor(send) {
    this.#send = send;
  }

  /** The request whose answer is awaited, as it was given to `add`. */
  get current() {
    return this.#current;
  }

  /** `request`: `{ type, data, answered(message), refused(error), query? }`. */
  add(request) {
    if (this.#waiting.length >= MOST) throw new TooMuch(`${MOST} requests wait for the server already`);
    this.#waiting.push(request);
    this.advance();
  }

  /** What was sent or waits, in order. */
  get all() {
    return [...(this.#current ? [this.#current] : []), ...this.#waiting];
  }

  /** The awaited answer is here; the next one's turn. */
  settle() {
    const settled = this.#current;
    this.#current = null;
    this.advance();
    return settled;
  }

  /** What was sent may never have arrived: it goes first again. */
  again() {
    if (this.#current) this.#waiting.unshift(this.#current);
    this.#current = null;
    this.advance();
  }

  /** Takes back a query's request that has not been sent. */
  remove(query) {
    this.#waiting = this.#waiting.filter((request) => request.query !== query);
  }

  /** Everything that waits, which is then forgotten. */
  clear() {
    const { all } = this;
    this.#current = null;
    this.#waiting = [];
    return all;
  }

  advance() {
    if (this.#current || !this.#waiting.length) return;
    const [next] = this.#waiting;
    if (!this.#send(next.type, next.data)) return;
    this.#waiting.shift();
    this.#current = next;
  }
}

// Messages between a line that never waits and a reader who takes them one by one. Bounded: progress that newer
// progress outdates is dropped and waiting tokens of a kind travel together, as on the server; what can't be
// joined and passes the bound ends the reading with `TooMuch`.

import { TooMuch } from "./errors.js";

const UNREAD_LIMIT = 2 ** 20;

export class Mailbox {
  #waiting = [];
  #size = 0;
  #limit;
  #isRead = false;
  #wake = null;
  #end = null;

  /** `limit` in characters of JSON; for a reader who has not begun yet, less is kept. */
  constructor(limit) {
    this.#limit = limit;
  }

  /** False when it is full: nothing more is taken in, and the reader will be told. */
  put(message, size) {
    if (this.#end) return false;
    if (!this.#join(message, size)) this.#waiting.push({ message, size });
    this.#size += size;
    if (this.#size > (this.#isRead ? this.#limit : Math.min(this.#limit, UNREAD_LIMIT))) return this.#overflow();
    this.#wake?.();
    return true;
  }

  /** Nothing more comes; whoever reads on meets `error`, or the end. */
  end(error = null) {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The next message, as an iterator's `next` has it. One reader at a time. */
  async next() {
    this.#isRead = true;
    while (!this.#waiting.length) {
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return { done: true, value: undefined };
      await new Promise((resolve) => (this.#wake = resolve));
    }
    const { message, size } = this.#waiting.shift();
    this.#size -= size;
    return { done: false, value: message };
  }

  #overflow() {
    this.#waiting = [];
    this.end(new TooMuch("More messages wait than this client keeps: read them as they come"));
    return false;
  }

  #join(message, size) {
    const last = this.#waiting.at(-1);
    const joined = last?.message.type === message.type && JOINERS[message.type]?.(last.message, message);
    if (!joined) return false;
    last.message = joined;
    last.size += size;
    return true;
  }
}

const JOINERS = {
  query_token(last, message) {
    const isSameRun = last.data.kind === message.data.kind && last.data.attempt === message.data.attempt;
    return isSameRun && { ...message, data: { ...last.data, delta: last.data.delta + message.data.delta } };
  },
  query_progress(last, message) {
    const isOutdated = last.data.progress.stage === message.data.progress.stage && !last.data.progress.details;
    return isOutdated && message;
  },
};

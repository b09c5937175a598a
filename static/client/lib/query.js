// One question: its messages as an async iterator, its answer as a promise, its progress as a snapshot.

import { Emitter, call } from "./emitter.js";
import { QueryCancelled, QueryError } from "./errors.js";
import { Mailbox } from "./mailbox.js";
import { Progress } from "./progress.js";

const CALLBACKS = {
  query_start: "onStart",
  query_progress: "onProgress",
  query_token: "onToken",
  query_sql: "onSql",
  query_result: "onRows",
  query_complete: "onComplete",
};

/** Tells "change", with the message that did it or null. Made by `client.ask` and `query.retry`. */
export class Query extends Emitter {
  #client;
  #progress;
  #mailbox;
  #callbacks;
  #settle;
  #isRead = false;
  cancelRequested = false;
  retryOf = null;

  constructor(client, question, { signal, keepRows, maxBuffered = 32 * 2 ** 20, retryOf = null, ...callbacks } = {}) {
    super();
    this.#client = client;
    this.#progress = new Progress(question, keepRows);
    this.#mailbox = new Mailbox(maxBuffered);
    this.#callbacks = callbacks;
    this.question = question;
    this.retryOf = retryOf;
    /** Resolves to `query_complete`'s data and the `rows` that were kept; rejects as the iterator throws. */
    this.answer = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.answer.catch(() => {}); // who iterates or uses callbacks need not look at it
    this.#obey(signal);
  }

  get id() {
    return this.#progress.id;
  }

  get isOver() {
    return this.#progress.isOver;
  }

  /** All that is known so far, as a plain object; the same one until something changes. */
  snapshot() {
    return this.#progress.snapshot();
  }

  /** Returns at once; the query ends with `QueryCancelled` when the server has stopped it. */
  cancel() {
    this.#client.cancel(this);
  }

  /** A new query that goes on from the stage at which this one failed. */
  retry(options) {
    return this.#client.retry(this, options);
  }

  feedback(feedback) {
    return this.#client.feedback(this.id, feedback);
  }

  /** The server's messages in order, up to `query_complete`. Leaving the loop early cancels the query. */
  [Symbol.asyncIterator]() {
    if (this.#isRead) throw new TypeError("A query's messages can be read once");
    this.#isRead = true;
    return {
      next: () => this.#mailbox.next(),
      return: async (value) => {
        this.cancel();
        return { done: true, value };
      },
    };
  }

  // --- the client's side -------------------------------------------------------------------------------

  /** A message of the server about this query, `size` characters long. */
  take(message, size = 0) {
    if (this.isOver) return;
    this.#progress.take(message);
    this.#deliver(message, size);
    call(this.#callbacks[CALLBACKS[message.type]], message.data, this);
    call(this.#callbacks.onMessage, message, this);
    this.emit("change", message);
    if (message.type === "query_complete") this.#completed(message.data);
    if (message.type === "query_error") this.#failed(new QueryError(message.data));
    if (message.type === "query_cancel") this.#failed(new QueryCancelled(this.id, message.data.cancelled_at));
  }

  /** It was not accepted, or its rest can't come any more. */
  giveUp(error) {
    if (this.isOver) return;
    const told = { error: error.message, code: error.code, title: error.title, suggestion: error.suggestion };
    this.#progress.giveUp(GIVEN_UP[error.code] ?? "failed", told);
    this.emit("change", null);
    this.#failed(error);
  }

  #deliver(message, size) {
    const isFailure = message.type === "query_error" || message.type === "query_cancel";
    if (isFailure || this.#mailbox.put(message, size) || !this.#isRead) return;
    this.cancel();
  }

  #completed(data) {
    this.#mailbox.end();
    this.#settle.resolve({ ...data, rows: this.snapshot().rows });
  }

  #failed(error) {
    this.#mailbox.end(error);
    this.#settle.reject(error);
    call(error instanceof QueryCancelled ? this.#callbacks.onCancel : this.#callbacks.onError, error, this);
  }

  #obey(signal) {
    if (!signal) return;
    if (signal.aborted) queueMicrotask(() => this.cancel());
    const cancel = () => this.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    const forget = () => signal.removeEventListener("abort", cancel);
    this.answer.then(forget, forget);
  }
}

const GIVEN_UP = { LOST: "lost", CONNECTION_FAILED: "lost", AUTHENTICATION_FAILED: "lost", CANCELLED: "cancelled" };


// One client and the latest question asked with it, as a value to render: what React and Vue have in common.
//
// The one rule: however fast messages come, who renders hears at most once a frame.

import { Text2SQLClient } from "./client.js";

const HIDDEN_MS = 100;

export class Store {
  #client;
  #query = null;
  #value;
  #listeners = new Set();
  #asked = false;

  constructor(address, options) {
    this.#client = new Text2SQLClient(address, options);
    this.#client.on("state", () => this.#changed());
    this.#value = this.#look();
  }

  get client() {
    return this.#client;
  }

  /** `{ state, isConnected, query }`; the same object until something changes. */
  value = () => this.#value;

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open() {
    this.#client.connect().catch(() => {}); // `state` says so
  }

  close() {
    this.#client.close();
  }

  /** One question at a time: a new one stops the one before. */
  ask = (question, options) => this.#show(() => this.#client.ask(question, options));

  retry = (options) => this.#query && this.#show(() => this.#query.retry(options));

  cancel = () => this.#query?.cancel();

  feedback = (feedback) => this.#query?.feedback(feedback);

  #show(begin) {
    this.cancel();
    const query = begin();
    this.#query = query;
    query.on("change", () => this.#query === query && this.#changed());
    this.#changed();
    return query;
  }

  #changed() {
    if (this.#asked) return;
    this.#asked = true;
    soon(() => {
      this.#asked = false;
      this.#value = this.#look();
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #look() {
    const { state, isConnected } = this.#client;
    return { state, isConnected, query: this.#query?.snapshot() ?? null };
  }
}

/** With the next frame; a page that nobody looks at has none, and is still kept up to date. */
export function soon(callback) {
  if (globalThis.document?.hidden ?? true) setTimeout(callback, HIDDEN_MS);
  else requestAnimationFrame(callback);
}

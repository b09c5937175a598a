// Who listens to what. One listener's mistake is reported as the page's errors are, and keeps nobody else waiting.

export class Emitter {
  #listeners = new Map();

  /** Returns a function that ends it. */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.off(type, listener);
  }

  /** Without a listener, all of that type. */
  off(type, listener) {
    if (listener) this.#listeners.get(type)?.delete(listener);
    else this.#listeners.delete(type);
  }

  emit(type, ...args) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) call(listener, ...args);
  }
}

export function call(listener, ...args) {
  try {
    listener?.(...args);
  } catch (error) {
    reportError(error);
  }
}

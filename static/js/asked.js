// The reader's own questions, for the up-arrow to bring back: the latest hundred, each once, apart for each user.

const MOST = 100;

export class Asked {
  #kept;
  #owner;
  #at = null;
  #draft = "";

  /** `kept` has `get` and `set`, such as `preferences`; `owner()` is whose questions they are. */
  constructor(kept, owner) {
    this.#kept = kept;
    this.#owner = owner;
  }

  add(question) {
    const others = this.#all().filter((known) => known !== question);
    this.#kept.set(this.#key, JSON.stringify([...others, question].slice(-MOST)));
    this.#at = null;
  }

  /** The question before (`step` -1) or after (1) the one that was recalled last; past the newest, the `draft`. */
  recall(step, draft) {
    const all = this.#all();
    if (this.#at === null) [this.#at, this.#draft] = [all.length, draft];
    const next = this.#at + step;
    if (next < 0 || next > all.length) return null;
    this.#at = next;
    return next === all.length ? this.#draft : all[next];
  }

  /** What was recalled has been changed: the next recall starts from the newest again. */
  reset() {
    this.#at = null;
  }

  get #key() {
    return `asked.${this.#owner()}`;
  }

  #all() {
    return JSON.parse(this.#kept.get(this.#key) ?? "[]");
  }
}

// A conversation as bubbles: what people said, what assistants say as it comes, and small lines between them. What
// `chat` and `scm` have in common.

import { el } from "/static/js/dom.js";

const MOST = 200;

export class Bubbles {
  #bubbles = new Map();
  node = el("div.bubbles");

  /** The bubble `id`, made when it is first asked for. `role`: "you", "other" or "assistant". */
  bubble(id, role, name) {
    let bubble = this.#bubbles.get(id);
    if (!bubble) {
      bubble = new Bubble(role, name);
      this.#bubbles.set(id, bubble);
      this.#add(bubble.node);
    }
    return bubble;
  }

  /** The same bubble under the name that it got meanwhile. */
  rename(from, to) {
    const bubble = this.#bubbles.get(from);
    if (bubble) this.#bubbles.set(to, bubble);
    this.#bubbles.delete(from);
    return bubble;
  }

  find(id) {
    return this.#bubbles.get(id);
  }

  line(words, kind = "") {
    this.#add(el("p.line", { "data-kind": kind }, words));
  }

  #add(node) {
    this.node.append(node);
    if (this.node.children.length > MOST) this.node.firstChild.remove();
    if (this.#bubbles.size > MOST) this.#bubbles.delete(this.#bubbles.keys().next().value);
  }
}

class Bubble {
  #words = el("div.words");
  #note = el("p.bubble-note");
  #more = el("div");
  #written = "";

  constructor(role, name) {
    this.node = el("div.bubble", { "data-role": role }, el("p.who", {}, name), this.#words, this.#more, this.#note);
  }

  write(delta) {
    this.#written += delta;
    this.#words.textContent = this.#written;
  }

  replace(words) {
    this.#written = "";
    this.write(words);
  }

  note(words, kind = "") {
    this.#note.textContent = words;
    this.node.dataset.kind = kind;
  }

  show(node) {
    this.#more.replaceChildren(node);
  }
}

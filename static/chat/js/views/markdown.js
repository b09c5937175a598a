// Markdown that models write, as nodes: prose, and fenced code, which is SQL here. Markup in it stays the
// characters that it is.

import { el } from "/static/js/dom.js";
import { Highlighted } from "/static/js/views/highlighted.js";
import { Prose } from "/static/js/views/prose.js";
import { say } from "../texts.js";

const FENCE = /(?:^|\n)(`{3,})[^\S\n]*(\w*)[^\S\n]*\n([\s\S]*?)(?:\n\1(?=\n|$)|$)/g;

/** Nodes for words that are whole. */
export function markdown(words) {
  return [...segments(words)].map(([kind, text]) => begun(kind, text).node);
}

/** Words that grow, at the end of a node: of what stands there only the last part is drawn on. */
export class Markdown {
  #into;
  #parts = [];

  constructor(into) {
    this.#into = into;
  }

  /** Where the words begin, or null. */
  get first() {
    return this.#parts[0]?.node ?? null;
  }

  show(words) {
    const found = [...segments(words)];
    found.forEach(([kind, text], at) => {
      if (this.#parts[at]?.kind === kind) return this.#parts[at].show(text);
      this.#cut(at);
      this.#parts.push(begun(kind, text));
      this.#into.append(this.#parts[at].node);
    });
    this.#cut(found.length);
  }

  #cut(length) {
    for (const { node } of this.#parts.splice(length)) node.remove();
  }
}

export function code(sql) {
  return begun("code", sql).node;
}

/** Around a statement that may still be written. */
export function codeBox(highlighted) {
  const node = el("pre.sql", { tabindex: "0", role: "group" }, highlighted.node);
  return say(node, "answer.sql", {}, "aria-label");
}

function* segments(words) {
  let from = 0;
  for (const match of words.matchAll(FENCE)) {
    yield* spoken(words.slice(from, match.index));
    yield ["code", match[3]];
    from = match.index + match[0].length;
  }
  yield* spoken(words.slice(from));
}

function* spoken(words) {
  if (words.trim()) yield ["prose", words.trim()];
}

function begun(kind, text) {
  const view = kind === "code" ? new Highlighted() : new Prose();
  view.show(text);
  return { kind, node: kind === "code" ? codeBox(view) : view.node, show: (more) => view.show(more) };
}

// A model's words as paragraphs, lists, emphasis and code: the little Markdown that models write by habit.
// Links, images and markup stay the characters they are. Words that grow redraw only their last block.

import { el } from "../dom.js";

const INLINE = /\*\*([^*\n]+)\*\*|`([^`\n]+)`/g;
const BULLET = /^\s*(?:[-*•]|\d+[.)、])\s+/;
const BLANK = /\n\s*\n/g;

export class Prose {
  node = el("div.prose");
  #shown = "";
  #settled = 0;
  #kept = 0;

  show(words) {
    if (words === this.#shown) return;
    if (!words.startsWith(this.#shown)) this.#restart();
    this.#shown = words;
    while (this.node.childNodes.length > this.#kept) this.node.lastChild.remove();
    for (const [block, isLast] of this.#blocks(words)) {
      this.node.append(...(block.trim() ? [rendered(block)] : []));
      if (!isLast) this.#kept = this.node.childNodes.length;
    }
  }

  #restart() {
    [this.#settled, this.#kept] = [0, 0];
  }

  /** The blocks from the first that may still change; what lies before them is settled. */
  *#blocks(words) {
    let from = this.#settled;
    BLANK.lastIndex = from;
    for (let gap = BLANK.exec(words); gap; gap = BLANK.exec(words)) {
      yield [words.slice(from, gap.index), false];
      this.#settled = from = gap.index + gap[0].length;
    }
    yield [words.slice(from), true];
  }
}

function rendered(block) {
  return isList(block) ? list(block) : el("p", {}, ...inline(block.trim()));
}

function isList(block) {
  return block.trim().split("\n").every((line) => BULLET.test(line));
}

function list(block) {
  const lines = block.trim().split("\n");
  return el("ul", {}, ...lines.map((line) => el("li", {}, ...inline(line.replace(BULLET, "")))));
}

function inline(words) {
  const nodes = [];
  let from = 0;
  for (const match of words.matchAll(INLINE)) {
    nodes.push(words.slice(from, match.index));
    nodes.push(match[1] ? el("strong", {}, match[1]) : el("code", {}, match[2]));
    from = match.index + match[0].length;
  }
  return [...nodes, words.slice(from)];
}

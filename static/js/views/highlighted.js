// SQL in colours, made for SQL that is still being written: only what changed is drawn again, and it stands in
// blocks of some lines each, so that what arrives lays out the last of them and not the whole statement.

import { el } from "../dom.js";
import { tokens } from "../sql_tokens.js";

const ENOUGH = 1000;
const MOST = 4000;

/** `node` is a code element for a `<pre>`; its text is always exactly what was shown last. */
export class Highlighted {
  text = "";
  node = el("code");
  #blocks = [];

  show(text) {
    if (text === this.text) return;
    const from = this.#keep(sameLength(this.text, text));
    for (const token of tokens(text, from)) this.#add(token);
    this.text = text;
  }

  /** Takes away all that begins or ends after the first `same` characters; returns where the rest begins. */
  #keep(same) {
    for (let block = this.#blocks.at(-1); block; block = this.#blocks.at(-1)) {
      if (block.dropFrom(same)) return block.end;
      block.node.remove();
      this.#blocks.pop();
    }
    return 0;
  }

  /** White space is two tokens where a block ends between them. */
  #add({ kind, text, start }) {
    const last = this.#blocks.at(-1);
    const cut = kind === "space" && last?.length >= ENOUGH ? text.indexOf("\n") + 1 : 0;
    const block = last && !last.isFull ? last : this.#begun(start);
    if (cut === 0) return block.put(kind, text);
    block.put(kind, text.slice(0, cut));
    block.isFull = true;
    if (cut < text.length) this.#begun(start + cut).put(kind, text.slice(cut));
  }

  #begun(start) {
    const block = new Block(start);
    this.#blocks.push(block);
    this.node.append(block.node);
    return block;
  }
}

/** Some lines: `ends` has the end of each token, which are the node's children. */
class Block {
  node = el("span.lines");
  isFull = false;
  #start;
  #ends = [];

  constructor(start) {
    this.#start = start;
  }

  get end() {
    return this.#ends.at(-1) ?? this.#start;
  }

  get length() {
    return this.end - this.#start;
  }

  put(kind, text) {
    this.#ends.push(this.end + text.length);
    this.node.append(el(`span.sql-${kind}`, {}, text));
    // A statement may be one endless line, a list of numbers without a space.
    this.isFull ||= this.length >= MOST && /^[\s,]/.test(text);
  }

  /** False if no token is left. */
  dropFrom(position) {
    while (this.#ends.length && this.#ends.at(-1) >= position) {
      this.#ends.pop();
      this.node.lastChild.remove();
      this.isFull = false;
    }
    return this.#ends.length > 0;
  }
}

function sameLength(before, after) {
  if (after.startsWith(before)) return before.length;
  let length = 0;
  while (length < after.length && before[length] === after[length]) length += 1;
  return length;
}

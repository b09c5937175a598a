// Text that grows: it stands in blocks of bounded length, so that what arrives lays out the last block again and
// nothing of what stands there already.

import { h } from "./dom.js";

const ENOUGH = 1000;
const MOST = 4000;

export class Growing {
  #node;
  #shown = "";
  #block = null;
  #length = 0;

  /** `node` keeps line breaks (`white-space`), and shows `.lines` as blocks. */
  constructor(node) {
    this.#node = node;
  }

  /** Where `text` only goes on, what is selected stays selected. */
  show(text) {
    if (text === this.#shown) return;
    if (!text.startsWith(this.#shown)) this.#restart();
    for (const [line] of text.slice(this.#shown.length).matchAll(LINES)) this.#append(line);
    this.#shown = text;
  }

  #restart() {
    this.#node.replaceChildren();
    this.#shown = "";
    this.#block = null;
  }

  /** A block ends with a line; a line without an end is cut. */
  #append(line) {
    if (!this.#block) {
      this.#block = document.createTextNode("");
      this.#length = 0;
      this.#node.append(h("span.lines", {}, this.#block));
    }
    this.#block.appendData(line);
    this.#length += line.length;
    if (this.#length >= (line.endsWith("\n") ? ENOUGH : MOST)) this.#block = null;
  }
}

const LINES = new RegExp(`[^\\n]{1,${MOST}}\\n?|\\n`, "gu");

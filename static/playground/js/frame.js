// One frame of the log: which way, when, what kind, how large; opened, all of it.

import { el } from "/static/js/dom.js";
import { copyButton } from "./copy.js";
import { parse, pretty } from "./json.js";
import { text } from "./labels.js";

const PREVIEW = 160;
const LONG = 20_000;
const ENVELOPE = new Set(
  "type timestamp sequence session_id sessionId user_id userId message_id messageId question_id query_id".split(" "),
);
const encoder = new TextEncoder();

export class Frame {
  /** `kind`: what the dialect makes of it, `{ type, sequence?, value?, isBeat? }`. */
  constructor(way, words, kind, seconds, at) {
    Object.assign(this, { way, words, kind, seconds, at });
    this.bytes = encoder.encode(words).length;
    this.node = this.#build();
  }

  matches(filter, showBeats) {
    if (this.kind.isBeat && !showBeats) return false;
    return filter === "" || this.words.toLowerCase().includes(filter) || this.kind.type.toLowerCase().includes(filter);
  }

  #build() {
    const arrow = el("span.way", { "aria-hidden": "true" }, this.way === "out" ? "↑" : "↓");
    const way = el("span.unseen", {}, text(`log.${this.way}`));
    const time = el("time.when", { datetime: this.at.toISOString() }, `+${this.seconds.toFixed(3)}`);
    const sequence = el("span.sequence", {}, this.kind.sequence === undefined ? "" : `#${this.kind.sequence}`);
    const preview = el("span.preview", {}, previewOf(this.words, this.kind.value));
    const size = el("span.size", {}, sized(this.bytes));
    const line = el("summary", {}, arrow, way, time, el("span.type", {}, this.kind.type), sequence, preview, size);
    const node = el("details", { ontoggle: () => node.open && this.#open(node) }, line);
    return el("li.frame", { "data-way": this.way, "data-type": this.kind.type }, node);
  }

  /** Made when it is first looked at: most frames never are. */
  #open(node) {
    if (node.children.length > 1) return;
    const value = this.kind.value ?? parse(this.words);
    const code = el("code", {}, ...(value === undefined ? [this.words] : pretty(value)));
    node.append(el("pre.whole", { tabindex: "0" }, code), copyButton("log.copy_one", () => this.words));
  }
}

/** What a frame says, without what all frames of its kind say. */
function previewOf(words, value) {
  const body = isObject(value?.data) ? value.data : value;
  if (words.length > LONG || !isObject(body)) return words.slice(0, PREVIEW).replace(/\s+/g, " ");
  const told = Object.entries(body).filter(([name]) => !ENVELOPE.has(name));
  return JSON.stringify(Object.fromEntries(told)).slice(0, PREVIEW);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function sized(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

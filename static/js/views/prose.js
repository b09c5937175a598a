// A model's words as paragraphs, lists, emphasis and code: the little Markdown that models write by habit.
// Links, images and markup stay the characters they are.

import { el } from "../dom.js";

const INLINE = /\*\*([^*\n]+)\*\*|`([^`\n]+)`/g;
const BULLET = /^\s*(?:[-*•]|\d+[.)、])\s+/;

export function prose(words) {
  const blocks = words.split(/\n\s*\n/).filter((block) => block.trim());
  return blocks.map((block) => (isList(block) ? list(block) : el("p", {}, ...inline(block.trim()))));
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

// When something was said, in the reader's language.

import { el } from "/static/js/dom.js";
import { day } from "/static/js/format.js";

export function clock(node, at) {
  const words = day(at);
  if (node.textContent !== words) node.textContent = words;
  node.dateTime = new Date(at).toISOString();
  return node;
}

export function time(at) {
  return clock(el("time"), at);
}

// JSON to look at: indented, its parts told apart by class. Strings become text nodes, whatever they hold.

import { el } from "/static/js/dom.js";

const PARTS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const COLOURED = 60_000;

/** The value that a frame holds, or undefined where it is not JSON. */
export function parse(words) {
  try {
    return JSON.parse(words);
  } catch {
    return undefined;
  }
}

/** Nodes for a `<code>`; very long ones stay in one colour. */
export function pretty(value) {
  const words = JSON.stringify(value, null, 2);
  if (words.length > COLOURED) return [words];
  const nodes = [];
  let at = 0;
  for (const found of words.matchAll(PARTS)) {
    nodes.push(words.slice(at, found.index), el(`span.${kindOf(found)}`, {}, found[1] ?? found[0]));
    if (found[2]) nodes.push(found[2]);
    at = found.index + found[0].length;
  }
  return [...nodes, words.slice(at)];
}

function kindOf([whole, string, colon]) {
  if (colon) return "json-name";
  if (string) return "json-string";
  return /^[tfn]/.test(whole) ? "json-word" : "json-number";
}

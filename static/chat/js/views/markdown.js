// Markdown that models write, as nodes: prose, and fenced code, which is SQL here. Markup in it stays the
// characters that it is.

import { el } from "/static/js/dom.js";
import { tokens } from "/static/js/sql_tokens.js";
import { Prose } from "/static/js/views/prose.js";
import { say } from "../texts.js";

const FENCE = /(?:^|\n)(`{3,})[^\S\n]*(\w*)[^\S\n]*\n([\s\S]*?)(?:\n\1(?=\n|$)|$)/g;

export function markdown(words) {
  const nodes = [];
  let from = 0;
  for (const match of words.matchAll(FENCE)) {
    nodes.push(...prose(words.slice(from, match.index)), code(match[3]));
    from = match.index + match[0].length;
  }
  return [...nodes, ...prose(words.slice(from))];
}

export function code(sql) {
  const spans = tokens(sql).map(({ kind, text }) => el(`span.sql-${kind}`, {}, text));
  const node = el("pre.sql", { tabindex: "0", role: "group" }, el("code", {}, ...spans));
  return say(node, "answer.sql", {}, "aria-label");
}

function prose(words) {
  if (!words.trim()) return [];
  const shown = new Prose();
  shown.show(words.trim());
  return [shown.node];
}

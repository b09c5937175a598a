// Rows as tab-separated values, for the clipboard and the spreadsheet it is pasted into: values as they are, not
// as they are written for a reader; NULL as an empty cell.
//
// The one rule: no cell may become a formula where it is pasted.

import { breather } from "./breathe.js";

const NEEDS_QUOTES = /[\t\r\n"]/;
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NEGATIVE = /^-\d+(\.\d+)?(e[+-]?\d+)?$|^-\d+:\d\d:\d\d(\.\d+)?$/i;
const TOGETHER = 512;

/** `rows` is anything that can be iterated; many of them take many short pieces of time. */
export async function tsv(columns, rows) {
  const lines = [columns.map(({ name }) => field(name)).join("\t")];
  const breathe = breather();
  for (const row of rows) {
    lines.push(row.map(field).join("\t"));
    if (lines.length % TOGETHER === 0) await breathe();
  }
  return `${lines.join("\r\n")}\r\n`;
}

export function field(value) {
  if (value === null || value === undefined) return "";
  const words = typeof value === "object" ? JSON.stringify(value) : String(value);
  const harmless = typeof value === "string" && FORMULA.test(words) && !NEGATIVE.test(words) ? `'${words}` : words;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

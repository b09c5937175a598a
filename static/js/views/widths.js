// How wide a column of the table must be, reckoned from its text and not measured in the page, which would cost a
// layout for every chunk that arrives.

import { isNumeric } from "../format.js";

const MEASURED_ROWS = 200;
const LONGEST_PX = 360;
const SHORTEST_PX = 80;
const PADDING_PX = 40;
const SORT_MARK_PX = 18;

/** Text by the first rows, numbers by all from `from` on, because half a number is a wrong number. */
export function columnPx({ name, type }, rows, at, from, write) {
  const values = isNumeric(type) ? decisive(type, rows, at, from) : from < MEASURED_ROWS ? firstOf(rows, at) : [];
  let px = 1.1 * textPx(name) + SORT_MARK_PX;
  for (const value of values) px = Math.max(px, textPx(value === null ? "NULL" : write(value)));
  return Math.min(LONGEST_PX, Math.max(SHORTEST_PX, Math.ceil(px) + PADDING_PX));
}

function firstOf(rows, at) {
  return rows.slice(0, MEASURED_ROWS).map((row) => row[at]);
}

/** The values that may be the widest: of exact numbers the one with most digits, of others each. */
function decisive(type, rows, at, from) {
  const exact = type === "integer" || type === "decimal";
  return exact ? [longest(rows, at, from)] : rows.slice(from).map((row) => row[at]);
}

function longest(rows, at, from) {
  let found = null;
  let length = 0;
  for (let index = from; index < rows.length; index += 1) {
    const value = rows[index][at];
    const own = value === null ? 0 : String(value).length;
    if (own > length) [found, length] = [value, own];
  }
  return found;
}

/**
 * About how wide a text is at the table's size, in the widest of the usual fonts: a CJK character is as wide as
 * the letters are high.
 */
function textPx(words) {
  let px = 0;
  for (const character of String(words).slice(0, 80)) px += character > "\u2e7f" ? 14 : /[A-Z@%&mw]/.test(character) ? 13 : 10;
  return px;
}

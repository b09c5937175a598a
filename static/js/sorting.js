// In which order rows stand when a column sorts them. Numbers by value to the last digit, words as the reader's
// language orders them, NULL always last; equals keep their order.

import { breather, sorted } from "./breathe.js";
import { language } from "./language.js";

const LAST = Infinity;
const TOGETHER = 1024;

/** The rows' indexes in order, for `direction` 1 (ascending) or -1. Many rows take many short pieces of time. */
export async function order(rows, at, type, direction) {
  const rankOf = await ranking(rows, at, type);
  const ranks = new Float64Array(rows.length);
  const indexes = new Uint32Array(rows.length);
  await eachRow(rows, (row, index) => {
    const rank = rankOf(row[at]);
    ranks[index] = rank === LAST ? LAST : rank * direction;
    indexes[index] = index;
  });
  return sorted(indexes, (one, other) => (ranks[one] === ranks[other] ? 0 : ranks[one] - ranks[other]));
}

/** A value's number, by which it is compared: words get their place among the different words. */
async function ranking(rows, at, type) {
  if (type === "number") return (value) => value ?? LAST;
  const distinct = new Set();
  await eachRow(rows, (row) => row[at] === null || distinct.add(row[at]));
  const places = new Map();
  await eachRow(await sorted([...distinct], comparison(type)), (value, place) => places.set(value, place));
  return (value) => places.get(value) ?? LAST;
}

async function eachRow(rows, visit) {
  const breathe = breather();
  for (let index = 0; index < rows.length; index += 1) {
    visit(rows[index], index);
    if (index % TOGETHER === 0) await breathe();
  }
}

function comparison(type) {
  if (type === "integer" || type === "decimal") return compareNumbers;
  if (["date", "datetime", "boolean", "binary"].includes(type)) return compareCodes;
  if (type === "time") return (one, other) => secondsOf(one) - secondsOf(other);
  const { compare } = new Intl.Collator(language.tag, { numeric: true });
  return (one, other) => compare(String(one), String(other));
}

function compareCodes(one, other) {
  return one < other ? -1 : Number(one > other);
}

/** Exact numbers may be strings with more digits than a float holds. */
export function compareNumbers(one, other) {
  const near = Number(one) - Number(other);
  if (near !== 0) return near;
  if (typeof one === "number" && typeof other === "number") return 0;
  const [a, b] = [digits(one), digits(other)];
  const places = Math.max(a.places, b.places);
  const difference = a.whole * 10n ** BigInt(places - a.places) - b.whole * 10n ** BigInt(places - b.places);
  return difference < 0n ? -1 : Number(difference > 0n);
}

function digits(value) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [null, "", "0"];
  return { whole: BigInt(sign + whole + fraction), places: fraction.length };
}

function secondsOf(time) {
  const [, sign, hours, minutes, seconds] = /^(-?)(\d+):(\d+):([\d.]+)$/.exec(time) ?? [null, "", 0, 0, 0];
  return (sign ? -1 : 1) * (hours * 3600 + minutes * 60 + Number(seconds));
}

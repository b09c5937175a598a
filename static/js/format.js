// How a value of a result is written for a reader. Values come as wire.md 2 has them: big integers and decimals
// are strings and must never pass through a float.

import { language } from "./language.js";

const NUMERIC = new Set(["integer", "number", "decimal"]);
const DIGITS = /^(-?)(\d+)(\.\d+)?$/;
const CODE_WORD = /(^|[^a-z])(id|no|code|year|quarter|month|week|day|hour|zip|phone|mobile|tel)$/i;
const CODE_ENDING = /[a-z](Id|ID|No|Code|Year|Month)$|(编号|代码|编码|单号|号码|年|年份|年度|月|月份|季度|周|日|邮编|电话|手机号?)$/;
const SAMPLE = 200;
const FLOAT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });

export function isNumeric(type) {
  return NUMERIC.has(type);
}

/**
 * Numbers that name something (ids, years, phone numbers) are read, not reckoned with: no separators. A column
 * names something if it is called so, or if all its values could be years.
 */
export function namesSomething(column, values) {
  if (column.type !== "integer") return false;
  if (CODE_WORD.test(column.name) || CODE_ENDING.test(column.name)) return true;
  const known = values.slice(0, SAMPLE).filter((value) => value !== null);
  return known.length > 1 && known.every((value) => value >= 1900 && value <= 2100);
}

/** `write(value)` for every cell of a column but NULL and the empty string, which are not text. */
export function writer(column, values) {
  if (column.type === "boolean") return (value) => String(value);
  if (column.type === "datetime") return (value) => String(value).replace("T", " ");
  if (column.type === "json") return (value) => (typeof value === "string" ? value : JSON.stringify(value));
  if (!isNumeric(column.type) || namesSomething(column, values)) return String;
  return column.type === "number" ? writeFloat : group;
}

/** Thousands separators, digit by digit, so that no digit is lost. */
export function group(value) {
  const match = DIGITS.exec(String(value));
  if (!match) return String(value);
  const [, sign, whole, fraction = ""] = match;
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, ",") + fraction;
}

/** A float's last digits are noise: six places at most. */
function writeFloat(value) {
  if (typeof value !== "number") return group(value);
  if (value !== 0 && Math.abs(value) < 1e-6) return value.toExponential(3);
  return FLOAT.format(value);
}

export function seconds(value) {
  const places = value < 10 ? 1 : 0;
  return value.toLocaleString(language.tag, { minimumFractionDigits: places, maximumFractionDigits: places });
}

/** The day of a moment in milliseconds, or its time if that was today. */
export function day(at) {
  const then = new Date(at);
  const isToday = then.toDateString() === new Date().toDateString();
  const written = isToday ? { hour: "2-digit", minute: "2-digit" } : { month: "short", day: "numeric" };
  return then.toLocaleString(language.tag, written);
}

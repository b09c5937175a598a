// A small table of rows: enough to see what came, not to work with. NULL is told apart from an empty text.

import { el } from "/static/js/dom.js";
import { text } from "./labels.js";

const MOST = 50;

/** `columns`: names; `rows`: arrays of values. */
export function table(columns, rows, count = rows.length) {
  const isNumeric = (at) => rows.every((row) => row[at] === null || typeof row[at] === "number");
  const heading = (name, at) => el(isNumeric(at) ? "th.number" : "th", { scope: "col" }, name);
  const head = el("tr", {}, ...columns.map(heading));
  const lines = rows.slice(0, MOST).map((row) => el("tr", {}, ...row.map(cell)));
  const caption = el("caption", {}, text("shown.rows", { n: count.toLocaleString("en") }));
  const body = el("table", {}, caption, el("thead", {}, head), el("tbody", {}, ...lines));
  return el("div.scroll", { tabindex: "0", role: "group", "aria-label": text("shown.title") }, body);
}

/** The same for rows as objects. */
export function tableOf(records, count) {
  const columns = Object.keys(records[0] ?? {});
  return table(columns, records.map((record) => columns.map((name) => record[name])), count);
}

function cell(value) {
  if (value === null) return el("td.null", {}, "NULL");
  const words = typeof value === "object" ? JSON.stringify(value) : String(value);
  return el(typeof value === "number" ? "td.number" : "td", {}, words);
}

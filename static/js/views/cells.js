// Cells and headings of a table, large or small. NULL, an empty string and text that says "NULL" are three
// different sights.

import { el } from "../dom.js";
import { isNumeric, writer } from "../format.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { beginning, LongCells } from "./whole.js";

const SHORT = 40;
const MOST_TITLE = 500;
const SORTED = { 1: "ascending", [-1]: "descending" };
const SORT_ICONS = { 1: "up", [-1]: "down" };

export function cell(value, column, write) {
  const number = isNumeric(column.type) ? ".number" : "";
  if (value === null || value === undefined) return say(el(`td${number}.null`, {}, "NULL"), "table.null", {}, "title");
  if (value === "") return say(el("td.blank", {}, "''"), "table.blank", {}, "title");
  const written = write(value);
  if (widthOf(written) <= SHORT && !written.includes("\n")) return el(`td${number}`, {}, written);
  return el(`td${number}`, { title: written.slice(0, MOST_TITLE) }, beginning(written, value, column));
}

/** `direction`: 1 or -1 where this column sorts the rows, else 0; without `onsort` nobody can have it sorted. */
export function heading(column, direction = 0, onsort = null) {
  const number = isNumeric(column.type) ? ".number" : "";
  const words = [el("span.column-name", {}, column.name), say(el("span.column-type"), `type.${column.type}`)];
  const cell = el(`th${number}`, { scope: "col", title: column.name, "aria-sort": SORTED[direction] });
  if (!onsort) cell.append(el("span.column", {}, ...words));
  else cell.append(el("button.column", { type: "button", onclick: onsort }, ...words, sortIcon(direction)));
  return cell;
}

/** The few rows of a preview, whole. */
export function smallTable(columns, rows) {
  const writers = columns.map((column, at) => writer(column, rows.map((row) => row[at])));
  const body = rows.map((row) => el("tr", {}, ...row.map((value, at) => cell(value, columns[at], writers[at]))));
  const head = el("thead", {}, el("tr", {}, ...columns.map((column) => heading(column))));
  const table = el("table.rows.small", {}, head, el("tbody", {}, ...body));
  const node = el("div.table-scroll.preview", { tabindex: "0", role: "group" });
  new LongCells(node).around(() => node.replaceChildren(table));
  return say(node, "table.label", {}, "aria-label");
}

/** In letters, of which a CJK character is as wide as two; beyond what is short nobody counts. */
function widthOf(written) {
  if (written.length > SHORT) return written.length;
  let width = 0;
  for (const character of written) width += character > "\u2e7f" ? 2 : 1;
  return width;
}

function sortIcon(direction) {
  return el("span.sort-mark", { "data-direction": direction }, icon(SORT_ICONS[direction] ?? "both"));
}

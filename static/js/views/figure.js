// A result of one row and few numbers, as large figures instead of a table.

import { el } from "../dom.js";
import { isNumeric, writer } from "../format.js";

const MOST = 4;

export function isFigure(columns, rows) {
  return rows.length === 1 && columns.length <= MOST && columns.some((column, at) => isShown(column, rows[0][at]));
}

export function figure(columns, [row]) {
  const entries = columns.map((column, at) => entry(column, row[at]));
  return el("dl.figures", {}, ...entries);
}

function isShown(column, value) {
  return isNumeric(column.type) && value !== null;
}

function entry(column, value) {
  const known = value !== null && value !== "";
  const written = known ? writer(column, [value])(value) : value === null ? "NULL" : "''";
  const large = isNumeric(column.type) ? ".large" : "";
  return el("div", {}, el("dt", {}, column.name), el(`dd${large}${known ? "" : ".null"}`, {}, written));
}

// Rows as a table of which only the part in sight exists, so that 100,000 rows scroll like ten. Rows may still
// be arriving: `update` is cheap, and never moves what the reader looks at.

import { el, onNextFrame } from "../dom.js";
import { isNumeric, writer } from "../format.js";
import { say } from "../language.js";

export const ROW_PX = 36;
const OVERSCAN = 12;
const MEASURED_ROWS = 200;
const LONGEST_PX = 360;
const SHORTEST_PX = 72;
const PADDING_PX = 40;

export class Table {
  #columns = [];
  #rows = [];
  #writers = [];
  #widest = [];
  #measured = 0;
  #first = -1;
  #last = -1;
  #head = el("tr");
  #widths = el("colgroup");
  #before = spacer();
  #after = spacer();
  #body = el("tbody");
  #table;
  #draw = onNextFrame(() => this.#window());

  constructor() {
    this.#table = el("table.rows", {}, this.#widths, el("thead", {}, this.#head), this.#body);
    this.node = el("div.table-scroll", { tabindex: "0", role: "region" }, this.#table);
    say(this.node, "table.label", {}, "aria-label");
    this.node.addEventListener("scroll", this.#draw, { passive: true });
    new ResizeObserver(this.#draw).observe(this.node);
  }

  /** `rows` may be the same array, grown; another set of columns starts anew. */
  update(columns, rows) {
    const fresh = !sameColumns(columns, this.#columns) || rows.length < this.#measured;
    this.#rows = rows;
    this.#columns = columns;
    if (fresh) this.#begin();
    if (rows.length > this.#measured || fresh) this.#measure();
    this.#first = -1;
    this.#table.setAttribute("aria-rowcount", rows.length + 1);
    this.#draw();
  }

  clear() {
    this.update([], []);
    this.node.scrollTop = 0;
  }

  #begin() {
    this.#measured = 0;
    this.#widest = this.#columns.map(({ name }) => 1.1 * textPx(name));
    this.#head.replaceChildren(...this.#columns.map(heading), el("td.filler"));
  }

  /** Columns only ever grow: text by the first rows, numbers by all, because half a number is a wrong number. */
  #measure() {
    const sample = this.#rows.slice(0, MEASURED_ROWS);
    this.#writers = this.#columns.map((column, at) => writer(column, sample.map((row) => row[at])));
    const fresh = this.#rows.slice(this.#measured);
    this.#columns.forEach(({ type }, at) => this.#widen(at, decisive(type, isNumeric(type) ? fresh : sample, at)));
    this.#measured = this.#rows.length;
    const widths = this.#widest.map((px) => Math.min(LONGEST_PX, Math.max(SHORTEST_PX, Math.ceil(px) + PADDING_PX)));
    this.#widths.replaceChildren(...widths.map(columnOf), el("col"));
    this.#table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  #widen(at, values) {
    for (const value of values) {
      const written = value === null ? "NULL" : this.#writers[at](value);
      this.#widest[at] = Math.max(this.#widest[at], textPx(written));
    }
  }

  #window() {
    const { scrollTop, clientHeight } = this.node;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - OVERSCAN);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + (clientHeight || 480)) / ROW_PX) + OVERSCAN);
    if (first === this.#first && last === this.#last) return;
    [this.#first, this.#last] = [first, last];
    this.#before.firstChild.style.height = `${first * ROW_PX}px`;
    this.#after.firstChild.style.height = `${(this.#rows.length - last) * ROW_PX}px`;
    const rows = this.#rows.slice(first, last).map((row, offset) => this.#row(row, first + offset));
    this.#body.replaceChildren(this.#before, ...rows, this.#after);
  }

  #row(row, index) {
    const cells = row.map((value, at) => cell(value, this.#columns[at], this.#writers[at]));
    return el("tr", { "aria-rowindex": index + 2 }, ...cells, el("td.filler"));
  }
}

/** The few rows of a preview, whole. */
export function smallTable(columns, rows) {
  const writers = columns.map((column, at) => writer(column, rows.map((row) => row[at])));
  const body = rows.map((row) => el("tr", {}, ...row.map((value, at) => cell(value, columns[at], writers[at]))));
  const head = el("thead", {}, el("tr", {}, ...columns.map(heading)));
  const table = el("table.rows.small", {}, head, el("tbody", {}, ...body));
  return el("div.table-scroll.preview", { tabindex: "0" }, table);
}

/** NULL, an empty string and text that says "NULL" are three different sights. */
export function cell(value, column, write) {
  const number = isNumeric(column.type) ? ".number" : "";
  if (value === null || value === undefined) return say(el(`td${number}.null`, {}, "NULL"), "table.null", {}, "title");
  if (value === "") return say(el("td.blank", {}, "''"), "table.blank", {}, "title");
  const written = write(value);
  const long = written.length > 40 ? { title: written.slice(0, 2000) } : {};
  return el(`td${number}`, long, written);
}

function heading(column) {
  const number = isNumeric(column.type) ? ".number" : "";
  return el(`th${number}`, { scope: "col", title: `${column.name} · ${column.type}` }, column.name);
}

function columnOf(width) {
  const column = el("col");
  column.style.width = `${width}px`;
  return column;
}

function spacer() {
  return el("tr.spacer", { "aria-hidden": "true" }, el("td"));
}

/** The values that may be the widest: of exact numbers the one with most digits, of others each. */
function decisive(type, rows, at) {
  return type === "integer" || type === "decimal" ? [longest(rows, at)] : rows.map((row) => row[at]);
}

function longest(rows, at) {
  let found = null;
  let length = 0;
  for (const row of rows) {
    const own = row[at] === null ? 0 : String(row[at]).length;
    if (own > length) [found, length] = [row[at], own];
  }
  return found;
}

function sameColumns(some, others) {
  return JSON.stringify(some) === JSON.stringify(others);
}

/**
 * About how wide a text is at the table's size, in the widest of the usual fonts: a CJK character is as wide as
 * the letters are high.
 */
function textPx(words) {
  let px = 0;
  for (const character of words.slice(0, 80)) px += character > "\u2e7f" ? 14 : /[A-Z@%&mw]/.test(character) ? 13 : 10;
  return px;
}

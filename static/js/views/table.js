// Rows as a table of which only the part in sight exists, so that 100,000 rows scroll like ten. Rows may still
// be arriving: `update` is cheap, and never moves what the reader looks at.

import { el, onNextFrame } from "../dom.js";
import { isNumeric, writer } from "../format.js";
import { say } from "../language.js";
import { order } from "../sorting.js";
import { cell, heading } from "./cells.js";
import { LongCells } from "./whole.js";
import { columnPx } from "./widths.js";

export const ROW_PX = 36;
const OVERSCAN = 12;
const NEXT = { 0: 1, 1: -1, [-1]: 0 };

export class Table {
  #columns = [];
  #rows = [];
  #writers = [];
  #widest = [];
  #measured = 0;
  #first = -1;
  #last = -1;
  #drawnWidths = "";
  #order = null;
  #sort = { at: -1, direction: 0 };
  #settled = false;
  #head = el("tr");
  #widths = el("colgroup");
  #before = spacer();
  #after = spacer();
  #body = el("tbody");
  #table;
  #long;
  #draw = onNextFrame(() => this.#window());

  constructor() {
    this.#table = el("table.rows", {}, this.#widths, el("thead", {}, this.#head), this.#body);
    this.node = el("div.table-scroll", { tabindex: "0", role: "group" }, this.#table);
    say(this.node, "table.label", {}, "aria-label");
    this.#long = new LongCells(this.node);
    this.node.addEventListener("scroll", this.#draw, { passive: true });
    new ResizeObserver(this.#draw).observe(this.node);
  }

  /** `rows` may be the same array, grown; another set of columns starts anew. `settled`: no more will come. */
  update(columns, rows, settled) {
    const fresh = !sameColumns(columns, this.#columns) || rows.length < this.#measured;
    const grew = fresh || rows.length > this.#measured;
    this.#rows = rows;
    this.#columns = columns;
    if (fresh) this.#begin();
    if (grew) this.#measure();
    if (settled && !this.#settled) this.#settle();
    if (!grew) return;
    this.#first = -1;
    this.#table.setAttribute("aria-rowcount", rows.length + 1);
    this.#draw();
  }

  clear() {
    this.#settled = false;
    this.#sort = { at: -1, direction: 0 };
    this.update([], [], false);
    this.node.scrollTop = 0;
  }

  /** All rows in the order in which they are shown. */
  *inOrder() {
    for (let at = 0; at < this.#rows.length; at += 1) yield this.#rowAt(at);
  }

  #begin() {
    this.#measured = 0;
    this.#order = null;
    this.#settled = false;
    this.#sort = { at: -1, direction: 0 };
    this.#widest = this.#columns.map(() => 0);
    this.#drawHead();
  }

  #drawHead() {
    const { at: sorting, direction } = this.#sort;
    const heads = this.#columns.map((column, at) =>
      heading(column, at === sorting ? direction : 0, this.#settled ? () => this.#sortBy(at) : null),
    );
    this.#head.replaceChildren(...heads, el("td.filler"));
  }

  /** Rows that still arrive can't be sorted. */
  #settle() {
    this.#settled = true;
    this.#drawHead();
  }

  async #sortBy(at) {
    const direction = at === this.#sort.at ? NEXT[this.#sort.direction] : 1;
    const sort = (this.#sort = { at, direction });
    this.node.setAttribute("aria-busy", "true");
    const sorted = direction ? await order(this.#rows, at, this.#columns[at].type, direction) : null;
    if (this.#sort !== sort) return;
    this.#order = sorted;
    this.node.removeAttribute("aria-busy");
    this.#drawHead();
    this.#head.children[at].firstElementChild.focus({ preventScroll: true });
    this.node.scrollTop = 0;
    this.#first = -1;
    this.#draw();
  }

  /** Columns only ever grow, so that nothing jumps while rows arrive. */
  #measure() {
    this.#writers = this.#columns.map((column, at) => writer(column, this.#rows.slice(0, 200).map((row) => row[at])));
    const widths = this.#columns.map((column, at) => {
      this.#widest[at] = Math.max(this.#widest[at], columnPx(column, this.#rows, at, this.#measured, this.#writers[at]));
      return this.#widest[at];
    });
    this.#measured = this.#rows.length;
    if (widths.join() === this.#drawnWidths) return;
    this.#drawnWidths = widths.join();
    this.#widths.replaceChildren(...widths.map(columnOf), el("col"));
    this.#table.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}px`;
  }

  #window() {
    const { scrollTop, clientHeight } = this.node;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PX) - OVERSCAN);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + (clientHeight || 480)) / ROW_PX) + OVERSCAN);
    if (first === this.#first && last === this.#last) return;
    [this.#first, this.#last] = [first, last];
    this.#before.firstChild.style.height = `${first * ROW_PX}px`;
    this.#after.firstChild.style.height = `${(this.#rows.length - last) * ROW_PX}px`;
    const rows = Array.from({ length: last - first }, (_, offset) => this.#row(first + offset));
    this.#long.around(() => this.#body.replaceChildren(this.#before, ...rows, this.#after));
  }

  #rowAt(index) {
    return this.#rows[this.#order ? this.#order[index] : index];
  }

  #row(index) {
    const cells = this.#rowAt(index).map((value, at) => cell(value, this.#columns[at], this.#writers[at]));
    return el("tr", { "aria-rowindex": index + 2 }, ...cells, el("td.filler"));
  }
}

function columnOf(width) {
  const column = el("col");
  column.style.width = `${width}px`;
  return column;
}

function spacer() {
  return el("tr.spacer", { "aria-hidden": "true" }, el("td"));
}

function sameColumns(some, others) {
  return some === others || JSON.stringify(some) === JSON.stringify(others);
}

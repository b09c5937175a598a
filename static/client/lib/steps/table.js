// The first rows of the result. NULL is told apart from an empty text; numbers stand to the right.

import { h, write } from "./dom.js";

const NUMERIC = new Set(["integer", "number", "decimal"]);

export class TablePart {
  #caption = h("caption");
  #head = h("tr");
  #body = h("tbody");
  #columns = [];
  #scroll;
  #shown = 0;

  constructor() {
    const table = h("table", { part: "table" }, this.#caption, h("thead", {}, this.#head), this.#body);
    this.#scroll = h("div.scroll", { tabindex: "0", role: "group" }, table);
    this.node = h("div.part", { hidden: true }, this.#scroll);
  }

  /** Rows only ever join those that are there, unless the columns are others. */
  show({ columns, rows, rowCount }, most, text) {
    this.node.hidden = columns.length === 0;
    if (columns !== this.#columns) this.#begin(columns);
    for (const row of rows.slice(this.#shown, most)) this.#body.append(this.#row(row, text));
    this.#shown = this.#body.children.length;
    this.#scroll.setAttribute("aria-label", text("result"));
    write(this.#caption, this.#count(rowCount, text));
  }

  #begin(columns) {
    const isSame = JSON.stringify(columns) === JSON.stringify(this.#columns);
    this.#columns = columns;
    if (isSame) return;
    this.#shown = 0;
    this.#body.replaceChildren();
    this.#head.replaceChildren(...columns.map(({ name, type }) => h(`th${aligned(type)}`, { scope: "col" }, name)));
  }

  #row(row, text) {
    return h("tr", {}, ...row.map((value, at) => cell(value, this.#columns[at]?.type, text)));
  }

  #count(n, text) {
    if (n > this.#shown) return text("first", { n: n.toLocaleString("en"), shown: this.#shown });
    return n === 1 ? text("one_row") : text("rows", { n: n.toLocaleString("en") });
  }
}

function cell(value, type, text) {
  if (value === null) return h("td.null", { title: text("null") }, "NULL");
  return h(`td${aligned(type)}`, {}, typeof value === "object" ? JSON.stringify(value) : String(value));
}

function aligned(type) {
  return NUMERIC.has(type) ? ".number" : "";
}

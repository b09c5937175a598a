// One table of the schema browser: folded to its name until it is opened, or a search finds one of its columns.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { quote, say } from "../language.js";

const MOST_CHARACTERS = 120;

export class SchemaTable {
  #table;
  #columns;
  #rows = el("div.sample", { hidden: true });
  #asked = false;
  #opened = false;

  /** `browser` has `onname(name)` and `sample(source, table)`. */
  constructor(source, table, browser) {
    this.#table = table;
    this.#columns = table.columns.map((column) => ({ column, node: columnView(column, browser) }));
    const insert = nameButton(table.name, browser);
    const shown = say(el("button.quiet.sample-button", { type: "button" }), "schema.sample");
    shown.addEventListener("click", () => this.#sample(() => browser.sample(source, table.name)));
    const list = el("ul.columns", {}, ...this.#columns.map(({ node }) => node));
    const comment = el("span.schema-comment", {}, table.comment);
    const summary = el("summary", {}, icon("table"), el("span.schema-name", {}, table.name), comment);
    const tools = el("div.schema-tools", {}, insert, shown);
    this.node = el("details.schema-table", { "data-table": table.name }, summary, tools, this.#rows, list);
  }

  /** Shows what holds `wanted` (lower case), and says whether anything does; an empty search shows all, folded. */
  filter(wanted) {
    const named = holds(this.#table, wanted);
    const found = this.#columns.filter(({ column, node }) => {
      const isFound = holds(column, wanted);
      node.hidden = !named && !isFound;
      return isFound;
    });
    const kept = named || found.length > 0;
    this.node.hidden = !kept;
    if (wanted && found.length && !named) [this.node.open, this.#opened] = [true, this.#opened || !this.node.open];
    if (!wanted && this.#opened) [this.node.open, this.#opened] = [false, false];
    return kept;
  }

  async #sample(ask) {
    if (this.#asked) return void (this.#rows.hidden = !this.#rows.hidden);
    this.#asked = true;
    this.#rows.hidden = false;
    say(this.#rows, "schema.sampling");
    try {
      const { columns, rows } = await ask();
      this.#rows.replaceChildren(...(rows.length ? [sampleTable(columns, rows)] : [say(el("p.note"), "schema.no_rows")]));
    } catch (error) {
      this.#asked = false;
      quote(this.#rows, error.message);
    }
  }
}

function columnView(column, browser) {
  const type = el("span.schema-type", {}, column.type.toLowerCase());
  const comment = el("span.schema-comment", {}, column.comment);
  return el("li", { "data-column": column.name }, nameButton(column.name, browser), type, comment);
}

function nameButton(name, browser) {
  const button = el("button.schema-insert", { type: "button", onclick: () => browser.onname(name) }, name);
  return say(button, "schema.insert", {}, "title");
}

function sampleTable(columns, rows) {
  const head = el("tr", {}, ...columns.map((name) => el("th", { scope: "col" }, name)));
  const body = rows.map((row) => el("tr", {}, ...row.map(sampleCell)));
  const table = el("table.rows.small", {}, el("thead", {}, head), el("tbody", {}, ...body));
  const node = el("div.table-scroll", { tabindex: "0", role: "group" }, table);
  return say(node, "schema.sample", {}, "aria-label");
}

function sampleCell(value) {
  if (value === null) return el("td.null", {}, "NULL");
  const words = typeof value === "object" ? JSON.stringify(value) : String(value);
  return el("td", {}, words.slice(0, MOST_CHARACTERS));
}

function holds({ name, comment }, wanted) {
  return name.toLowerCase().includes(wanted) || (comment ?? "").toLowerCase().includes(wanted);
}

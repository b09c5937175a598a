// What there is to ask about: data sources, their tables and columns with comments, and a few rows of a table that
// was opened. A click on a name puts it into the question; a search looks through names and comments.

import { el, onNextFrame } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { SchemaTable } from "./schema_table.js";

export class SchemaView {
  #search = el("input.field", { id: "schema-search", type: "search", autocomplete: "off", spellcheck: "false" });
  #list = el("div.schema-list");
  #found = el("p.note.schema-found", { role: "status" });
  #tables = [];
  #sources = [];

  /** `onname(name)` puts a name into the question; `sample(source, table)` gives a promise of a few rows. */
  constructor({ onname, sample }) {
    [this.onname, this.sample] = [onname, sample];
    const label = say(el("label.unseen", { for: "schema-search" }), "schema.search");
    say(this.#search, "schema.search", {}, "placeholder");
    this.#search.addEventListener("input", onNextFrame(() => this.#filter()));
    const head = el("div.panel-head", {}, say(el("h2"), "schema.title"));
    const box = el("div.schema-search", {}, icon("search"), label, this.#search);
    this.node = el("div.schema-panel", {}, head, box, this.#found, this.#list);
  }

  show(datasources) {
    this.#tables = [];
    this.#sources = datasources.map((source) => this.#source(source));
    this.#list.replaceChildren(...this.#sources.map(({ node }) => node));
    this.#filter();
  }

  #source({ name, description, tables = [], status }) {
    const own = tables.map((table) => new SchemaTable(name, table, this));
    this.#tables.push(...own);
    const title = el("h3", {}, icon("database"), name);
    const words = status === "down" ? say(el("p.note"), "schema.down") : el("p.note", {}, description ?? "");
    const node = el("section.schema-source", {}, title, words, ...own.map((table) => table.node));
    return { node, tables: own };
  }

  #filter() {
    const wanted = this.#search.value.trim().toLowerCase();
    const kept = this.#tables.filter((table) => table.filter(wanted));
    for (const { node, tables } of this.#sources) node.hidden = wanted !== "" && !tables.some((table) => kept.includes(table));
    say(this.#found, wanted ? "schema.found" : "schema.count", { n: kept.length });
  }
}

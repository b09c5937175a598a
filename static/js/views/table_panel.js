// The table with what can be done with it: how many rows there are, copied for a spreadsheet, saved as a file.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { tsv } from "../tsv.js";
import { copyButton } from "./copy.js";
import { Table } from "./table.js";

const FORMATS = ["csv", "xlsx"];

export class TablePanel {
  #table = new Table();
  #count = el("p.note.count");
  #fault = el("p.field-fault.export-fault", { role: "alert", hidden: true });
  #exports;
  #columns = [];

  /** `onexport(format)` gives a promise that is settled once the file is saved, or could not be had. */
  constructor(onexport) {
    this.#exports = el("div.exports", { hidden: true }, ...FORMATS.map((format) => this.#exportButton(format, onexport)));
    const copy = copyButton(() => tsv(this.#columns, this.#table.inOrder()), "copy.table");
    const bar = el("div.table-bar", {}, this.#count, copy, this.#exports);
    this.node = el("div.table-view", {}, bar, this.#fault, this.#table.node);
  }

  update(query) {
    const { columns, rows, isOver, status } = query;
    this.#columns = columns;
    this.#table.update(columns, rows, isOver);
    this.#table.node.hidden = isOver && rows.length === 0;
    this.#exports.hidden = status !== "completed" || !query.id || rows.length === 0;
    this.#tellCount(query);
  }

  clear() {
    this.#table.clear();
    this.#fault.hidden = true;
  }

  #tellCount({ rows, rowCount, isOver, answer }) {
    if (!isOver) say(this.#count, "table.arriving", { n: rows.length });
    else if (!answer && rows.length) say(this.#count, "table.partial", { n: rows.length });
    else if (rows.length < rowCount) say(this.#count, "table.restored", { n: rows.length, total: rowCount });
    else if (answer?.results.truncated) say(this.#count, "table.first", { n: rowCount });
    else say(this.#count, rowCount ? "table.rows" : "table.empty", { n: rowCount });
  }

  #exportButton(format, onexport) {
    const button = el("button.quiet", { type: "button", "data-action": `export.${format}` }, icon("save"));
    button.append(say(el("span"), `export.${format}`));
    button.addEventListener("click", () => this.#export(button, () => onexport(format)));
    return button;
  }

  async #export(button, begin) {
    this.#fault.hidden = true;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await begin();
    } catch (error) {
      this.#tellFault(error);
    }
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }

  /** The server forgets results after a while; then the question has to be run again. */
  #tellFault(error) {
    this.#fault.hidden = false;
    if (error.status === 404) say(this.#fault, "export.forgotten");
    else say(this.#fault, "export.failed", { why: error.message });
  }
}

// The answer as a person would give it: words first, then the figure, the chart or a few of the rows.

import { el } from "../dom.js";
import { say } from "../language.js";
import { Chart, withRows } from "./chart.js";
import { smallTable } from "./cells.js";
import { copyButton } from "./copy.js";
import { figure, isFigure } from "./figure.js";
import { Prose } from "./prose.js";

const PREVIEW_ROWS = 5;

export class AnswerView {
  #prose = new Prose();
  #note = say(el("p.note"), "answer.waiting");
  #more = el("div.answer-more");
  #copy;
  #chart = null;
  #words = "";

  /** `onmore` shows all rows. */
  constructor(onmore) {
    this.onmore = onmore;
    this.#copy = copyButton(() => this.#words, "copy.answer");
    this.#copy.classList.add("answer-copy");
    this.#copy.hidden = true;
    this.node = el("div.answer", {}, this.#copy, this.#prose.node, this.#note, this.#more);
  }

  update({ words, isOver }) {
    this.#words = words;
    this.#prose.show(words);
    this.#prose.node.hidden = words === "";
    this.#prose.node.classList.toggle("writing", !isOver && words !== "");
    this.#note.hidden = words !== "";
    this.#copy.hidden = !isOver || words === "";
    say(this.#note, isOver ? "answer.no_explanation" : "answer.waiting");
  }

  /** Once, when the query is complete. */
  conclude(query) {
    const { columns, rows, answer } = query;
    const parts = [...answer.warnings.map(warning)];
    if (isFigure(columns, rows)) parts.push(figure(columns, rows));
    else if (hasChart(answer)) parts.push(this.#drawn(query));
    else if (rows.length) parts.push(...this.#preview(query));
    this.#more.replaceChildren(...parts);
  }

  /** Call when the panel is in sight: a chart is as wide as what it stands in. */
  redraw() {
    this.#chart?.redraw();
  }

  clear() {
    this.#chart?.clear();
    this.#chart = null;
    this.#more.replaceChildren();
  }

  #drawn({ question, columns, rows, answer }) {
    this.#chart = new Chart();
    this.#chart.show(question, withRows(answer.visualization.config, columns, rows), rows.length);
    return this.#chart.node;
  }

  #preview({ columns, rows, rowCount }) {
    const table = smallTable(columns, rows.slice(0, PREVIEW_ROWS));
    if (rowCount <= PREVIEW_ROWS) return [table];
    const button = el("button.quiet", { type: "button", onclick: this.onmore });
    return [table, say(button, "answer.all_rows", { n: rowCount })];
  }
}

/** A single number is shown as a figure, not drawn. */
export function hasChart({ visualization }) {
  return visualization.chart_type !== "metric" && Object.keys(visualization.config).length > 0;
}

function warning({ message }) {
  return el("p.caution", {}, message);
}

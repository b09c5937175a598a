// The answer as a person would give it: words first, then the figure, the chart or a few of the rows.

import { el } from "../dom.js";
import { say } from "../language.js";
import { Chart } from "./chart.js";
import { figure, isFigure } from "./figure.js";
import { prose } from "./prose.js";
import { smallTable } from "./table.js";

const PREVIEW_ROWS = 5;

export class AnswerView {
  #words = el("div.prose");
  #shown = null;
  #more = el("div.answer-more");
  #chart = null;

  /** `onmore` shows all rows. */
  constructor(onmore) {
    this.onmore = onmore;
    this.node = el("div.answer", {}, this.#words, this.#more);
  }

  update(query) {
    const { words, isOver } = query;
    this.#words.classList.toggle("writing", !isOver && words !== "");
    const shown = words || (isOver ? "answer.no_explanation" : "answer.waiting");
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (words) this.#words.replaceChildren(...prose(words));
    else this.#words.replaceChildren(say(el("p.note"), shown));
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
    this.#shown = null;
    this.#chart?.clear();
    this.#chart = null;
    this.#words.replaceChildren();
    this.#more.replaceChildren();
  }

  #drawn({ question, columns, rows, answer }) {
    this.#chart = new Chart();
    this.#chart.show(question, answer.visualization.config, columns, rows);
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

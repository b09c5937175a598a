// One question and its answer: the steps, then the tabs, then the small print. It draws what its query knows,
// at most once a frame, and decides which tab stands in front.

import { el, onNextFrame } from "../dom.js";
import { say } from "../language.js";
import { AnswerView, hasChart } from "./answer.js";
import { Chart } from "./chart.js";
import { action, fault } from "./fault.js";
import { footer } from "./footer.js";
import { SqlView } from "./sql.js";
import { Steps } from "./steps.js";
import { Table } from "./table.js";
import { Tabs } from "./tabs.js";

export class Card {
  #query;
  #actions;
  #steps;
  #tabs;
  #answer = new AnswerView(() => this.#tabs.choose("table"));
  #table = new Table();
  #chart = new Chart();
  #sql = new SqlView();
  #count = el("p.note.count");
  #controls = el("div.controls");
  #trouble = el("div.trouble");
  #end = el("div.card-end");
  #phase = "";

  /** `actions`: `cancel`, `retry`, `rerun` (each given the query) and `modelName()`. */
  constructor(query, actions) {
    this.#query = query;
    this.#actions = actions;
    this.#steps = new Steps(query);
    this.#tabs = new Tabs(this.#panels(), (name) => this.#inFront(name));
    this.node = this.#build();
    const draw = onNextFrame(() => this.#draw());
    query.addEventListener("change", ({ detail }) => (detail === "restart" ? this.#clear() : null, draw()));
    this.#draw();
  }

  /** Charts are drawn, not styled: call it when the page's colours or language changed. */
  repaint() {
    this.#inFront(this.#tabs.selected);
  }

  #panels() {
    const table = el("div.table-view", {}, this.#count, this.#table.node);
    return { answer: this.#answer.node, table, chart: this.#chart.node, sql: this.#sql.node };
  }

  #build() {
    const head = el("div.card-head", {}, this.#steps.node, this.#controls);
    const card = el("div.card", {}, head, this.#trouble, this.#tabs.node, this.#end);
    return el("article.turn", {}, el("h2.question", {}, this.#query.question), card);
  }

  #draw() {
    const query = this.#query;
    this.#steps.update();
    this.#sql.update(query.attempts, !query.isOver);
    this.#answer.update(query);
    if (query.columns.length) this.#drawTable();
    if (!query.isOver) this.#follow();
    this.#enterPhase(query.cancelling ? "cancelling" : query.status);
  }

  #drawTable() {
    const { columns, rows, rowCount, isOver } = this.#query;
    this.#table.update(columns, rows);
    this.#tabs.badge("table", rowCount.toLocaleString("en-US"));
    this.#table.node.hidden = isOver && rows.length === 0;
    this.#tellCount();
  }

  #tellCount() {
    const { rows, rowCount, isOver, answer } = this.#query;
    if (!isOver) say(this.#count, "table.arriving", { n: rows.length });
    else if (rows.length < rowCount) say(this.#count, "table.restored", { n: rows.length, total: rowCount });
    else if (answer?.results.truncated) say(this.#count, "table.first", { n: rowCount });
    else say(this.#count, rowCount ? "table.rows" : "table.empty", { n: rowCount });
  }

  /** The tab of what arrives comes to the front. */
  #follow() {
    const { attempts, columns, words, stage } = this.#query;
    if (attempts.length && !words) this.#tabs.follow("sql");
    if (columns.length) this.#tabs.follow("table");
    if (words || (columns.length && stage?.name === "generating_explanation")) this.#tabs.follow("answer");
    this.#tabs.arriving(LIVE[stage?.name]);
  }

  /** What changes only when the query's status does; buttons must not be replaced under the reader's finger. */
  #enterPhase(phase) {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.node.dataset.status = phase;
    this.#controls.replaceChildren(...this.#buttons(phase));
    if (this.#query.isOver) this.#conclude();
  }

  #buttons(phase) {
    const { cancel, rerun } = this.#actions;
    if (phase === "cancelled" || phase === "lost") return [this.#button("query.again", "again", rerun)];
    if (phase === "completed" || phase === "failed") return [];
    const button = this.#button("query.cancel", "stop", cancel);
    button.disabled = phase === "cancelling";
    return [button];
  }

  #conclude() {
    const query = this.#query;
    this.#tabs.arriving(null);
    this.#steps.fold();
    if (query.status === "completed") this.#complete();
    if (query.status === "failed") this.#fail();
    this.#actions.concluded(query);
  }

  #complete() {
    const { answer, columns, rows, question } = this.#query;
    this.#answer.conclude(this.#query);
    this.#tabs.follow("answer");
    this.#tabs.enable("table", columns.length > 0);
    this.#tabs.enable("sql", answer.sql !== null);
    this.node.classList.toggle("in-words", answer.sql === null);
    if (hasChart(answer)) {
      this.#chart.show(question, answer.visualization.config, columns, rows);
      this.#tabs.enable("chart", true);
    }
    const again = this.#button("query.again", "again", this.#actions.rerun);
    this.#end.replaceChildren(footer(this.#query, this.#actions.modelName()), again);
  }

  #fail() {
    const { error, id, attempts } = this.#query;
    const retry = error.can_retry && id ? [this.#button("query.retry", "again", this.#actions.retry, "primary")] : [];
    const again = this.#button("query.again", "again", this.#actions.rerun);
    this.#trouble.replaceChildren(fault(error, [...retry, again]));
    if (attempts.length) this.#tabs.follow("sql");
  }

  #clear() {
    this.#phase = "";
    this.node.classList.remove("in-words");
    this.#tabs.reset();
    this.#trouble.replaceChildren();
    this.#end.replaceChildren();
    for (const view of [this.#answer, this.#table, this.#chart, this.#sql]) view.clear();
    this.#steps.unfold();
  }

  #inFront(name) {
    if (name === "answer") this.#answer.redraw();
    if (name === "chart") this.#chart.redraw();
  }

  #button(key, iconName, act, kind) {
    return action(key, iconName, () => act(this.#query), kind);
  }
}

const LIVE = {
  generating_sql: "sql",
  executing_sql: "table",
  processing_results: "table",
  generating_explanation: "answer",
  recommending_visualization: "chart",
};

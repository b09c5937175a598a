// One question and its answer: the steps, then the tabs, then the small print. It draws what its query knows,
// at most once a frame, and decides which tab stands in front.

import { el, onNextFrame } from "../dom.js";
import { mending } from "../questions.js";
import { AnswerView, hasChart } from "./answer.js";
import { ChartPanel } from "./chart_panel.js";
import { action, fault } from "./fault.js";
import { Feedback } from "./feedback.js";
import { followUpsView } from "./follow_ups.js";
import { footer } from "./footer.js";
import { lost } from "./lost.js";
import { questionView } from "./question.js";
import { SqlView } from "./sql.js";
import { Steps } from "./steps.js";
import { stopped } from "./stopped.js";
import { TablePanel } from "./table_panel.js";
import { Tabs } from "./tabs.js";

export class Card {
  #query;
  #actions;
  #steps;
  #tabs;
  #answer = new AnswerView(() => this.#tabs.choose("table"));
  #table;
  #chart = new ChartPanel();
  #sql;
  #controls = el("div.controls");
  #trouble = el("div.trouble");
  #end = el("div.card-end");
  #phase = "";

  /**
   * `actions`: `cancel`, `retry`, `rerun`, `concluded` (each given the query), `modelName(query)`,
   * `followUps(query)`, `ask(question, query)`, `feedback(query, said)`, `download(query, format)`.
   */
  constructor(query, actions) {
    this.#query = query;
    this.#actions = actions;
    this.#table = new TablePanel((format) => actions.download(query, format));
    this.#sql = new SqlView((sql) => actions.ask(sql, query));
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
    return { answer: this.#answer.node, table: this.#table.node, chart: this.#chart.node, sql: this.#sql.node };
  }

  #build() {
    const head = el("div.card-head", {}, this.#steps.node, this.#controls);
    const card = el("div.card", {}, head, this.#trouble, this.#tabs.node, this.#end);
    return el("article.turn", {}, questionView(this.#query.question), card);
  }

  #draw() {
    const query = this.#query;
    this.#steps.update();
    this.#sql.update(query);
    this.#answer.update(query);
    if (query.columns.length) this.#drawTable();
    if (!query.isOver) this.#follow();
    this.#enterPhase(query.cancelling ? "cancelling" : query.status);
  }

  #drawTable() {
    this.#table.update(this.#query);
    this.#tabs.badge("table", this.#query.rowCount.toLocaleString("en-US"));
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
    if (phase === "cancelled") return [this.#button("query.again", "again", rerun)];
    if (phase === "completed" || phase === "failed" || phase === "lost") return [];
    const button = this.#button("query.cancel", "stop", cancel);
    button.disabled = phase === "cancelling";
    return [button];
  }

  #conclude() {
    const query = this.#query;
    const { rerun } = this.#actions;
    this.#tabs.arriving(null);
    this.#steps.fold();
    if (query.status === "completed") this.#complete();
    if (query.status === "failed") this.#fail();
    if (query.status === "cancelled") this.#trouble.replaceChildren(stopped(query));
    if (query.status === "lost") {
      this.#trouble.replaceChildren(lost(query, this.#button("query.again", "again", rerun, "primary")));
    }
    if (query.status !== "completed" && query.attempts.length) this.#tabs.follow("sql");
    this.#actions.concluded(query);
  }

  #complete() {
    const { answer, columns } = this.#query;
    this.#answer.conclude(this.#query);
    this.#tabs.follow("answer");
    this.#tabs.enable("table", columns.length > 0);
    this.#tabs.enable("sql", answer.sql !== null);
    this.node.classList.toggle("in-words", answer.sql === null);
    this.#tabs.enable("chart", this.#chart.show(this.#query, hasChart(answer) ? answer.visualization.config : null));
    this.#drawEnd();
  }

  #drawEnd() {
    const query = this.#query;
    const { ask, rerun, modelName, followUps, feedback } = this.#actions;
    const rating = new Feedback(query, (said) => feedback(query, said));
    rating.thumbs.hidden = query.id === null; // an answer out of the server's history has no id to rate
    const again = this.#button("query.again", "again", rerun);
    const line = el("div.end-line", {}, footer(query, modelName(query)), el("div.end-tools", {}, rating.thumbs, again));
    const next = followUpsView(followUps(query), (question) => ask(question, query));
    this.#end.replaceChildren(line, rating.node, ...next);
  }

  #fail() {
    const { error, id } = this.#query;
    const { retry, rerun } = this.#actions;
    const mend = this.#broken() ? [this.#button("query.mend", "fix", () => this.#mend(), "primary")] : [];
    const kind = mend.length ? "quiet" : "primary";
    const again = error.can_retry && id ? [this.#button("query.retry", "again", retry, kind)] : [];
    this.#trouble.replaceChildren(fault(error, [...mend, ...again, this.#button("query.again", "again", rerun)]));
  }

  /** The attempt that the database refused last, if that is what the query failed of. */
  #broken() {
    const last = this.#query.attempts.at(-1);
    return last?.error && last.sql && MENDABLE.has(this.#query.error.code) ? last : null;
  }

  #mend() {
    const { sql, error } = this.#broken();
    const { question, options } = this.#query;
    this.#actions.ask(mending(sql, error, question, options.options?.locale ?? "zh"), this.#query);
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

const MENDABLE = new Set(["SQL_SYNTAX_ERROR", "SQL_EXECUTION_FAILED"]);

const LIVE = {
  generating_sql: "sql",
  executing_sql: "table",
  processing_results: "table",
  generating_explanation: "answer",
  recommending_visualization: "chart",
};

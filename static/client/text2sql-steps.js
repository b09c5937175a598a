// <text2sql-steps>: a query's steps, SQL, rows and words, as they come. Plain HTML, React or Vue: give it a `query`
// (from `client.ask`), or a `snapshot` where a framework holds the state.
//
// The one rule: what comes from a server, a model or a database is only ever text, never markup.

import { soon } from "./lib/store.js";
import { h, write } from "./lib/steps/dom.js";
import { Growing } from "./lib/steps/growing.js";
import { MARKS, StepList } from "./lib/steps/list.js";
import { SqlPart } from "./lib/steps/sql.js";
import { sheet } from "./lib/steps/style.js";
import { TablePart } from "./lib/steps/table.js";
import { localeOf, texts } from "./lib/steps/texts.js";

const ROWS = 100;
const GOES_ON = new Set(["waiting", "running"]);

/**
 * Attributes: `locale` ("zh" or "en"; else the language of the page around it), `rows` (how many to show, 100).
 * Events: `text2sql-cancel` and `text2sql-retry`, which cancel and retry `query` unless they are prevented.
 */
export class Text2SQLSteps extends HTMLElement {
  static observedAttributes = ["locale", "rows"];

  #query = null;
  #snapshot = null;
  #forget = null;
  #isAsked = false;
  #summary = h("span.summary");
  #mark = h("span.mark", { "aria-hidden": "true" });
  #remaining = h("span.remaining");
  #cancel = h("button", { type: "button", part: "button", onclick: () => this.#act("cancel") });
  #retry = h("button", { type: "button", part: "button", onclick: () => this.#act("retry") });
  #bar = h("progress", { max: "100" });
  #steps = new StepList();
  #thinkingTitle = h("summary");
  #thinkingWords = h("p");
  #thoughts = new Growing(this.#thinkingWords);
  #thinking = h("details.part.thinking", {}, this.#thinkingTitle, this.#thinkingWords);
  #sql = new SqlPart();
  #table = new TablePart();
  #words = h("p.part.words");
  #explanation = new Growing(this.#words);
  #faultTitle = h("p.heading");
  #faultWords = h("p.words");
  #advice = h("p");
  #fault = h("div.part.fault", {}, this.#faultTitle, this.#faultWords, this.#advice);
  #announced = h("p.unseen", { role: "status" });
  #head = h("header", {}, this.#mark, this.#summary, this.#remaining, this.#cancel, this.#retry);
  #card;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const parts = [this.#thinking, this.#sql.node, this.#fault, this.#words, this.#table.node, this.#announced];
    this.#card = h("article", { part: "card" }, this.#head, this.#bar, this.#steps.node, ...parts);
    root.append(this.#card);
  }

  /** A query of the client library; the element follows it until it gets another. */
  get query() {
    return this.#query;
  }

  set query(query) {
    this.#query = query ?? null;
    this.#snapshot = null;
    this.#listen();
    this.#draw();
  }

  /** What `query.snapshot()` gave, where somebody else follows the query. */
  get snapshot() {
    return this.#query?.snapshot() ?? this.#snapshot;
  }

  set snapshot(snapshot) {
    this.#snapshot = snapshot ?? null;
    this.#drawSoon();
  }

  connectedCallback() {
    this.#upgrade("query");
    this.#upgrade("snapshot");
    this.#listen();
    this.#draw();
  }

  disconnectedCallback() {
    this.#forget?.();
    this.#forget = null;
  }

  attributeChangedCallback() {
    this.#drawSoon();
  }

  /** A property that was set before this class was known hides the accessor. */
  #upgrade(name) {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    delete this[name];
    this[name] = value;
  }

  #listen() {
    this.#forget?.();
    this.#forget = this.isConnected ? (this.#query?.on("change", () => this.#drawSoon()) ?? null) : null;
  }

  #act(what) {
    const detail = { query: this.#query, snapshot: this.snapshot };
    const event = new CustomEvent(`text2sql-${what}`, { detail, bubbles: true, composed: true, cancelable: true });
    if (!this.dispatchEvent(event) || !this.#query) return;
    if (what === "cancel") this.#query.cancel();
    else this.query = this.#query.retry();
  }

  #drawSoon() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    soon(() => {
      this.#isAsked = false;
      this.#draw();
    });
  }

  #draw() {
    const text = texts(localeOf(this));
    const known = this.snapshot;
    this.#card.setAttribute("aria-label", known ? `${text("card")}: ${known.question}` : text("card"));
    for (const part of [this.#bar, this.#steps.node]) part.hidden = !known;
    this.#drawHead(known, text);
    if (!known) return;
    this.#steps.show(known.steps, text);
    this.#sql.show(known.attempts, text);
    this.#table.show(known, Number(this.getAttribute("rows") ?? ROWS), text);
    this.#drawWords(known, text);
    this.#drawFault(known);
  }

  #drawHead(known, text) {
    const status = known?.status ?? "none";
    const goesOn = GOES_ON.has(status);
    this.#head.dataset.status = status;
    write(this.#mark, MARKS[status] ?? "");
    write(this.#summary, summaryOf(known, status, text));
    write(this.#announced, goesOn ? "" : summaryOf(known, status, text));
    const { remainingSeconds: n = null, progress = 0, error } = known ?? {};
    write(this.#remaining, goesOn && n !== null ? text("remaining", { n }) : "");
    this.#bar.value = progress;
    this.#bar.hidden ||= !goesOn;
    this.#bar.setAttribute("aria-label", text("progress"));
    write(this.#cancel, text("cancel"));
    write(this.#retry, text("retry"));
    this.#cancel.hidden = !goesOn;
    this.#retry.hidden = status !== "failed" || !error?.can_retry;
  }

  #drawWords({ reasoning, explanation, status, attempts }, text) {
    this.#thinking.hidden = reasoning === "";
    write(this.#thinkingTitle, text("thinking"));
    this.#thoughts.show(reasoning);
    this.#words.hidden = explanation === "";
    this.#explanation.show(explanation);
    this.#sql.node.hidden ||= status === "completed" && attempts.every(({ sql }) => sql === null);
  }

  /** The database's words stand beside the SQL already, where that is what failed. */
  #drawFault({ error, attempts }) {
    const isSaid = error !== null && attempts.at(-1)?.error === error.error;
    this.#fault.hidden = error === null;
    this.#faultWords.hidden = isSaid;
    write(this.#faultTitle, error?.title || error?.code || "");
    write(this.#faultWords, error?.error ?? "");
    write(this.#advice, error?.suggestion ?? "");
  }
}

function summaryOf(known, status, text) {
  const step = known?.steps.find((one) => one.status === status || one.status === "running");
  if (status === "running" && step) return text(`stage.${step.stage}`);
  if (status === "failed" && step) return text("failed_at", { stage: text(`stage.${step.stage}`) });
  if (status !== "completed") return text(`status.${status}`);
  return `${text("status.completed")} · ${text("seconds", { n: known.answer.execution_time.toFixed(1) })}`;
}

customElements.define("text2sql-steps", Text2SQLSteps);

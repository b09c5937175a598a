// An answer as it comes: its stage and how far it is, what the model thinks (folded), the SQL, and at the end what
// it says, with the first rows. Drawn at most once a frame, however fast the words come.

import { Growing } from "/static/client/lib/steps/growing.js";
import { el, onNextFrame } from "/static/js/dom.js";
import { group } from "/static/js/format.js";
import { icon } from "/static/js/icons.js";
import { say as sayOfPage } from "/static/js/language.js";
import { unfenced } from "/static/js/sql_tokens.js";
import { TEXTS } from "/static/js/texts.js";
import { smallTable } from "/static/js/views/cells.js";
import { Highlighted } from "/static/js/views/highlighted.js";
import { quote, say } from "../texts.js";
import { assistantAvatar } from "./avatar.js";
import { clock } from "./clock.js";
import { code, codeBox, Markdown, markdown } from "./markdown.js";

const SHOWN_ROWS = 10;
const OPEN = new Set(["started", "processing"]);

export class AnswerView {
  #entry;
  #time = el("time");
  #stage = el("span.stage");
  #bar = el("progress", { max: "100", value: "0" });
  #stop = el("button.quiet.stop", { type: "button" }, icon("stop"));
  #progress;
  #thinking = el("details.thinking", { hidden: true });
  #thoughts = el("p");
  #growing = new Growing(this.#thoughts);
  #body = el("div.answer-body");
  #rows = el("div.answer-rows", { hidden: true });
  #note = el("p.outcome", { hidden: true });
  #whole = null;
  #partial = null;
  #results = null;
  #draw = onNextFrame(() => this.#show());

  /** `oncancel()` where the reader may stop it, else null. */
  constructor(entry, { oncancel }) {
    this.#entry = entry;
    this.#stop.append(say(el("span"), "answer.cancel"));
    this.#stop.addEventListener("click", () => (this.#stop.disabled = oncancel()));
    this.#stop.hidden = !oncancel;
    say(this.#bar, "answer.progress", {}, "aria-label");
    this.#progress = el("div.progress", {}, this.#bar, el("div.progress-line", {}, this.#stage, this.#stop));
    this.#thinking.append(say(el("summary"), "answer.thinking"), this.#thoughts);
    const who = el("p.who", {}, say(el("b"), "message.assistant"), this.#time);
    const bubble = el("div.bubble", {}, this.#progress, this.#thinking, this.#body, this.#rows, this.#note);
    const attributes = { "data-role": "assistant", "data-id": entry.id };
    this.node = el("li.message", attributes, assistantAvatar(), el("div.message-main", {}, who, bubble));
    this.#show();
  }

  update() {
    this.#draw();
  }

  #show() {
    const { status, at } = this.#entry;
    this.node.dataset.status = status;
    clock(this.#time, at);
    this.#progress.hidden = !OPEN.has(status);
    if (OPEN.has(status)) this.#showStage();
    this.#showThoughts();
    this.#showBody();
    this.#showRows();
    this.#tellOutcome();
  }

  #showStage() {
    const { stage, progress, note } = this.#entry;
    this.#bar.value = progress ?? 0;
    if (note) quote(this.#stage, note);
    else if (Object.hasOwn(TEXTS, `stage.${stage}`)) sayOfPage(this.#stage, `stage.${stage}`);
    else quote(this.#stage, stage ?? "…");
  }

  #showThoughts() {
    const { reasoning = "" } = this.#entry;
    this.#thinking.hidden = !reasoning;
    this.#growing.show(reasoning);
  }

  /** Once it is whole, what it says; before, what has come of it. */
  #showBody() {
    const { content, sql, attempts = [], words = "" } = this.#entry;
    const isWhole = typeof content === "string";
    if (!isWhole) return this.#showPartial(attempts, words);
    const key = JSON.stringify([content, sql]);
    if (this.#whole === key) return;
    [this.#whole, this.#partial] = [key, null];
    this.#body.replaceChildren(...whole(content, sql));
  }

  /** What grows is drawn on, not anew. */
  #showPartial(attempts, words) {
    if (!this.#partial || attempts.length < this.#partial.statements.length) this.#beginPartial();
    const { statements, said } = this.#partial;
    attempts.forEach((sql, at) => {
      statements[at] ??= this.#begunStatement(at + 1);
      statements[at].show(unfenced(sql), attempts.length > 1);
    });
    said.show(words);
  }

  #beginPartial() {
    this.#body.replaceChildren();
    this.#whole = null;
    this.#partial = { statements: [], said: new Markdown(this.#body) };
  }

  #begunStatement(n) {
    const statement = new Statement(n);
    this.#body.insertBefore(statement.node, this.#partial.said.first);
    return statement;
  }

  #showRows() {
    const { results } = this.#entry;
    this.#rows.hidden = !results;
    if (!results || this.#results === results) return;
    this.#results = results;
    const { columns, data, row_count: count } = results;
    const told = el("p.note");
    const shown = data.slice(0, SHOWN_ROWS);
    if (count === 0) say(told, "answer.no_rows");
    else if (count > shown.length) say(told, "answer.head", { shown: shown.length, n: group(count) });
    else say(told, count === 1 ? "answer.row" : "answer.rows", { n: group(count) });
    const table = shown.length ? [smallTable(columns, shown.map((row) => columns.map(({ name }) => row[name])))] : [];
    this.#rows.replaceChildren(...table, told);
  }

  #tellOutcome() {
    const { status, error, hasGap } = this.#entry;
    this.#note.hidden = false;
    this.#note.dataset.kind = status === "failed" ? "bad" : "";
    if (status === "failed") quote(this.#note, [error?.title, error?.message, error?.suggestion].filter(Boolean).join(" · "));
    else if (status === "cancelled" || status === "lost") say(this.#note, `answer.${status}`);
    else if (hasGap && OPEN.has(status)) say(this.#note, "answer.gap");
    else this.#note.hidden = true;
  }
}

function whole(content, sql) {
  const nodes = markdown(content);
  const hasCode = nodes.some((node) => node.matches("pre"));
  return sql && !hasCode ? [...nodes, code(sql)] : nodes;
}

class Statement {
  #shown = new Highlighted();
  #title;
  #code;

  constructor(n) {
    this.#title = say(el("p.note"), "answer.attempt", { n });
    this.#code = codeBox(this.#shown);
    this.node = el("div.statement", {}, this.#title, this.#code);
  }

  show(sql, isOneOfMany) {
    this.#title.hidden = !isOneOfMany;
    this.node.hidden = sql === "" && !isOneOfMany;
    this.#code.hidden = sql === "";
    this.#shown.show(sql);
  }
}

// An answer as it comes: its stage and how far it is, what the model thinks (folded), the SQL, and at the end what
// it says, with the first rows. Drawn at most once a frame, however fast the words come.

import { el, onNextFrame } from "/static/js/dom.js";
import { group } from "/static/js/format.js";
import { icon } from "/static/js/icons.js";
import { say as sayOfPage } from "/static/js/language.js";
import { unfenced } from "/static/js/sql_tokens.js";
import { TEXTS } from "/static/js/texts.js";
import { smallTable } from "/static/js/views/cells.js";
import { quote, say } from "../texts.js";
import { assistantAvatar } from "./avatar.js";
import { clock } from "./clock.js";
import { code, markdown } from "./markdown.js";

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
  #body = el("div.answer-body");
  #rows = el("div.answer-rows", { hidden: true });
  #note = el("p.outcome", { hidden: true });
  #drawn = {};
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
    if (this.#thoughts.textContent !== reasoning) this.#thoughts.textContent = reasoning;
  }

  /** Once it is whole, what it says; before, what has come of it. */
  #showBody() {
    const { content, sql, attempts = [], words = "" } = this.#entry;
    const isWhole = typeof content === "string";
    const key = JSON.stringify(isWhole ? [content, sql] : [attempts, words]);
    if (this.#drawn.body === key) return;
    this.#drawn.body = key;
    this.#body.replaceChildren(...(isWhole ? whole(content, sql) : partial(attempts, words)));
  }

  #showRows() {
    const { results } = this.#entry;
    this.#rows.hidden = !results;
    if (!results || this.#drawn.results === results) return;
    this.#drawn.results = results;
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

function partial(attempts, words) {
  const several = attempts.length > 1;
  const written = attempts.flatMap((sql, at) => [
    ...(several ? [say(el("p.note"), "answer.attempt", { n: at + 1 })] : []),
    ...(sql ? [code(unfenced(sql))] : []),
  ]);
  return [...written, ...markdown(words)];
}

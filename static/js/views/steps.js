// The card of steps: what runs, what is done and in how many seconds, how far it is and how long it may take.
// When the query is over it folds to one line, which opens again with a click.

import { Growing } from "../../client/lib/steps/growing.js";
import { el } from "../dom.js";
import { seconds } from "../format.js";
import { icon } from "../icons.js";
import { quote, say, text } from "../language.js";
import { STAGES } from "../state/query.js";
import { TEXTS } from "../texts.js";

const MARKS = { done: "check", failed: "cross", stopped: "stop", skipped: "dash" };
const TICK_MS = 100;

export class Steps {
  #query;
  #summary = el("span.summary-text");
  #clock = el("span.clock");
  #mark = el("span.mark", { "aria-hidden": "true" });
  #remaining = el("span.remaining");
  #attempt = el("span.attempt-mark", { hidden: true });
  #bar = el("progress", { max: 100, value: 0 });
  #list = el("ol.steps");
  #steps = new Map(STAGES.map((name) => [name, new Step(name)]));
  #thinking = new Thinking();
  #timer = 0;

  constructor(query) {
    this.#query = query;
    say(this.#bar, "query.progress", {}, "aria-label");
    this.#list.append(...[...this.#steps.values()].map((step) => step.node));
    const line = el(
      "summary.summary",
      {},
      this.#mark,
      this.#summary,
      this.#attempt,
      el("span.gap"),
      this.#remaining,
      this.#clock,
      el("span.fold", {}, icon("chevron")),
    );
    this.node = el("details.progress-card", { open: true }, line, this.#bar, this.#list, this.#thinking.node);
  }

  update() {
    const query = this.#query;
    this.node.dataset.status = query.status;
    this.#list.hidden = query.isOver && query.stages.size === 0;
    this.#bar.value = query.progress;
    this.#bar.hidden = query.isOver;
    this.#mark.replaceChildren(...(query.isOver ? [icon(ENDING_MARKS[query.status])] : []));
    this.#tellSummary();
    this.#tellRemaining();
    this.#tellAttempt();
    this.#updateSteps();
    this.#thinking.update(query);
    this.#tick();
  }

  /** Folds a finished query's steps away; a failed one's stay in sight. */
  fold() {
    this.node.open = this.#query.status === "failed";
  }

  unfold() {
    this.node.open = true;
  }

  #updateSteps() {
    const reached = STAGES.findLastIndex((name) => this.#query.stages.has(name));
    STAGES.forEach((name, at) => {
      const stage = this.#query.stages.get(name);
      const missed = !stage && (at < reached || this.#query.status === "completed");
      this.#steps.get(name).update(stage, missed ? "skipped" : (stage?.status ?? "waiting"));
    });
  }

  #tellSummary() {
    const { status, cancelling, stage, sent } = this.#query;
    const named = stage && { stage: { key: `stage.${stage.name}` } };
    if (status === "waiting") say(this.#summary, sent ? "query.sending" : "query.unsent");
    else if (cancelling) say(this.#summary, "query.cancelling");
    else if (status === "running") say(this.#summary, `stage.${stage?.name ?? "analyzing"}`);
    else if (status === "completed") this.#tellTotal();
    else if (status === "failed") say(this.#summary, named ? "query.failed" : "query.refused", named ?? {});
    else if (status === "cancelled" && named) say(this.#summary, "query.cancelled", named);
    else say(this.#summary, status === "cancelled" ? "query.cancelled_early" : "query.lost");
  }

  #tellRemaining() {
    const { remaining, isOver } = this.#query;
    if (isOver || remaining === null || remaining === undefined) quote(this.#remaining, "");
    else if (remaining < 1) say(this.#remaining, "query.almost");
    else say(this.#remaining, "query.remaining", { n: remaining });
  }

  /** A repair isn't hidden. */
  #tellAttempt() {
    const n = this.#query.attempts.at(-1)?.number ?? 1;
    this.#attempt.hidden = n < 2;
    if (n > 1) say(this.#attempt, "sql.attempt", { n });
  }

  #tellTotal() {
    const { execution_time: total } = this.#query.answer;
    if (total === undefined) say(this.#summary, "query.restored");
    else say(this.#summary, "query.completed", { seconds: seconds(total) });
  }

  /** Ticks while the query runs and the card is on the page. */
  #tick() {
    clearTimeout(this.#timer);
    const { status, startedAt, isOver } = this.#query;
    if (status === "waiting" || isOver) return quote(this.#clock, "");
    const now = this.#query.now();
    if (startedAt === null) return;
    quote(this.#clock, text("query.seconds", { n: seconds(Math.max(0, now - startedAt) / 1000) }));
    for (const step of this.#steps.values()) step.tick(now);
    if (this.node.isConnected) this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }
}

const ENDING_MARKS = { completed: "check", failed: "cross", cancelled: "stop", lost: "warning" };

class Step {
  #mark = el("span.mark", { "aria-hidden": "true" });
  #status = el("span.unseen");
  #message = el("span.step-message");
  #seconds = el("span.step-seconds");
  #stage = null;
  #shown = "";
  #key;

  constructor(name) {
    this.#key = `stage.${name}`;
    const title = say(el("span.step-title"), this.#key);
    this.node = el("li.step", { "data-stage": name }, this.#mark, title, this.#status, this.#message, this.#seconds);
  }

  update(stage, status) {
    this.#stage = stage;
    quote(this.#message, this.#news(stage?.message ?? ""));
    quote(this.#seconds, stage && status !== "running" ? text("query.seconds", { n: seconds(stage.seconds) }) : "");
    if (status === this.#shown) return;
    this.#shown = this.node.dataset.status = status;
    if (status === "running") this.node.setAttribute("aria-current", "step");
    else this.node.removeAttribute("aria-current");
    this.#mark.replaceChildren(...(MARKS[status] ? [icon(MARKS[status])] : []));
    say(this.#status, `step.${status}`);
  }

  /** A message that only repeats the step's title says nothing new. */
  #news(message) {
    const bare = message.replaceAll(" ", "");
    return TEXTS[this.#key].some((title) => title.replaceAll(" ", "") === bare) ? "" : message;
  }

  tick(now) {
    if (this.#stage?.status !== "running") return;
    const spent = this.#stage.seconds + Math.max(0, now - this.#stage.since) / 1000;
    quote(this.#seconds, text("query.seconds", { n: seconds(spent) }));
  }
}

/** What the model thinks before it answers, folded apart from the answer. */
class Thinking {
  #title = el("summary");
  #words = el("div.thinking-words");
  #growing = new Growing(this.#words);

  constructor() {
    this.node = el("details.thinking", { hidden: true }, this.#title, this.#words);
  }

  update(query) {
    const { reasoning } = query;
    this.node.hidden = reasoning === "";
    const now = !query.isOver && query.stage?.name === "generating_sql" && !query.attempts.length;
    say(this.#title, now ? "query.thinking_now" : "query.thinking");
    this.#growing.show(reasoning);
  }
}

// `steps` (wire contract, 6): server-sent events in three vocabularies over one stream.

import { el } from "/static/js/dom.js";
import { parse } from "../json.js";
import { question } from "../labels.js";
import { table, tableOf } from "../table.js";

/** The latest stream: its steps with what each wrote, and how it ended. */
class Shown {
  #steps = new Map();
  #list = el("ol.walk");
  #end = el("div");
  node = el("div", {}, this.#list, this.#end);

  take(way, { type, value, isQuestion }) {
    if (way === "out") return isQuestion && this.#begin();
    if (value) READERS[type]?.(this, value);
  }

  /** `id` may be a step's or, where the vocabulary has no steps, any name. */
  step(id, title = id) {
    if (!this.#steps.has(id)) {
      const step = new Step(title);
      this.#steps.set(id, step);
      this.#list.append(step.node);
    }
    return this.#steps.get(id);
  }

  end(...nodes) {
    this.#end.replaceChildren(...nodes);
  }

  #begin() {
    this.#steps.clear();
    this.#list.replaceChildren();
    this.#end.replaceChildren();
  }
}

class Step {
  #note = el("span.note");
  #thinking = el("p.thinking", { hidden: true });
  #words = el("code");
  #pre = el("pre", { tabindex: "0", hidden: true }, this.#words);

  constructor(title) {
    const line = el("p.walk-line", {}, el("strong", {}, title), this.#note);
    this.node = el("li", { "data-status": "running" }, line, this.#thinking, this.#pre);
  }

  write(words) {
    this.#pre.hidden = words === "" && this.#words.textContent === "";
    this.#words.append(words);
  }

  think(words) {
    this.#thinking.hidden &&= !words;
    this.#thinking.append(words);
  }

  /** What a step came to, where it wrote nothing: SQL that was known from before. */
  writeAtMost(words = "") {
    if (this.#words.textContent === "") this.write(words);
  }

  note(status, words = "") {
    this.node.dataset.status = status;
    this.#note.textContent = words;
  }
}

const READERS = {
  step_start: (shown, { step }) => shown.step(step.id, step.title).note("running", step.description),
  step_content: (shown, { stepId, content }) => wrote(shown.step(stepId), content),
  step_complete: (shown, { stepId, result }) => completed(shown.step(stepId), result.duration, result.data),
  step_error: (shown, { stepId, error }) => shown.step(stepId).note("error", `${error.code}: ${error.message}`),
  final_complete: (shown, { summary }) => summed(shown, summary),
  stream_error: (shown, { error }) => shown.end(fault(error)),

  /** Both vocabularies have this one: 004's first form carries the whole step, its second the step's id. */
  step_progress(shown, { step, stepId, progress, message = "" }) {
    if (step) shown.step(step.id, step.title).note(step.status, `${step.progress}% ${message || step.description}`);
    else shown.step(stepId).note("running", `${progress}% ${message}`);
  },

  content_stream: (shown, { stepId, content }) => wrote(shown.step(stepId), content),
  step_completed: (shown, { step }) => completed(shown.step(step.id, step.title), step.duration, step.result?.output),
  final: (shown, { summary = {} }) => summed(shown, summary),

  sql_delta: (shown, { text }) => shown.step("sql", "SQL").write(text),
  sql: (shown, { sql }) => completed(shown.step("sql", "SQL"), null, { sql }),
  result: (shown, { columns, rows, row_count: n }) => shown.end(table(columns.map(({ name }) => name ?? ""), rows, n)),

  error(shown, { code, message, step, content, error }) {
    if (step?.id) shown.step(step.id, step.title).note("error", content?.text ?? "");
    shown.end(fault(error ?? { code, message: message ?? content?.text ?? "" }));
  },
};

function wrote(step, { text, reasoning }) {
  if (text) step.write(text);
  if (reasoning) step.think(reasoning);
}

function completed(step, ms, data) {
  step.note("completed", ms === null ? "" : `${ms} ms`);
  step.writeAtMost(data?.sql);
}

function summed(shown, { output = {} }) {
  const words = output.explanation ? [el("p.words", {}, output.explanation)] : [];
  const rows = output.data?.length ? [tableOf(output.data, output.data.length)] : [];
  shown.end(...words, ...rows);
}

function fault(error) {
  const words = typeof error === "string" ? error : `${error.code ?? ""} ${error.message ?? ""}`;
  return el("p.line", { "data-kind": "error" }, words);
}

export const steps = {
  name: "steps",
  path: "POST /api/chat/enhanced-question",
  isSocket: false,
  canResume: true,
  fields: [],
  samples: {
    ask: () => ({ question: question("ask"), enhanced_streaming: true }),
    ask_progress: () => ({ question: question("ask"), enhanced_streaming: true, event_format: "progress" }),
    ask_simple: () => ({ question: question("ask"), enhanced_streaming: false }),
    ask_resumable: () => ({ question: question("ask"), enhanced_streaming: true, resumable: true }),
    ask_long: () => ({
      question: "SELECT COUNT(*) FROM order_items a, order_items b, order_items c",
      enhanced_streaming: true,
      resumable: true,
    }),
    ask_wrong: () => ({ question: "SELECT no_such_column FROM orders", enhanced_streaming: true }),
    retry: ({ failed = "step_005" }) => ({ stepId: failed }),
    empty: () => ({ question: "" }),
    broken: () => "{not JSON",
  },
  Shown,

  address() {
    return null;
  },

  /** The step that a message asks to run again: it goes to another address. */
  retried(words) {
    const { stepId, question: asked } = parse(words) ?? {};
    return asked === undefined ? stepId : undefined;
  },

  read(words, way) {
    if (words.startsWith(":")) return { type: "comment", isBeat: true };
    if (way === "out") return { type: words.split(" ", 1)[0].replace(/^[^A-Z].*/s, "POST"), isQuestion: true };
    const value = parse(words.replace(/^data: ?/, ""));
    return { type: value?.type ?? (value ? "error" : "HTTP"), sequence: value?.sequence, value };
  },

  learn(known, { type, value }) {
    if (type === "step_error" || type === "error") known.failed = value?.stepId ?? value?.step?.id ?? known.failed;
  },
};

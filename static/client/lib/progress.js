// All that is known of one query's answer, from the server's messages, as one plain object to render. No DOM, no
// network: `new Progress(question)`, `take(message)` for each, `snapshot()` to look at it.
//
// The one rule: a query ends once (`completed`, `failed`, `cancelled` or `lost`), and nothing changes it after that.

import { STAGES } from "./stages.js";

const TEXT_LIMIT = 1_000_000;
const ENDINGS = new Set(["completed", "failed", "cancelled", "lost"]);
const LAST_STATUS = { completed: "done", failed: "failed", cancelled: "stopped", lost: "stopped" };
const SQL_FAULTS = new Set(["SQL_SYNTAX_ERROR", "SQL_EXECUTION_FAILED", "SQL_NOT_READ_ONLY", "TIMEOUT_ERROR"]);

export class Progress {
  #known;
  #keepRows;
  #rows = [];
  #snapshot = null;

  /** At most `keepRows` rows are kept; `rowCount` counts all that came. */
  constructor(question, keepRows = 10_000) {
    this.#keepRows = keepRows;
    this.#known = {
      id: null,
      question,
      status: "waiting",
      progress: 0,
      remainingSeconds: null,
      steps: STAGES.map((stage) => ({ stage, status: "waiting", message: "", details: null, seconds: 0, since: null })),
      reasoning: "",
      attempts: [],
      sql: null,
      columns: [],
      rowCount: 0,
      explanation: "",
      answer: null,
      error: null,
    };
  }

  get id() {
    return this.#known.id;
  }

  get isOver() {
    return ENDINGS.has(this.#known.status);
  }

  /** The same object until something changed, and then another: what frameworks compare. */
  snapshot() {
    this.#snapshot ??= {
      ...this.#known,
      steps: this.#known.steps.map((step) => ({ ...step })),
      attempts: this.#known.attempts.map((attempt) => ({ ...attempt })),
      rows: this.#rows.slice(),
    };
    return this.#snapshot;
  }

  /** A message of the server about this query. */
  take({ type, data, timestamp }) {
    if (this.isOver || !READERS[type]) return;
    READERS[type].call(this, this.#known, data, Date.parse(timestamp));
    this.#snapshot = null;
  }

  /** The rest will never come: `status` is "lost", or "failed" for a question that was not accepted. */
  giveUp(status, error) {
    if (this.isOver) return;
    this.#known.error = error;
    end(this.#known, status);
    this.#snapshot = null;
  }

  addRows(rows) {
    const room = this.#keepRows - this.#rows.length;
    for (const row of room < rows.length ? rows.slice(0, Math.max(0, room)) : rows) this.#rows.push(row);
    this.#known.rowCount += rows.length;
  }
}

const READERS = {
  query_start(known, { query_id: id }) {
    known.id = id;
    known.status = "running";
  },

  query_progress(known, { progress }, at) {
    known.progress = Math.max(known.progress, progress.progress);
    known.remainingSeconds = progress.estimated_time_remaining;
    enter(known, progress, at);
    if (progress.details?.attempt && progress.details.error) refuse(known, progress.details);
  },

  query_token(known, { kind, delta, attempt }) {
    if (kind === "reasoning") known.reasoning = bounded(known.reasoning + delta);
    if (kind === "explanation") known.explanation = bounded(known.explanation + delta);
    if (kind === "sql") {
      const writing = attemptNumber(known, attempt);
      writing.written = bounded(writing.written + delta);
    }
  },

  query_sql(known, { sql, attempt }) {
    known.sql = attemptNumber(known, attempt).sql = sql;
  },

  query_result(known, { columns, rows }) {
    known.columns = columns;
    this.addRows(rows);
  },

  query_complete(known, data, at) {
    known.answer = data;
    known.sql = data.sql;
    known.columns = data.results.columns;
    known.explanation = data.explanation.explanation || known.explanation;
    known.progress = 100;
    end(known, "completed", at);
  },

  query_error(known, data, at) {
    known.error = data;
    const last = known.attempts.at(-1);
    if (last && SQL_FAULTS.has(data.code)) last.error = data.error;
    end(known, "failed", at);
  },

  query_cancel(known, _, at) {
    end(known, "cancelled", at);
  },
};

/** A stage begins, or says more of itself; what ran before it is done, and what didn't run before it won't. */
function enter(known, { stage, message, details }, at) {
  const place = known.steps.findIndex((one) => one.stage === stage);
  const step = known.steps[place];
  for (const other of known.steps) if (other !== step) close(other, "done", at);
  if (!step) return;
  for (const earlier of known.steps.slice(0, place)) if (earlier.status === "waiting") earlier.status = "skipped";
  if (step.status !== "running") step.since = at;
  Object.assign(step, { status: "running", message, details: details ?? step.details });
}

function close(step, status, at) {
  if (step.status !== "running") return;
  if (at) step.seconds += Math.max(0, at - step.since) / 1000;
  step.status = status;
}

function end(known, status, at) {
  for (const step of known.steps) {
    close(step, LAST_STATUS[status], at);
    if (step.status === "waiting" && status === "completed") step.status = "skipped";
  }
  known.status = status;
  known.remainingSeconds = null;
}

function attemptNumber(known, number) {
  let attempt = known.attempts.find((one) => one.number === number);
  if (!attempt) {
    attempt = { number, written: "", sql: null, error: null };
    known.attempts.push(attempt);
  }
  return attempt;
}

function refuse(known, { attempt: number, error, sql }) {
  const attempt = attemptNumber(known, number);
  attempt.error = error;
  attempt.sql ??= sql;
}

function bounded(text) {
  return text.length > TEXT_LIMIT ? text.slice(0, TEXT_LIMIT) : text;
}

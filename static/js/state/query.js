// One question and all that is known of its answer, built from the server's messages. No DOM here.
//
// The one rule: a query ends once (`completed`, `failed`, `cancelled` or `lost`), and nothing changes it after
// that but `restart`.

import { wordsIn } from "../sql_tokens.js";

export const STAGES = [
  "analyzing",
  "selecting_datasource",
  "connecting_database",
  "retrieving_schema",
  "generating_sql",
  "validating_sql",
  "executing_sql",
  "processing_results",
  "generating_explanation",
  "recommending_visualization",
];

const RELEASED_ROWS = 100;
const ENDINGS = new Set(["completed", "failed", "cancelled", "lost"]);
const SQL_FAULTS = new Set(["SQL_SYNTAX_ERROR", "SQL_EXECUTION_FAILED", "SQL_NOT_READ_ONLY", "TIMEOUT_ERROR"]);

export class Query extends EventTarget {
  #heard = { at: 0, here: 0 };

  /** `options` are sent with the question each time it is asked. */
  constructor(question, options = {}) {
    super();
    this.question = question;
    this.options = options;
    this.askedAt = Date.now();
    this.#begin();
  }

  get isOver() {
    return ENDINGS.has(this.status);
  }

  /** The stage that runs, or ran when the query ended. */
  get stage() {
    return [...this.stages.values()].findLast((stage) => stage.status !== "done") ?? null;
  }

  /** What there is to read so far: the explanation, or the words of a model that writes no SQL. */
  get words() {
    const last = this.attempts.at(-1);
    return this.explanation || (last && !last.sql ? wordsIn(last.written) : "");
  }

  /** The SQL that ran, or was to run. */
  get sql() {
    return this.answer ? this.answer.sql : (this.attempts.at(-1)?.sql ?? null);
  }

  get rowCount() {
    return this.answer?.results.row_count ?? this.rows.length;
  }

  /** Forget the answer and wait to be asked again; the stages before the one that failed stay done on a retry. */
  restart({ keepStages = false } = {}) {
    const kept = keepStages ? [...this.stages].filter(([, stage]) => stage.status === "done") : [];
    this.#begin();
    this.stages = new Map(kept);
    this.#changed("restart");
  }

  /** A message of the server for this query, and the server's time for it in milliseconds. */
  take(type, data, at) {
    if (this.isOver) return;
    this.#heard = { at, here: performance.now() };
    READERS[type]?.(this, data, at);
    this.#changed(type);
  }

  /** The server's clock, as far as it can be told from its last message. */
  now() {
    return this.#heard.at + performance.now() - this.#heard.here;
  }

  /** Keeps only as many rows as a reload would: those of long ago make room for new ones. */
  release() {
    if (!this.isOver || this.rows.length <= RELEASED_ROWS) return;
    this.rows = this.rows.slice(0, RELEASED_ROWS);
    this.#changed("released");
  }

  /** It was given to the server, or (false) waits for a connection. */
  submitted(sent) {
    this.sent = sent;
    this.#changed("submitted");
  }

  /** What the reader thinks of the answer: -1, 0 or 1. */
  rate(rating) {
    this.rating = rating;
    this.#changed("rated");
  }

  /** The page wants it stopped; the server has yet to say that it did. */
  stopping() {
    this.cancelling = true;
    this.#changed("stopping");
  }

  /** `why`: `expired`, `gap`, `forgotten` or `unsent`, as far as the page was told. */
  lose(why) {
    if (this.isOver) return;
    this.lostTo = why;
    end(this, "lost");
    this.#changed("lost");
  }

  #begin() {
    this.id = null;
    this.status = "waiting";
    this.sent = false;
    this.retryOf = null;
    this.isRestored = false;
    this.isRewound = false;
    this.before = null; // the session's sequence just before it started: from there it can be told again
    this.rating = 0;
    this.datasource = this.options.database_config?.datasource ?? null;
    this.replaced = [];
    this.cancelling = false;
    this.progress = 0;
    this.remaining = null;
    this.stages = new Map();
    this.reasoning = "";
    this.attempts = [];
    this.columns = [];
    this.rows = [];
    this.explanation = "";
    this.answer = null;
    this.error = null;
    this.lostTo = null;
    this.startedAt = this.endedAt = null;
  }

  #changed(type) {
    this.dispatchEvent(new CustomEvent("change", { detail: type }));
  }
}

const READERS = {
  query_start(query, data, at) {
    query.id = data.query_id;
    query.status = "running";
    query.startedAt = at;
  },

  query_progress(query, { progress }, at) {
    query.progress = Math.max(query.progress, progress.progress);
    query.remaining = progress.estimated_time_remaining;
    if (progress.stage !== "completed") enter(query, progress, at);
    const { details } = progress;
    if (details?.attempt && details.error) refuse(query, details);
    if (details?.datasource) query.datasource = details.datasource;
    if (details?.replaced) query.replaced = details.replaced;
  },

  query_token(query, { kind, delta, attempt }) {
    if (kind === "reasoning") query.reasoning += delta;
    if (kind === "explanation") query.explanation += delta;
    if (kind === "sql") attemptNumber(query, attempt).written += delta;
  },

  query_sql(query, { sql, attempt }) {
    attemptNumber(query, attempt).sql = sql;
  },

  /** Rows are kept without a gap: after a reload in mid-stream, only what `query_complete` repeats is shown. */
  query_result(query, { columns, rows, row_offset: offset }) {
    query.columns = columns;
    if (offset === query.rows.length) for (const row of rows) query.rows.push(row);
  },

  query_complete(query, data, at) {
    query.answer = data;
    query.explanation = data.explanation.explanation || query.explanation;
    if (data.sql) attemptNumber(query, data.attempts).sql ??= data.sql;
    fillRows(query, data.results);
    query.progress = 100;
    end(query, "completed", at);
  },

  query_error(query, data, at) {
    query.error = data;
    const last = query.attempts.at(-1);
    if (last && SQL_FAULTS.has(data.code)) last.error = data.error;
    end(query, "failed", at);
  },

  query_cancel(query, _, at) {
    end(query, "cancelled", at);
  },
};

export function fillRows(query, { columns, data }) {
  query.columns = columns;
  if (query.rows.length >= data.length) return;
  const keys = keysOf(columns);
  query.rows = data.map((record) => keys.map((key) => record[key]));
}

/** A name that comes again bears its number in records: `id`, `id_2`. */
function keysOf(columns) {
  const taken = new Set();
  return columns.map(({ name }) => {
    let key = name;
    for (let number = 2; taken.has(key); number += 1) key = `${name}_${number}`;
    taken.add(key);
    return key;
  });
}

/** A stage begins, or says more of itself; whatever ran before it is done, and its seconds are counted. */
function enter(query, { stage: name, message, details }, at) {
  const running = query.stage;
  if (running && running.name !== name) close(running, "done", at);
  const stage = query.stages.get(name) ?? { name, seconds: 0, status: "done" };
  if (stage.status !== "running") stage.since = at;
  Object.assign(stage, { status: "running", message, details: details ?? stage.details });
  query.stages.set(name, stage);
}

function close(stage, status, at) {
  if (at && stage.status === "running") stage.seconds += Math.max(0, at - stage.since) / 1000;
  stage.status = status;
}

const LAST_STATUS = { completed: "done", failed: "failed", cancelled: "stopped", lost: "stopped" };

function end(query, status, at = null) {
  if (query.stage) close(query.stage, LAST_STATUS[status], at);
  query.status = status;
  query.cancelling = false;
  query.remaining = null;
  query.endedAt = at;
}

function attemptNumber(query, number) {
  let attempt = query.attempts.find((one) => one.number === number);
  if (!attempt) {
    attempt = { number, written: "", sql: null, error: null };
    query.attempts.push(attempt);
  }
  return attempt;
}

function refuse(query, { attempt: number, error, sql }) {
  const attempt = attemptNumber(query, number);
  attempt.error = error;
  attempt.sql ??= sql;
}

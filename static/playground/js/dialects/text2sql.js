// `text2sql` (wire contract, 2): the element of the client library shows what its messages amount to.

import { Progress } from "/static/client/lib/progress.js";
import "/static/client/text2sql-steps.js";
import { el } from "/static/js/dom.js";
import { language } from "/static/js/language.js";
import { parse } from "../json.js";
import { onLanguage, question } from "../labels.js";

const MOST = 10;

/** The latest queries, the newest first; and what belongs to no query in a line. */
class Shown {
  #queries = new Map();
  #lines = el("div.lines");
  #cards = el("div.cards");
  node = el("div.shown-queries", {}, this.#lines, this.#cards);

  constructor() {
    onLanguage((locale) => this.#queries.forEach(({ steps }) => steps.setAttribute("locale", locale)));
  }

  take(way, { type, value }) {
    if (way === "out" || !value) return;
    const id = value.data?.query_id;
    if (type === "query_start") this.#begin(id, value.data.query);
    const shown = this.#queries.get(id);
    if (shown) {
      shown.progress.take(value);
      shown.steps.snapshot = shown.progress.snapshot();
    } else this.#tell(type, value);
  }

  #begin(id, asked) {
    const steps = el("text2sql-steps", { locale: language.locale, rows: "20" });
    const card = el("div.card", {}, el("h3", {}, asked), steps);
    this.#queries.set(id, { progress: new Progress(asked, 100), steps, card });
    this.#cards.prepend(card);
    if (this.#queries.size <= MOST) return;
    const [oldest, { card: old }] = this.#queries.entries().next().value;
    this.#queries.delete(oldest);
    old.remove();
  }

  #tell(type, { data = {}, reason }) {
    const words = TOLD[type]?.(data) ?? reason;
    if (!words) return;
    this.#lines.prepend(el("p.line", { "data-kind": type === "query_error" ? "error" : "" }, `${type}: ${words}`));
    while (this.#lines.children.length > MOST) this.#lines.lastChild.remove();
  }
}

const TOLD = {
  connection_ack: (ack) => `${ack.session_id} · epoch ${ack.epoch} · resumed ${ack.resumed} · replayed ${ack.replayed}`,
  query_error: ({ code, error }) => `${code} · ${error}`,
  user_feedback: ({ message }) => message,
  system_status: ({ message }) => message,
  token_refreshed: ({ expires_at: at }) => at,
};

export const text2sql = {
  name: "text2sql",
  path: "/text2sql/websocket",
  isSocket: true,
  canResume: true,
  fields: [
    { name: "session_id", key: "field.session_id", value: "" },
    { name: "locale", key: "field.locale", value: "zh", choices: ["zh", "en"] },
  ],
  samples: {
    ask: () => ask(question("ask")),
    ask_sql: () => ask("SELECT * FROM products LIMIT 5"),
    ask_long: () => ask("SELECT COUNT(*) FROM order_items a, order_items b, order_items c"),
    ask_wrong: () => ask("SELECT no_such_column FROM orders"),
    cancel: ({ queryId = "" }) => ({ type: "query_cancel", data: { query_id: queryId } }),
    retry: ({ queryId = "" }) => ({ type: "query_retry", data: { query_id: queryId } }),
    feedback: ({ queryId = "" }) => ({ type: "user_feedback", data: { query_id: queryId, feedback: { rating: 1 } } }),
    heartbeat: () => ({ type: "heartbeat", data: {} }),
    empty: () => ask(""),
    unknown: () => ({ type: "hello", data: {} }),
    broken: () => "{not JSON",
  },
  Shown,

  address({ session_id: id, locale }, resuming) {
    const known = resuming && { session_id: resuming.sessionId, last_sequence: resuming.sequence, epoch: resuming.epoch };
    const given = known ?? (id ? { session_id: id } : {});
    return `${this.path}?${new URLSearchParams({ ...given, locale })}`;
  },

  read(words) {
    const value = parse(words);
    return { type: value?.type ?? "?", sequence: value?.sequence, value, isBeat: value?.type === "heartbeat" };
  },

  learn(known, { type, value }, pane) {
    if (value?.data?.query_id) known.queryId = value.data.query_id;
    if (type !== "connection_ack") return;
    const { session_id: sessionId, epoch, last_sequence: sequence, resumed } = value.data;
    Object.assign(known, { sessionId, epoch }, resumed && known.sequence !== undefined ? {} : { sequence });
    pane.fill("session_id", sessionId);
  },
};

function ask(query) {
  return { type: "query_request", data: { query, database_config: {}, options: { locale: language.locale } } };
}

// The questions of this tab, in order, and which of them a message of the server belongs to. No DOM here.
//
// The server names a query only when it starts it, so questions that were sent wait in order for their
// `query_start`; a refusal without a query's id is the answer to the first of them.

import { Query } from "./query.js";

/** What changes a query's place in the conversation; the rest only fills its card. */
const MOST_ROWS = 300_000;
const TURNS = new Set(["restart", "query_start", "query_complete", "query_error", "query_cancel", "lost"]);

/**
 * Tells `added` (a query), `turn` (one was asked, began or ended), `forgotten` (a restored query that the server
 * doesn't go on with, and why) and `refused` (an error of no query).
 */
export class Conversation extends EventTarget {
  #send;
  queries = [];

  /** `send(type, data)` returns false where there is no connection: the question is sent when there is. */
  constructor(send) {
    super();
    this.#send = send;
  }

  get running() {
    return this.queries.filter((query) => !query.isOver);
  }

  ask(question, options) {
    const query = this.add(new Query(question, options));
    this.#submit(query);
    return query;
  }

  add(query) {
    this.queries.push(query);
    query.addEventListener("change", ({ detail }) => TURNS.has(detail) && this.#turned());
    this.dispatchEvent(new CustomEvent("added", { detail: query }));
    this.dispatchEvent(new Event("turn"));
    return query;
  }

  /** The same question again, in its place. */
  rerun(query) {
    query.restart();
    this.#submit(query);
  }

  /** Only what failed: the server goes on from the stage that did. */
  retry(query) {
    const failed = query.id;
    query.restart({ keepStages: true });
    query.retryOf = failed;
    this.#submit(query);
  }

  cancel(query) {
    if (query.isOver || query.cancelling) return;
    query.stopping();
    if (query.id) this.#send("query_cancel", { query_id: query.id });
    else if (!query.sent) query.take("query_cancel", {}, Date.now());
  }

  /** What was asked meanwhile is sent; what can't have survived is given up (`wire.md` 1.6). */
  reconnected(ack) {
    const alive = new Map(ack.queries.map((query) => [query.query_id, query]));
    for (const query of this.running) {
      if (!query.sent) this.#submit(query);
      else if (query.isRewound) this.#rejoin(query, ack, alive);
      else if (query.isRestored && !runs(query, alive)) this.#forget(query, ack);
      else if (!survived(query, ack, alive)) this.#giveUp(query, ack, alive);
    }
  }

  receive({ type, data, timestamp, sequence }) {
    if (!type.startsWith("query_")) return;
    const query = this.#owner(type, data);
    if (!query) return this.#stray(type, data);
    if (type === "query_start") query.before = sequence - 1;
    query.take(type, data, Date.parse(timestamp));
    if (type === "query_start" && query.cancelling) this.#send("query_cancel", { query_id: query.id });
  }

  clear() {
    for (const query of this.running) this.cancel(query);
    this.queries = [];
  }

  #turned() {
    this.#makeRoom();
    this.dispatchEvent(new Event("turn"));
  }

  /** A long conversation must not hold every row it ever saw: the newest are kept whole. */
  #makeRoom() {
    let kept = 0;
    for (const query of this.queries.toReversed()) {
      if (kept + query.rows.length > MOST_ROWS) query.release();
      kept += query.rows.length;
    }
  }

  #submit(query) {
    const { question, options, retryOf } = query;
    const isSent = retryOf
      ? this.#send("query_retry", { query_id: retryOf })
      : this.#send("query_request", { query: question, ...options });
    query.submitted(isSent);
  }

  #owner(type, data) {
    const named = data.query_id && this.queries.find((query) => query.id === data.query_id);
    if (named) return named;
    if (type === "query_start") return this.#started(data);
    if (type !== "query_error") return undefined;
    return this.#waiting().find((query) => !data.query_id || query.retryOf === data.query_id);
  }

  #started({ retry_of: failed, query: question }) {
    return this.#waiting().find((query) =>
      failed ? query.retryOf === failed : !query.retryOf && query.question === question,
    );
  }

  /** A refusal that is no question's answer, such as a cancel that came too late or too many messages. */
  #stray(type, data) {
    const isNews = type === "query_error" && data.code !== "QUERY_NOT_FOUND";
    if (isNews) this.dispatchEvent(new CustomEvent("refused", { detail: data }));
  }

  #waiting() {
    return this.running.filter((query) => query.sent && !query.id);
  }

  /** After a reload: either the server tells it all again, or its end at least. */
  #rejoin(query, ack, alive) {
    query.isRewound = false;
    query.isRestored = !ack.resumed;
    if (query.isRestored && !runs(query, alive)) this.#forget(query, ack);
  }

  #forget(query, ack) {
    this.dispatchEvent(new CustomEvent("forgotten", { detail: { query, why: whyLost(ack) } }));
  }

  /** A query that the server still runs and that nobody reads on this page would run for nothing. */
  #giveUp(query, ack, alive) {
    if (alive.has(query.id) && !runs(query, alive)) return this.#forget(query, ack);
    if (alive.has(query.id)) this.#send("query_cancel", { query_id: query.id });
    query.lose(whyLost(ack));
  }
}

/** The ack lists what has ended too, and nobody tells of an ending twice. */
function runs(query, alive) {
  return alive.get(query.id)?.status === "running";
}

/** Of a session that the server knows no more, or began anew, nobody can say why. */
function whyLost({ reason }) {
  return reason === "expired" || reason === "gap" ? reason : "forgotten";
}

/** A question whose start was never seen is found again by its words, or not at all. */
function survived(query, ack, alive) {
  if (query.isRestored) return true;
  if (!ack.resumed) return false;
  return query.id !== null || [...alive.values()].some((running) => running.query === query.question);
}

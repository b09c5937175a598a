// The client: one session with the server, over as many connections as it takes.
//
// Messages without a sequence belong to no query: an error among them is the refusal of a message, and, because
// requests go one at a time (lane.js), of which one is known.

import { mayReturn } from "./backoff.js";
import { Door } from "./door.js";
import { Emitter } from "./emitter.js";
import { ConnectionFailed, MessageRefused, QueryCancelled, QueryLost } from "./errors.js";
import { Lane } from "./lane.js";
import { Line } from "./line.js";
import { Query } from "./query.js";
import { Seen } from "./seen.js";
import { Session } from "./session.js";
import { Token } from "./token.js";

const ANSWERS = { user_feedback: "user_feedback", refresh_token: "token_refreshed" };

/**
 * Listen with `on(type, (data, message) => …)` to the server's message types, and to "state" (of the connection),
 * "refused" (a message that was not carried out) and "message" (all of them).
 */
export class Text2SQLClient extends Emitter {
  #locale;
  #token;
  #door;
  #session;
  #line;
  #lane = new Lane((type, data) => this.#line.send(type, data));
  #running = new Map();
  #cancelled = new Set();
  #seen = new Seen();
  #ack = null;
  #connecting = null;

  /** `options`: a token, or `{ token, getToken, locale, session, attempts, wait }`. */
  constructor(address = "", options = {}) {
    super();
    const { token, getToken, locale, session, attempts, wait } = typeof options === "string" ? { token: options } : options;
    this.#locale = locale ?? null;
    this.#token = new Token(token, getToken);
    this.#door = new Door(address, this.#locale, this.#token);
    this.#session = new Session(session ?? {});
    this.#line = new Line({
      address: () => this.#door.dial(this.#session.parameters()),
      diagnose: () => this.#door.diagnose(),
      attempts,
      wait,
    });
    this.#line.on("message", (message, size) => this.#receive(message, size));
    this.#line.on("state", (state) => this.#changed(state));
  }

  /** "idle", "connecting", "connected", "reconnecting" or "closed". */
  get state() {
    return this.#line.state;
  }

  get isConnected() {
    return this.#line.isReady;
  }

  /** What another client needs to go on with this session, such as this page after a reload. */
  get session() {
    return this.#session.toJSON();
  }

  /** Resolves to the server's ack; rejects with `ConnectionFailed` once this client has stopped trying. */
  connect() {
    if (this.isConnected) return Promise.resolve(this.#ack);
    if (!this.#connecting) {
      this.#connecting = {};
      this.#connecting.promise = new Promise((resolve, reject) => Object.assign(this.#connecting, { resolve, reject }));
    }
    const { promise } = this.#connecting;
    this.#line.open();
    return promise;
  }

  /** Hangs up. The session's queries go on for a minute; `connect` comes back to them. */
  disconnect() {
    this.#token.stop();
    this.#settleConnecting("reject", new ConnectionFailed("Disconnected"));
    this.#line.close();
  }

  /** Cancels what runs and hangs up. */
  close() {
    for (const query of this.queries) {
      this.cancel(query);
      query.giveUp(new QueryCancelled(query.id));
    }
    this.#running.clear();
    this.#lane.clear();
    this.disconnect();
  }

  /** Queries that have not ended. */
  get queries() {
    const unstarted = this.#lane.all.map(({ query }) => query).filter(Boolean);
    return [...this.#running.values(), ...unstarted];
  }

  /**
   * Asks, connecting first where that is needed. `options`: `datasource`, `options` (as on the wire), `signal`,
   * `keepRows`, `maxBuffered`, and callbacks: `onStart onProgress onToken onSql onRows onComplete onError onCancel`.
   */
  ask(question, { datasource, databaseConfig, options, ...more } = {}) {
    const config = databaseConfig ?? (datasource ? { datasource } : {});
    const data = { query: question, database_config: config, options: { ...this.#spoken(), ...options } };
    return this.#submit("query_request", data, new Query(this, question, more));
  }

  /** `query`: one that failed, or its id; goes on from the stage that failed. */
  retry(query, options = {}) {
    const id = query.id ?? query;
    const again = new Query(this, query.question ?? "", { ...options, retryOf: id });
    return this.#submit("query_retry", { query_id: id }, again);
  }

  /** A query of this session that another client asked, such as this page before a reload. Call it before `connect`. */
  follow(id, question, options = {}) {
    const query = new Query(this, question, options);
    this.#running.set(id, query);
    this.#seen.add(id);
    return query;
  }

  /** `query`: a query or its id. Returns at once. */
  cancel(query) {
    const known = typeof query === "string" ? this.#running.get(query) : query;
    const id = known?.id ?? (typeof query === "string" ? query : null);
    if (known?.isOver) return;
    if (known) known.cancelRequested = true;
    if (id) this.#sendCancel(id);
    else this.#withdraw(known);
  }

  /** `feedback` may hold anything; `rating` (-1, 0, 1) and `sql` are understood. Resolves to the server's thanks. */
  feedback(queryId, feedback) {
    return this.#request("user_feedback", { query_id: queryId, feedback });
  }

  /** Renews the login with `token`, or with what `getToken` gives. Resolves to when that one expires. */
  async renewToken(token) {
    const renewed = token ?? (await this.#token.get("renew"));
    const { expires_at: at } = await this.#request("refresh_token", { token: renewed });
    this.#token.current = renewed;
    this.#token.expires(Date.parse(at), () => this.renewToken());
    return new Date(at);
  }

  /** What may be asked about: data sources with their tables and example questions. */
  async datasources() {
    const response = await this.#door.fetch();
    const body = await response.json();
    if (!response.ok) throw new MessageRefused(body.error);
    return body.datasources;
  }

  // --- the same under the names of the class that this one replaces ---------------------------------------

  sendQuery(query, databaseConfig, options) {
    return this.ask(query, { databaseConfig, options });
  }

  cancelQuery(queryId) {
    this.cancel(queryId);
  }

  sendFeedback(queryId, feedback) {
    return this.feedback(queryId, feedback);
  }

  // --- out ------------------------------------------------------------------------------------------------

  #submit(type, data, query) {
    const answered = ({ data: { query_id: id } }) => this.#running.set(id, query);
    this.#lane.add({ type, data, query, answered, refused: (error) => query.giveUp(error) });
    if (!this.isConnected) this.connect().catch(() => {}); // the query is told
    return query;
  }

  #request(type, data) {
    return new Promise((resolve, reject) => {
      this.#lane.add({ type, data, answered: (message) => resolve(message.data), refused: reject });
    });
  }

  #sendCancel(id) {
    if (this.#cancelled.has(id)) return;
    if (this.#line.send("query_cancel", { query_id: id })) this.#cancelled.add(id);
  }

  /** One that wasn't even sent is taken back; one that was is cancelled as soon as it has a name. */
  #withdraw(query) {
    if (this.#lane.current?.query === query) return;
    this.#lane.remove(query);
    query.giveUp(new QueryCancelled(null));
  }

  #spoken() {
    return this.#locale ? { locale: this.#locale } : {};
  }

  // --- in -------------------------------------------------------------------------------------------------

  #receive(message, size) {
    if (!this.#session.isNew(message)) return;
    if (message.type === "connection_ack") this.#welcome(message);
    else if (message.sequence === undefined) this.#answer(message);
    else this.#route(message, size);
    this.emit(message.type, message.data ?? message, message);
    this.emit("message", message.data ?? message, message);
  }

  #route(message, size) {
    const { query_id: id } = message.data;
    if (message.type === "query_start") this.#started(message);
    const query = this.#running.get(id);
    if (query?.retryOf && message.type === "query_start") query.question ||= message.data.query;
    query?.take(message, size);
    if (message.type === "query_cancel") this.#cancelled.delete(id);
    if (query?.isOver) this.#running.delete(id);
  }

  #started(message) {
    const { query } = this.#lane.current ?? {};
    if (!query || this.#seen.has(message.data.query_id)) return;
    if ((message.data.retry_of ?? null) !== query.retryOf) return;
    this.#seen.add(message.data.query_id);
    this.#lane.settle().answered(message);
    if (query.cancelRequested) this.#sendCancel(message.data.query_id);
  }

  #answer(message) {
    const { type, data } = message;
    if (type === "query_error") this.#refused(data);
    else if (ANSWERS[this.#lane.current?.type] === type) this.#lane.settle().answered(message);
  }

  /** A cancel that came too late is nobody's loss: the query's own ending says how it went. */
  #refused(data) {
    if (data.code === "QUERY_NOT_FOUND" && this.#cancelled.delete(data.query_id)) return;
    const error = new MessageRefused(data);
    const request = this.#lane.current && this.#lane.settle();
    request?.refused(error);
    this.emit("refused", error, request?.query ?? null);
  }

  // --- the line -------------------------------------------------------------------------------------------

  #welcome({ data: ack }) {
    this.#session.acknowledge(ack);
    this.#ack = ack;
    this.#door.opened();
    this.#cancelled.clear();
    this.#recover(ack);
    this.#reconcile(ack);
    this.#settleConnecting("resolve", ack);
    this.#token.watch(ack.server_time, () => this.renewToken());
    this.#lane.advance();
  }

  /** The request that was on its way: its start will be replayed, or it never arrived and goes again. */
  #recover(ack) {
    const { query, type } = this.#lane.current ?? {};
    const unseen = ack.queries.filter(({ query_id: id }) => !this.#seen.has(id));
    const arrived = ack.resumed && query && unseen.findLast((one) => one.query === query.question.trim());
    for (const one of unseen) if (one !== arrived) this.#seen.add(one.query_id);
    if (arrived) return;
    if (type === "refresh_token") this.#lane.settle().refused(new ConnectionFailed("The line was lost meanwhile"));
    else this.#lane.again();
  }

  /** What the server says it has, against what this client thinks it asked for. */
  #reconcile(ack) {
    const theirs = new Map(ack.queries.map((query) => [query.query_id, query]));
    for (const [id, query] of this.#running) {
      if (!ack.resumed || !theirs.has(id)) this.#lose(id, query, theirs.get(id), ack.reason ?? "unknown");
      else if (query.cancelRequested) this.#sendCancel(id);
    }
  }

  #lose(id, query, theirs, reason) {
    if (theirs?.status === "running") this.#sendCancel(id);
    this.#running.delete(id);
    query.giveUp(new QueryLost(id, reason));
  }

  #changed(state) {
    if (state.state !== "connected") this.#token.stop();
    if (state.expired) this.#door.expired();
    if (state.state === "closed") this.#giveUp(state.error);
    this.emit("state", state);
  }

  #giveUp(error) {
    this.#settleConnecting("reject", error);
    const reason = mayReturn(error.closeCode ?? 1006) ? "disconnected" : "refused";
    for (const [id, query] of this.#running) query.giveUp(new QueryLost(id, reason, { cause: error }));
    this.#running.clear();
    for (const request of this.#lane.clear()) request.refused(error);
  }

  #settleConnecting(how, value) {
    const connecting = this.#connecting;
    this.#connecting = null;
    if (!connecting) return;
    connecting.promise.catch(() => {}); // whoever asked for it hears; others need not
    connecting[how](value);
  }
}

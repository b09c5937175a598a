// One WebSocket and its return after a loss. Envelopes come out as "message" (with their length), the line's state
// as "state"; what the envelopes mean is not known here, but for the ack and the heartbeat.
//
// The one rule: a lost line comes back by itself, after a wait with full jitter, unless the server said not to
// (close codes 4500 to 4999), or `diagnose` did.

import { fullJitter, mayReturn } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { AuthenticationFailed, ConnectionFailed } from "./errors.js";

const OPENING_MS = 15_000;
const MISSED_BEATS = 2.5;
const TOKEN_EXPIRED = 4401;

export class Line extends Emitter {
  #address;
  #diagnose;
  #attempts;
  #wait;
  #socket = null;
  #life = 0;
  #timer = 0;
  #silenceMs = 0;
  #watching = null;
  state = "idle";
  attempt = 0;

  /**
   * `address()` resolves to `{ url, protocols }`, before every attempt. `diagnose()`, after one that did not even
   * open, resolves to `{ fatal?, waitMs? }`: an error that ends it, or how long to wait at least. `wait(attempt)` in ms; after `attempts` failures it is over.
   */
  constructor({ address, diagnose, attempts = 10, wait = fullJitter }) {
    super();
    this.#address = address;
    this.#diagnose = diagnose;
    this.#attempts = attempts;
    this.#wait = wait;
  }

  get isReady() {
    return this.state === "connected";
  }

  /** Connects now, with a full count of attempts before it; a line that is open stays as it is. */
  open() {
    if (this.isReady || this.state === "connecting") return;
    this.attempt = 0;
    this.#watch();
    this.#connect();
  }

  close() {
    this.#end();
    this.#tell("idle");
  }

  /** False where the line isn't ready: nothing is queued here. */
  send(type, data) {
    if (!this.isReady || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({ type, data }));
    return true;
  }

  async #connect() {
    this.#drop();
    const life = this.#life;
    this.#tell(this.attempt ? "reconnecting" : "connecting");
    if (life !== this.#life) return;
    this.#timer = setTimeout(() => this.#lost({ code: 1006 }), OPENING_MS);
    try {
      const { url, protocols } = await this.#address();
      if (life === this.#life) this.#dial(url, protocols);
    } catch (error) {
      if (life === this.#life) this.#lost({ code: 1006, error });
    }
  }

  #dial(url, protocols) {
    const socket = new WebSocket(url, protocols);
    let opened = false;
    socket.onopen = () => (opened = true);
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data), data.length);
    socket.onclose = ({ code, reason }) => this.#lost({ code, reason, opened });
    this.#socket = socket;
  }

  #receive(envelope, size) {
    const isWelcome = envelope.type === "connection_ack";
    if (isWelcome) this.#welcome(envelope.data);
    this.#listen();
    if (envelope.type === "heartbeat" && !envelope.data.status) this.send("heartbeat", {});
    this.emit("message", envelope, size);
    if (isWelcome && this.isReady) this.#tell("connected");
  }

  /** It is told after the ack was dealt with: who hears of it may ask at once. */
  #welcome(ack) {
    this.attempt = 0;
    this.state = "connected";
    this.#silenceMs = MISSED_BEATS * 1000 * ack.heartbeat_interval;
  }

  /** The server's heartbeats are answered as they come; two that stay away mean a dead line. */
  #listen() {
    clearTimeout(this.#timer);
    if (this.#silenceMs) this.#timer = setTimeout(() => this.#lost({ code: 1006 }), this.#silenceMs);
  }

  async #lost({ code, reason, opened = true, error = null }) {
    this.#drop();
    const life = this.#life;
    if (error instanceof AuthenticationFailed) return this.#fail(error);
    if (!mayReturn(code)) return this.#fail(new ConnectionFailed(reason || `The server said ${code}`, code));
    const { fatal, waitMs = 0 } = opened ? {} : await this.#diagnose();
    if (life !== this.#life) return;
    if (fatal) this.#fail(fatal);
    else this.#comeBack(code, error, waitMs);
  }

  #comeBack(code, cause, atLeastMs) {
    if (this.attempt >= this.#attempts) {
      return this.#fail(new ConnectionFailed(`No connection after ${this.attempt} attempts`, code, { cause }));
    }
    const waitMs = atLeastMs + this.#wait(this.attempt);
    this.attempt += 1;
    this.#tell("reconnecting", { code, waitMs, expired: code === TOKEN_EXPIRED });
    this.#timer = setTimeout(() => this.#connect(), waitMs);
  }

  #fail(error) {
    this.#end();
    this.#tell("closed", { error, code: error.closeCode });
  }

  #end() {
    this.#drop();
    this.#watching?.abort();
    this.#watching = null;
  }

  /** A dead line may take minutes to close: nobody waits for it, and nothing of it is heard any more. */
  #drop() {
    clearTimeout(this.#timer);
    this.#life += 1;
    this.#silenceMs = 0;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
    if (this.state === "connected") this.state = "reconnecting";
  }

  /** A network that is back, or a page that is looked at again, ends the wait. */
  #watch() {
    if (this.#watching || !globalThis.addEventListener) return;
    this.#watching = new AbortController();
    const { signal } = this.#watching;
    const hurry = () => this.state === "reconnecting" && !this.#socket && this.#connect();
    addEventListener("online", hurry, { signal });
    globalThis.document?.addEventListener("visibilitychange", () => document.hidden || hurry(), { signal });
  }

  #tell(state, more = {}) {
    this.state = state;
    this.emit("state", { state, attempt: this.attempt, of: this.#attempts, ...more });
  }
}

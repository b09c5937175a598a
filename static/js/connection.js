// One WebSocket to /text2sql/websocket and its return after a loss. Envelopes come out as `message` events, in
// order and never twice; the connection's state as `state` events. What the envelopes mean is not known here.
//
// The one rule: a lost connection comes back by itself, after a wait with full jitter, unless the server said
// not to (close codes 4500 to 4999), or wants another token first (4401).

const ATTEMPTS = 10;
const BASE_MS = 400;
const CAP_MS = 20_000;
const OPENING_MS = 10_000;
const EXPIRED = 4401;
const ELSEWHERE = 4509;

/** Anything between nothing and a bound that doubles with each attempt (from 0): clients never come back in step. */
export function fullJitter(attempt, random = Math.random) {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
}

export function mayReturn(code) {
  return code < 4500 || code > 4999;
}

export class Connection extends EventTarget {
  #address;
  #subprotocols;
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #silenceMs = 0;

  /** `address()` gives the URL for each attempt, with session and last sequence; `subprotocols()` the token. */
  constructor(address, subprotocols = () => []) {
    super();
    this.#address = address;
    this.#subprotocols = subprotocols;
    this.ready = false;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** Connects now, with a full count of attempts before it. */
  open() {
    this.#attempt = 0;
    this.#connect();
  }

  /** Stays away until `open`. */
  close(state) {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#drop();
    this.#tell(state);
  }

  /** False where the connection isn't ready: nothing is queued here. */
  send(type, data) {
    if (!this.ready) return false;
    this.#socket.send(JSON.stringify({ type, data }));
    return true;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#drop();
    this.#tell(this.#attempt ? "reconnecting" : "connecting");
    const socket = new WebSocket(this.#address(), this.#subprotocols());
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(JSON.parse(event.data));
    socket.onclose = (event) => this.#lost(event.code);
    this.#timer = setTimeout(() => this.#lost(1006), OPENING_MS);
  }

  #receive(envelope) {
    if (envelope.type === "connection_ack") this.#welcome(envelope.data);
    this.#listen();
    if (envelope.type === "heartbeat" && !envelope.data.status) this.send("heartbeat", {});
    else this.dispatchEvent(new CustomEvent("message", { detail: envelope }));
  }

  #welcome(ack) {
    this.#attempt = 0;
    this.#silenceMs = 2500 * ack.heartbeat_interval;
    this.ready = true;
    this.#tell("connected");
  }

  /** The server's heartbeats are answered as they come; two that stay away mean a dead line. */
  #listen() {
    clearTimeout(this.#timer);
    if (this.#silenceMs) this.#timer = setTimeout(() => this.#lost(1006), this.#silenceMs);
  }

  #lost(code) {
    clearTimeout(this.#timer);
    const stood = this.ready;
    this.#drop();
    if (code === EXPIRED) return this.close("expired");
    if (!mayReturn(code)) return this.#stay(code);
    if (this.#attempt >= ATTEMPTS) return this.#tell("closed");
    const wait = fullJitter(this.#attempt);
    this.#attempt += 1;
    this.#tell("reconnecting", { stood });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #stay(code) {
    this.#attempt = 0;
    this.#tell(code === ELSEWHERE ? "elsewhere" : "refused", { code });
  }

  /** A dead line may take minutes to close: nobody waits for it. */
  #drop() {
    this.ready = false;
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #hurry() {
    if (this.#attempt > 0 && !this.#socket) this.#connect();
  }

  /** `stood`: whether the connection that was lost had been a connection at all. */
  #tell(state, more = {}) {
    const detail = { state, attempt: this.#attempt, of: ATTEMPTS, ...more };
    this.dispatchEvent(new CustomEvent("state", { detail }));
  }
}

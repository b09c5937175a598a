// One WebSocket to /ws/chat and its return after a loss. Frames come out as `frame` events, the connection's state
// as `state` events; what frames mean is not known here.
//
// The one rule: a lost connection comes back by itself, after a wait with full jitter, unless the server said not
// to (close codes 4500 to 4999), or wants another token first (4401).

import { fullJitter, mayReturn } from "/static/client/lib/backoff.js";
import { language } from "/static/js/language.js";

const OPENING_MS = 15_000;
const SETTLED_MS = 5_000;
const EXPIRED = 4401;

export class Line extends EventTarget {
  #token;
  #admitted;
  #socket = null;
  #timer = 0;
  #turn = 0;
  #attempt = 0;
  #since = 0;
  #silenceMs = 0;
  ready = false;

  /** `admitted()` resolves once the server, if it answers at all, takes the token: a WebSocket can't tell why not. */
  constructor(token, admitted) {
    super();
    [this.#token, this.#admitted] = [token, admitted];
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** Connects now. */
  open() {
    this.#attempt = 0;
    this.#connect();
  }

  /** False where the connection isn't ready: nothing is queued here. */
  send(frame) {
    if (!this.ready) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  async #connect() {
    this.#drop();
    const turn = this.#turn;
    this.#tell("connecting");
    await this.#admitted();
    if (turn !== this.#turn) return;
    const address = `${location.origin.replace(/^http/, "ws")}/ws/chat?locale=${language.locale}`;
    const socket = (this.#socket = new WebSocket(address, this.#token.subprotocols));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = ({ code }) => this.#lost(code);
    this.#timer = setTimeout(() => this.#lost(1006), OPENING_MS);
  }

  #receive(frame) {
    if (frame.type === "connection_established") this.#welcome(frame);
    this.#listen();
    if (frame.type === "ping") this.send({ type: "pong" });
    else this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  #welcome({ heartbeat_interval: seconds }) {
    this.#silenceMs = 2500 * seconds;
    this.#since = performance.now();
    this.ready = true;
    this.#tell("connected");
  }

  /** Two of the server's pings that stay away mean a dead line. */
  #listen() {
    clearTimeout(this.#timer);
    if (this.#silenceMs) this.#timer = setTimeout(() => this.#lost(1006), this.#silenceMs);
  }

  #lost(code) {
    if (this.ready && performance.now() - this.#since > SETTLED_MS) this.#attempt = 0;
    this.#drop();
    if (code === EXPIRED) return this.#tell("expired");
    if (!mayReturn(code)) return this.#tell("refused", code);
    this.#tell("waiting");
    this.#timer = setTimeout(() => this.#connect(), fullJitter(this.#attempt++));
  }

  /** A dead line may take minutes to close: nobody waits for it. */
  #drop() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#silenceMs = 0;
    this.ready = false;
    if (!this.#socket) return;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #hurry() {
    if (this.#attempt > 0 && !this.#socket) this.open();
  }

  #tell(state, code = 0) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, code } }));
  }
}

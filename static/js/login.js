// The reader's way in and to stay: asks for a token when the server wants one, renews the one in use before it
// expires, and says who waits for it. Nothing is asked where the server knows no tokens.

const WARNING_MS = 120_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Tells `changed` when the token did. */
export class Login extends EventTarget {
  #token;
  #dialog;
  #connection;
  #timer = 0;
  #renewing = null;

  /** `dialog.ask(reason)` gives a token; `connection` is the one to renew. */
  constructor(token, dialog, connection) {
    super();
    [this.#token, this.#dialog, this.#connection] = [token, dialog, connection];
  }

  /** Resolves once there is another token. */
  async signIn(reason) {
    const given = await this.#dialog.ask(reason);
    this.#take(given);
  }

  /** The connection was closed for its token; whoever already waits for another is told why. */
  async expired() {
    const isAsked = this.#dialog.isWaiting;
    const given = this.#dialog.ask("expired");
    if (!isAsked) this.#take(await given);
  }

  /** The connection stands: from now on its token may run out. */
  watch() {
    clearTimeout(this.#timer);
    const left = this.#token.expiresAt - Date.now();
    if (left === Infinity) return;
    const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, left - Math.min(WARNING_MS, left / 2)));
    this.#timer = setTimeout(() => this.#renew("renew"), wait);
  }

  /** True for messages that answer a renewal, which nobody else needs to see. */
  hears({ type, data }) {
    if (!this.#renewing) return false;
    if (type === "token_refreshed") this.#take(this.#renewing);
    else if (type !== "query_error" || data.query_id || !REFUSED.has(data.code)) return false;
    else this.#renew("refused");
    if (type === "token_refreshed") this.watch();
    return true;
  }

  leave() {
    clearTimeout(this.#timer);
    this.#take(null);
  }

  async #renew(reason) {
    this.#renewing = null;
    const given = await this.#dialog.ask(reason);
    if (this.#connection.send("refresh_token", { token: given })) this.#renewing = given;
    else this.#take(given);
  }

  #take(token) {
    this.#renewing = null;
    this.#token.value = token;
    this.dispatchEvent(new Event("changed"));
  }
}

const REFUSED = new Set(["AUTHENTICATION_FAILED", "INVALID_MESSAGE"]);

// How to get in: the server's address, the token to show there, and why it may have been refused.

import { resolve } from "./addresses.js";
import { AuthenticationFailed } from "./errors.js";

const WEBSOCKET = "/text2sql/websocket";
const DATASOURCES = "/text2sql/datasources";
const FETCH_MS = 10_000;

export class Door {
  #address;
  #locale;
  #token;
  #reason = "connect";

  /** `token` as token.js has it. */
  constructor(address, locale, token) {
    this.#address = address;
    this.#locale = locale;
    this.#token = token;
  }

  /** Where to connect, with what a session knows of itself; the token goes among the subprotocols, into no log. */
  async dial(parameters) {
    const token = await this.#token.get(this.#reason);
    const url = resolve(this.#address, WEBSOCKET, "ws");
    for (const [name, value] of parameters) url.searchParams.set(name, value);
    if (this.#locale) url.searchParams.set("locale", this.#locale);
    return { url, protocols: token ? ["Bearer", token] : [] };
  }

  /** It opened. */
  opened() {
    this.#reason = "connect";
  }

  /** The token ran out while it was in use. */
  expired() {
    this.#reason = "expired";
  }

  /** Why didn't it open? Browsers keep that to themselves; plain HTTP says it: an error that is final, or a wait. */
  async diagnose() {
    const response = await this.fetch(DATASOURCES).catch(() => null);
    if (response?.status === 429) return { waitMs: 1000 * (Number(response.headers.get("Retry-After")) || 0) };
    if (response?.status !== 401) return {};
    if (this.#token.isRenewable && this.#reason !== "refused") {
      this.#reason = "refused";
      return {};
    }
    const { error } = await response.json();
    return { fatal: new AuthenticationFailed(error.message) };
  }

  fetch(path = DATASOURCES) {
    const { current } = this.#token;
    const headers = current ? { Authorization: `Bearer ${current}` } : {};
    return fetch(resolve(this.#address, path, "http"), { headers, signal: AbortSignal.timeout(FETCH_MS) });
  }
}

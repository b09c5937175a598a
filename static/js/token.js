// The reader's token, where the server asks for one. It is kept for this tab only, travels as a header or a
// WebSocket subprotocol, and never stands in an address.

const KEY = "token";
const SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

export class Token {
  #kept;

  /** `kept` has `get`, `set` and `remove`, such as `tab` of preferences.js. */
  constructor(kept) {
    this.#kept = kept;
  }

  get value() {
    return this.#kept.get(KEY);
  }

  set value(words) {
    if (words) this.#kept.set(KEY, words);
    else this.#kept.remove(KEY);
  }

  /** For `fetch`. */
  get headers() {
    return this.value ? { Authorization: `Bearer ${this.value}` } : {};
  }

  /** For `new WebSocket`, which can't send headers. */
  get subprotocols() {
    return this.value ? ["Bearer", this.value] : [];
  }

  /** Whose it is, as it says itself: to keep things of two people apart, not to trust. */
  get owner() {
    return claims(this.value).sub ?? "1";
  }

  /** As it says itself; where there are no tokens everyone is. What an administrator may do, the server decides. */
  get isAdmin() {
    return !this.value || claims(this.value).role === "admin";
  }

  /** When it expires, in milliseconds; infinity for one that doesn't say, or none. */
  get expiresAt() {
    const { exp } = claims(this.value);
    return typeof exp === "number" ? exp * 1000 : Infinity;
  }
}

export function looksLikeToken(words) {
  return SHAPE.test(words);
}

function claims(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0))));
  } catch {
    return {};
  }
}

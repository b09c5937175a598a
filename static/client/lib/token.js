// Tokens: where they come from, and a newer one before the old one expires, so that the line never breaks for it.

const MARGIN_MS = 60_000;
const MARGIN_SHARE = 0.2;
const AGAIN_MS = 5_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When a JWT expires, in ms, as it says itself; null where it doesn't say, or is no JWT. Nothing is verified. */
export function expiryOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload));
    return typeof exp === "number" ? exp * 1000 : null;
  } catch {
    return null;
  }
}

/** How long before its expiry a token with so much life left is renewed. */
export function marginOf(leftMs) {
  return Math.min(MARGIN_MS, leftMs * MARGIN_SHARE);
}

export class Token {
  #fetch;
  #timer = 0;
  #skewMs = 0;
  current;

  /** `fetch({ reason })` gives a token, or is null where `current` is all there is. */
  constructor(current, fetch) {
    this.current = current ?? null;
    this.#fetch = fetch ?? null;
  }

  get isRenewable() {
    return this.#fetch !== null;
  }

  /** `reason`: "connect", "expired", "refused" or "renew". */
  async get(reason) {
    if (this.#fetch) this.current = (await this.#fetch({ reason })) ?? null;
    return this.current;
  }

  /** Calls `renew` in time, by the server's clock, which was `serverTime` just now. */
  watch(serverTime, renew) {
    this.#skewMs = Date.parse(serverTime) - Date.now();
    this.expires(this.current && expiryOf(this.current), renew);
  }

  expires(at, renew) {
    this.stop();
    if (!this.#fetch || !at) return;
    const left = at - Date.now() - this.#skewMs;
    const wait = Math.max(0, left - marginOf(left));
    this.#timer = setTimeout(() => this.#renew(renew), Math.min(wait, LONGEST_TIMER_MS));
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** A renewal that failed is tried again; where that is too late, the server closes and a new line is made. */
  async #renew(renew) {
    try {
      await renew();
    } catch {
      this.#timer = setTimeout(() => this.#renew(renew), AGAIN_MS);
    }
  }
}

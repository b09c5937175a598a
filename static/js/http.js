// Requests to our own server: with the token, in the page's language, and with its errors as values. A request
// that the server answers with 401 waits for the reader to sign in, and is then made again.

import { language } from "./language.js";

/** What the server refused, in its own words. */
export class Refusal extends Error {
  constructor(status, { code = "", title = "", message = "", suggestion = "" }) {
    super(message || title || String(status));
    Object.assign(this, { status, code, title, suggestion });
  }
}

export class Http {
  #token;
  #signIn;

  /** `signIn(reason)` resolves when there is another token to try. */
  constructor(token, signIn) {
    this.#token = token;
    this.#signIn = signIn;
  }

  async json(path, parameters = {}, init = {}) {
    return (await this.response(path, parameters, init)).json();
  }

  /** Raises `Refusal`, or what `fetch` raises where nothing answers. */
  async response(path, parameters = {}, init = {}) {
    const address = `${path}?${new URLSearchParams({ locale: language.locale, ...parameters })}`;
    for (;;) {
      const shown = this.#token.value;
      const response = await fetch(address, { ...init, headers: { ...init.headers, ...this.#token.headers } });
      if (response.ok) return response;
      if (response.status !== 401) throw await refusal(response);
      // Somebody else may have signed in meanwhile.
      if (shown === this.#token.value) await this.#signIn(shown ? "refused" : "missing");
    }
  }
}

async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  return new Refusal(response.status, body.error ?? {});
}

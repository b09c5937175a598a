// A POST whose answer is a stream of server-sent events; every event comes out as the text that travelled.

export class StreamLine extends EventTarget {
  #aborting = null;
  #token = null;
  id = null;

  get isOpen() {
    return true;
  }

  /** Nothing is opened before there is something to ask: this only remembers who asks. */
  open(_, token) {
    this.#token = token;
    this.#tell("idle");
  }

  send(words) {
    this.#frame("out", words);
    this.#read(ADDRESS, { method: "POST", body: words, headers: { "Content-Type": "application/json" } });
    return true;
  }

  /** Hangs up. */
  cut() {
    this.#aborting?.abort();
  }

  /** Goes on after the last event that came. */
  resume(sequence) {
    if (this.id) this.#read(`${ADDRESS}/${this.id}?after=${sequence}`, {});
  }

  async cancel() {
    if (!this.id) return;
    this.#frame("out", `DELETE ${ADDRESS}/${this.id}`);
    const { status } = await fetch(`${ADDRESS}/${this.id}`, { method: "DELETE", headers: this.#headers() });
    this.#frame("in", `HTTP ${status}`);
  }

  retry(stepId) {
    if (!this.id) return;
    const body = JSON.stringify({ stepId });
    this.#frame("out", `POST ${ADDRESS}/${this.id}/retry\n${body}`);
    this.#read(`${ADDRESS}/${this.id}/retry`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  }

  async #read(address, options) {
    this.cut();
    this.#aborting = new AbortController();
    const { signal } = this.#aborting;
    this.#tell("connecting");
    try {
      const headers = { ...options.headers, ...this.#headers() };
      await this.#receive(await fetch(address, { ...options, headers, signal }));
    } catch (error) {
      this.#tell("refused", { reason: signal.aborted ? "abort()" : error.message });
    }
  }

  async #receive(response) {
    if (!response.ok) {
      this.#frame("in", await response.text());
      return this.#tell("refused", { reason: `HTTP ${response.status}` });
    }
    this.id = response.headers.get("X-Stream-Id") ?? this.id;
    this.#tell("streaming");
    await this.#drain(response.body.pipeThrough(new TextDecoderStream()).getReader());
    this.#tell("done", { code: response.status });
  }

  async #drain(reader) {
    let waiting = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (waiting + part.value).split("\n\n");
      waiting = events.pop();
      for (const event of events) this.#frame("in", event);
    }
  }

  #headers() {
    return this.#token ? { Authorization: `Bearer ${this.#token}` } : {};
  }

  #frame(way, words) {
    this.dispatchEvent(new CustomEvent("frame", { detail: { way, text: words } }));
  }

  #tell(state, params = {}) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, params } }));
  }
}

const ADDRESS = "/api/chat/enhanced-question";

// Who this tab is to the server: its session, the last sequence it saw, the session's epoch. Id and epoch
// outlive a reload; the sequence doesn't, because what it counted is gone from the page too.

export class Session {
  #kept;
  #sequence = null;
  #epoch = null;

  /** `kept` has `get` and `set`, such as `tab` of preferences.js. */
  constructor(kept) {
    this.#kept = kept;
    this.id = kept.get("session");
  }

  /** The parameters to connect with: empty for a first visit, all three to resume. */
  parameters() {
    const known = { session_id: this.id, last_sequence: this.#sequence, epoch: this.#epoch };
    return Object.entries(known).filter(([, value]) => value !== null);
  }

  /** As if nothing after `sequence` had been seen: after a reload the server tells a running query's story again. */
  rewind(sequence) {
    this.#sequence = sequence;
    this.#epoch = this.#kept.get("epoch");
  }

  acknowledge(ack) {
    if (this.#sequence === null || !ack.resumed) this.#sequence = ack.last_sequence;
    this.#epoch = ack.epoch;
    this.id = ack.session_id;
    this.#kept.set("session", this.id);
    this.#kept.set("epoch", this.#epoch);
  }

  /** False for what was seen before: a replay may overlap. What bears no sequence is always new. */
  isNew(envelope) {
    if (envelope.sequence === undefined) return true;
    if (envelope.sequence <= this.#sequence) return false;
    this.#sequence = envelope.sequence;
    return true;
  }
}

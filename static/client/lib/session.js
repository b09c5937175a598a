// Who this client is to the server: its session, the last sequence it saw, the session's epoch. With the three of
// them a new connection goes on where the last one ended, with nothing twice and nothing missing.

export class Session {
  /** `kept` is what `toJSON` gave before, if anything: a session to go on with. */
  constructor(kept = {}) {
    this.id = kept.id ?? null;
    this.lastSequence = kept.lastSequence ?? null;
    this.epoch = kept.epoch ?? null;
  }

  toJSON() {
    return { id: this.id, lastSequence: this.lastSequence, epoch: this.epoch };
  }

  /** The parameters to connect with: empty for a first visit, all three to resume. */
  parameters() {
    const known = { session_id: this.id, last_sequence: this.lastSequence, epoch: this.epoch };
    return Object.entries(known).filter(([, value]) => value !== null);
  }

  acknowledge(ack) {
    if (this.lastSequence === null || !ack.resumed) this.lastSequence = ack.last_sequence;
    this.epoch = ack.epoch;
    this.id = ack.session_id;
  }

  /** False for what was seen before: a replay may overlap. What bears no sequence is always new. */
  isNew({ sequence }) {
    if (sequence === undefined) return true;
    if (sequence <= this.lastSequence) return false;
    this.lastSequence = sequence;
    return true;
  }
}

// What the first document's client class does, in our words: it names its session, hands each message's data to
// whoever listens for its type, and comes back a little later with every failure, five times at most. It knows of
// no heartbeat, no sequence and no close code.

export class OldClient {
  ws = null;
  attempts = 0;
  most = 5;
  delayMs = 1000;
  listeners = new Map();

  constructor(baseUrl, token) {
    this.baseUrl = baseUrl;
    this.token = token;
    this.sessionId = `session_${Math.random().toString(36).slice(2, 11)}_${Date.now()}`;
  }

  /** Settles when the socket opens or errs. */
  connect() {
    return new Promise((resolve, reject) => {
      const shown = this.token ? `&token=${this.token}` : "";
      this.ws = new WebSocket(`${this.baseUrl}/text2sql/websocket?session_id=${this.sessionId}${shown}`);
      this.ws.onopen = () => {
        this.attempts = 0;
        resolve();
      };
      this.ws.onmessage = ({ data }) => this.deliver(JSON.parse(data));
      this.ws.onclose = () => this.comeBack();
      this.ws.onerror = reject;
    });
  }

  disconnect() {
    this.ws?.close();
    this.ws = null;
  }

  sendQuery(query, databaseConfig, options = {}) {
    this.post("query_request", { query, database_config: databaseConfig, options });
  }

  cancelQuery(queryId) {
    this.post("query_cancel", { query_id: queryId });
  }

  sendFeedback(queryId, feedback) {
    this.post("user_feedback", { query_id: queryId, feedback });
  }

  on(type, listener) {
    if (!this.listeners.has(type)) this.listeners.set(type, []);
    this.listeners.get(type).push(listener);
  }

  post(type, data) {
    if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify({ type, data }));
  }

  deliver(message) {
    for (const listener of this.listeners.get(message.type) ?? []) listener(message.data, message);
  }

  /** After a disconnect of its own too: that is how it was written. */
  comeBack() {
    if (this.attempts >= this.most) return;
    this.attempts += 1;
    setTimeout(() => this.connect().catch(() => {}), this.delayMs * this.attempts);
  }
}

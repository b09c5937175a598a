// What the page shows is asked for again every two seconds while it is in sight; the monitor's socket says the
// rest at once: who came and went, and alerts.

const API = "/api/v1/websocket";
const EVERY_MS = 2000;
const WAIT_MS = [1000, 2000, 4000, 8000, 15000];

export class Watch {
  #http;
  #token;
  #show;
  #state;
  #alert;
  #timer = null;
  #failures = 0;

  /** `show(figures)` with every answer; `state("live" | "lost" | "forbidden")`; `alert(message)`. */
  constructor(http, token, { show, state, alert }) {
    this.#http = http;
    this.#token = token;
    this.#show = show;
    this.#state = state;
    this.#alert = alert;
  }

  begin() {
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.again());
    this.#listen();
    return this.#look();
  }

  /** Looks now: something was done, or the page is in sight again. */
  again() {
    clearTimeout(this.#timer);
    return this.#look();
  }

  async #look() {
    if (document.visibilityState === "visible") {
      try {
        this.#show(await this.#ask());
        this.#state("live");
      } catch (refusal) {
        this.#state(refusal.status === 403 ? "forbidden" : "lost");
      }
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), EVERY_MS);
  }

  async #ask() {
    const of = (path) => this.#http.json(path);
    const [stats, queries, connections, users, notifications, events] = await Promise.all([
      of(`${API}/stats`),
      of("/text2sql/queries"),
      of(`${API}/connections`),
      of(`${API}/online-users`),
      of(`${API}/notifications`),
      of(`${API}/events`),
    ]);
    return {
      stats,
      queries: Object.entries(queries).map(([id, query]) => ({ id, ...query })),
      connections: connections.connections,
      users: users.users,
      notifications: notifications.notifications,
      events: events.events,
    };
  }

  #listen() {
    const address = `${location.origin.replace(/^http/, "ws")}/ws/admin/monitor?locale=${document.documentElement.lang.slice(0, 2)}`;
    const socket = new WebSocket(address, this.#token.subprotocols);
    socket.onopen = () => (this.#failures = 0);
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data), socket);
    socket.onclose = ({ code }) => {
      if (code >= 4500) return;
      const most = WAIT_MS[Math.min(this.#failures++, WAIT_MS.length - 1)];
      setTimeout(() => this.#listen(), Math.random() * most + 500);
    };
  }

  #hear(message, socket) {
    if (message.type === "ping") socket.send(JSON.stringify({ type: "ping" }));
    else if (message.type === "alert") this.#alert(message.message);
    else if (message.type === "user_status_update") this.again();
  }
}

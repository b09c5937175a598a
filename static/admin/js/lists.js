// The lists of the page: what runs, who is connected, what was notified and what happened.

import { el } from "/static/js/dom.js";
import { clock, count, since } from "./format.js";
import { Rows, sureButton } from "./rows.js";
import { labels, say } from "./texts.js";

const API = "/api/v1/websocket";

export function queryList(http) {
  const stop = (query) =>
    sureButton("queries.stop", "queries.stop_label", { query: query.query }, () =>
      http.response(`/text2sql/queries/${encodeURIComponent(query.id)}/cancel`, {}, { method: "POST" }).catch(() => {}),
    );
  return new Rows(
    "queries",
    [
      { label: "queries.query", write: (query) => query.query, className: "long" },
      { label: "queries.user", write: (query) => query.user_id },
      { label: "queries.stage", write: (query) => query.current_stage },
      { label: "queries.source", write: (query) => query.datasource ?? "" },
      { label: "queries.seconds", write: (query) => count(Math.max(since(query.start_time), 0)), className: "number" },
      { act: stop, className: "act" },
    ],
    (query) => query.id,
  );
}

export function connectionList(http) {
  const close = (one) =>
    sureButton("connections.close", "connections.close_label", { user: one.user_id }, () =>
      http.response(`${API}/connections/${encodeURIComponent(one.connection_id)}`, {}, { method: "DELETE" }).catch(() => {}),
    );
  return new Rows(
    "connections",
    [
      { label: "connections.user", write: (one) => one.user_id },
      { label: "connections.dialect", write: (one) => one.metadata.dialect },
      { label: "connections.address", write: (one) => one.metadata.address },
      { label: "connections.since", write: (one) => clock(one.connected_at) },
      {
        label: "connections.messages",
        write: (one) => `${count(one.metadata.messages_received)} / ${count(one.metadata.messages_sent)}`,
        className: "number",
      },
      { label: "connections.waiting", write: (one) => count(one.metadata.waiting_bytes), className: "number" },
      { label: "connections.alive", write: (one) => labels.text(one.is_alive ? "yes" : "no") },
      { act: close, className: "act" },
    ],
    (one) => one.connection_id,
  );
}

export function userList(http) {
  const close = (user) =>
    sureButton("users.close", "users.close_label", { user: user.user_id }, () =>
      http
        .response(`${API}/users/disconnect`, {}, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ user_id: user.user_id }),
        })
        .catch(() => {}),
    );
  return new Rows(
    "users",
    [
      { label: "users.user", write: (user) => user.user_id },
      { label: "users.connections", write: (user) => count(user.connections), className: "number" },
      { label: "users.since", write: (user) => clock(user.since) },
      { act: (user) => pingButton(http, user.user_id), className: "act" },
      { act: close, className: "act" },
    ],
    (user) => user.user_id,
  );
}

export function notificationList() {
  return new Rows(
    "notifications",
    [
      { label: "column.when", write: (one) => clock(one.timestamp) },
      { label: "notify.type", write: (one) => (labels.has(`type.${one.type}`) ? labels.text(`type.${one.type}`) : one.type) },
      { label: "queries.user", write: (one) => one.user_id ?? "" },
      { label: "column.about", write: (one) => [one.title, one.message].filter(Boolean).join(": "), className: "long" },
    ],
    (one) => one.id,
  );
}

export function eventList() {
  return new Rows(
    "events",
    [
      { label: "column.when", write: (event) => clock(event.timestamp) },
      { label: "column.what", write: (event) => event.event },
      { label: "column.about", write: about, className: "long" },
    ],
    (event) => JSON.stringify(event),
  );
}

function about({ timestamp, event, ...facts }) {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join("  ");
}

function pingButton(http, userId) {
  const button = el("button.quiet", { type: "button" });
  say(button, "users.ping");
  say(button, "users.ping_label", { user: userId }, "aria-label");
  const told = el("span.note", { role: "status" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    told.textContent = await latency(http, userId);
    button.disabled = false;
  });
  return el("span.pinged", {}, button, told);
}

async function latency(http, userId) {
  try {
    const body = await http.json(`${API}/ping/${encodeURIComponent(userId)}`, {}, { method: "POST" });
    return body.connections
      .map(({ alive, latency_ms }) => (alive ? labels.text("users.latency", { ms: count(latency_ms) }) : labels.text("users.silent")))
      .join(", ");
  } catch (refusal) {
    return refusal.message;
  }
}

// What administrators say: a broadcast to who is here now, a notification that waits for who is away.

import { el } from "/static/js/dom.js";
import { labels, say } from "./texts.js";

const API = "/api/v1/websocket";
const TYPES = ["info", "success", "warning", "error", "urgent"];

export function broadcastForm(http) {
  const message = field("textarea", "broadcast-message", { required: true, rows: "2", maxlength: "10000" });
  const target = select("broadcast-target", ["broadcast", "user", "session"], "target");
  const id = field("input", "broadcast-id", { maxlength: "200" });
  const idLine = line("broadcast.id", id);
  const toggle = () => {
    idLine.hidden = target.value === "broadcast";
    id.required = !idLine.hidden;
  };
  target.addEventListener("change", toggle);
  toggle();
  return form("broadcast", [line("broadcast.message", message), line("broadcast.target", target), idLine], async () => {
    const body = { message: message.value, target_type: target.value, target_id: id.value || null };
    const { sent_to } = await post(http, "broadcast", body);
    message.value = "";
    return labels.text("broadcast.sent", { count: sent_to });
  });
}

export function notifyForm(http) {
  const users = field("input", "notify-users", { maxlength: "2000" });
  const title = field("input", "notify-heading", { required: true, maxlength: "200" });
  const message = field("textarea", "notify-message", { required: true, rows: "2", maxlength: "10000" });
  const type = select("notify-type", TYPES, "type");
  const lines = [line("notify.users", users), line("notify.heading", title), line("notify.message", message), line("notify.type", type)];
  return form("notify", lines, async () => {
    const named = users.value.split(/[,，]/).map((one) => one.trim()).filter(Boolean);
    const to = named.length ? { user_ids: named } : { all: true };
    await post(http, "notify", { ...to, title: title.value, message: message.value, type: type.value });
    title.value = message.value = "";
    return labels.text("notify.sent");
  });
}

function post(http, path, body) {
  const headers = { "Content-Type": "application/json" };
  return http.json(`${API}/${path}`, {}, { method: "POST", headers, body: JSON.stringify(body) });
}

function form(name, lines, send) {
  const told = el("p.told", { role: "status" });
  const button = say(el("button.primary", { type: "submit" }), "broadcast.send");
  const node = el("form", { onsubmit: submit }, ...lines, el("div.form-end", {}, button, told));
  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      told.textContent = await send();
      told.dataset.kind = "good";
    } catch (refusal) {
      told.textContent = refusal.message;
      told.dataset.kind = "bad";
    }
    button.disabled = false;
  }
  const title = say(el("h2", { id: `${name}-title` }), `${name}.title`);
  const hint = say(el("p.note"), `${name}.hint`);
  return el("section.block", { id: name, "aria-labelledby": `${name}-title` }, title, hint, node);
}

function field(tag, id, attributes) {
  return el(`${tag}.field`, { id, ...attributes });
}

function select(id, values, prefix) {
  const node = el("select.field", { id });
  for (const value of values) node.append(say(el("option", { value }), `${prefix}.${value}`));
  return node;
}

function line(key, node) {
  return el("div.line", {}, say(el("label", { for: node.id }), key), node);
}

// `chat` (wire contract, 4): sessions with members; flat messages; answers that all members hear.

import { parse } from "../json.js";
import { question, text } from "../labels.js";
import { Bubbles } from "../bubbles.js";
import { tableOf } from "../table.js";

class Shown {
  #bubbles = new Bubbles();
  #mine = 0;
  node = this.#bubbles.node;

  take(way, { type, value }) {
    if (!value) return;
    if (way === "out") this.#sent(value);
    else READERS[type]?.(this.#bubbles, value, this);
  }

  #sent({ type, content, client_id: id }) {
    if (type !== "send_message") return;
    this.#mine += 1;
    this.#bubbles.bubble(id ?? `mine ${this.#mine}`, "you", text("shown.you")).replace(String(content));
    this.waiting = id ?? `mine ${this.#mine}`;
  }
}

const READERS = {
  connection_established: (bubbles, { user_id: user, session_id: session = "" }) => bubbles.line(`${user} ${session}`),
  session_joined: (bubbles, { user_id: user, members }) => bubbles.line(`+ ${user} (${members.join(", ")})`),
  session_left: (bubbles, { user_id: user, members = [] }) => bubbles.line(`− ${user} (${members.join(", ")})`),
  session_shared: (bubbles, { user_id: user, session_id: id }) => bubbles.line(`${id} → ${user}`),
  typing: (bubbles, { user_id: name, is_typing: is }) => is && bubbles.line(text("shown.typing", { name })),
  error: (bubbles, { title, message, code }) => bubbles.line(`${title || code}: ${message}`, "error"),
  notification: (bubbles, { notification: { title, message } }) => bubbles.line(`${title} ${message}`, "notice"),
  connection_close: (bubbles, { reason }) => bubbles.line(reason, "error"),

  message_status_update(bubbles, { message_id: id, client_id: mine, status }, shown) {
    if (status === "sent") bubbles.rename(mine ?? shown.waiting, id);
    bubbles.find(id)?.note(status);
  },

  message_delta(bubbles, { message_id: id, delta }) {
    bubbles.bubble(id, "assistant", text("shown.assistant")).write(delta);
  },

  ai_processing_status(bubbles, { message_id: id, status, stage, progress, message, error }) {
    const bubble = bubbles.bubble(id, "assistant", text("shown.assistant"));
    if (error) bubble.note(`${error.title}: ${error.message}`, "error");
    else bubble.note([status, stage, progress && `${progress}%`, message].filter(Boolean).join(" · "));
  },

  new_message(bubbles, { message }) {
    const { id, role, user_id: user, content, results } = message;
    const bubble = bubbles.bubble(id, role === "assistant" ? "assistant" : "other", user ?? text("shown.assistant"));
    bubble.replace(content);
    if (results?.data.length) bubble.show(tableOf(results.data, results.row_count));
  },
};

export const chat = {
  name: "chat",
  path: "/ws/chat",
  isSocket: true,
  canResume: false,
  grows: true,
  fields: [{ name: "session", key: "field.chat_session", value: "playground" }],
  samples: {
    ask: (known, { session }) => ({ type: "send_message", ...named(session), content: question("ask"), client_id: "c1" }),
    join: (known, { session }) => ({ type: "join_session", session_id: session || "playground" }),
    typing: (known, { session }) => ({ type: "typing", ...named(session), is_typing: true }),
    share: (known, { session }) => ({ type: "share_session", ...named(session), user_id: "bob" }),
    read: ({ messageId = "" }) => ({ type: "message_read", message_id: messageId }),
    cancel: ({ messageId = "" }) => ({ type: "cancel", message_id: messageId }),
    leave: (known, { session }) => ({ type: "leave_session", session_id: session || "playground" }),
    ping: () => ({ type: "ping" }),
    unknown: () => ({ type: "hello" }),
    broken: () => "{not JSON",
  },
  Shown,

  address({ session }) {
    return session ? `${this.path}/session/${encodeURIComponent(session)}` : this.path;
  },

  read(words) {
    const value = parse(words);
    return { type: value?.type ?? "?", value, isBeat: value?.type === "ping" || value?.type === "pong" };
  },

  learn(known, { value }) {
    known.messageId = value?.message_id ?? value?.message?.id ?? known.messageId;
  },
};

function named(session) {
  return session ? { session_id: session } : {};
}

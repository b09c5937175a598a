// `scm` (wire contract, 5): START, DATA, END; conversations with a model or a database.

import { parse } from "../json.js";
import { question, text } from "../labels.js";
import { Bubbles } from "../bubbles.js";

class Shown {
  #bubbles = new Bubbles();
  #asked = 0;
  node = this.#bubbles.node;

  take(way, { type, value }) {
    if (!value) return;
    if (way === "out" && type === "CHAT_REQUEST") this.#sent(value.data?.message);
    if (way === "in") READERS[type]?.(this.#bubbles, value.data, value);
  }

  #sent(message) {
    this.#asked += 1;
    this.#bubbles.bubble(`asked ${this.#asked}`, "you", text("shown.you")).replace(String(message));
  }
}

const READERS = {
  CONNECT: (bubbles, { connectionId: id }) => bubbles.line(id),
  SYSTEM_MESSAGE: (bubbles, { message }) => bubbles.line(message),
  WARNING: (bubbles, { message }) => bubbles.line(message, "notice"),
  ERROR: (bubbles, words, { code }) => bubbles.line(`${code}: ${words}`, "error"),
  DISCONNECT: (bubbles, { reason }) => bubbles.line(reason, "error"),
  TYPING_START: (bubbles, _, { userId: name }) => bubbles.line(text("shown.typing", { name })),

  CHAT_STREAM_START(bubbles, { messageId, provider, model }) {
    bubbles.bubble(messageId, "assistant", `${text("shown.assistant")} · ${provider} / ${model}`);
  },

  CHAT_STREAM_DATA(bubbles, { messageId, content }) {
    bubbles.bubble(messageId, "assistant", text("shown.assistant")).write(content);
  },

  CHAT_STREAM_END(bubbles, { messageId, totalTokens: n, duration: ms, finishReason }) {
    bubbles.find(messageId)?.note(`${finishReason} · ${text("shown.tokens", { n, ms })}`);
  },

  CHAT_RESPONSE(bubbles, { messageId, content, totalTokens: n, duration: ms }) {
    const bubble = bubbles.bubble(messageId, "assistant", text("shown.assistant"));
    bubble.replace(content);
    bubble.note(text("shown.tokens", { n, ms }));
  },

  SESSION_CREATE: (bubbles, { conversationId, title }) => bubbles.line(`+ ${title} (${conversationId})`),
  SESSION_DELETE: (bubbles, { conversationId }) => bubbles.line(`− ${conversationId}`),

  SESSION_LIST(bubbles, { sessions, total }) {
    bubbles.line(`${sessions.map(({ title }) => title).join("、")} (${total})`);
  },

  SESSION_MESSAGES(bubbles, { messages }) {
    for (const { role, content } of messages) bubbles.line(`${role}: ${content}`);
  },
};

export const scm = {
  name: "scm",
  path: "/scm/websocket/ai/chat",
  isSocket: true,
  canResume: false,
  grows: true,
  fields: [
    { name: "userId", key: "field.userId", value: "user001" },
    { name: "sessionId", key: "field.sessionId", value: "session001" },
  ],
  samples: {
    ask: (known, fields) => message("CHAT_REQUEST", fields, { message: question("chat"), streaming: true, ...of(known) }),
    data: (known, fields) => message("CHAT_REQUEST", fields, { message: question("ask"), streaming: true, mode: "text2sql" }),
    whole: (known, fields) => message("CHAT_REQUEST", fields, { message: question("chat"), streaming: false }),
    cancel: ({ messageId = "" }, fields) => message("CHAT_CANCEL", fields, { messageId }),
    create: (known, fields) => message("SESSION_CREATE", fields, { title: "playground" }),
    list: (known, fields) => message("SESSION_LIST", fields, { page: 1, pageSize: 10 }),
    messages: ({ conversationId = "" }, fields) => message("SESSION_MESSAGES", fields, { conversationId }),
    typing: (known, fields) => message("TYPING_START", fields, {}),
    heartbeat: (known, fields) => message("HEARTBEAT", fields, {}),
    unknown: (known, fields) => message("HELLO", fields, {}),
    broken: () => "{not JSON",
  },
  Shown,

  address({ userId, sessionId }) {
    return `${this.path}?${new URLSearchParams({ userId, sessionId })}`;
  },

  read(words) {
    const value = parse(words);
    return { type: value?.type ?? "?", value, isBeat: value?.type === "HEARTBEAT" };
  },

  learn(known, { value }) {
    known.messageId = value?.data?.messageId ?? known.messageId;
    known.conversationId = value?.data?.conversationId ?? known.conversationId;
  },
};

function message(type, { userId, sessionId }, data) {
  return { type, sessionId, userId, data, timestamp: new Date().toISOString() };
}

/** Later questions go on in the same conversation. */
function of({ conversationId }) {
  return conversationId ? { conversationId } : {};
}

// What this browser keeps of a user's sessions: in which one is, and the latest that was said in each. It is shown
// until the server has told what was said, and holds what only we know: words that have not arrived. It is bounded.

import { preferences } from "/static/js/preferences.js";

const SESSIONS = 30;
const MESSAGES = 100;
const ROWS = 10;

export class Kept {
  #prefix;

  constructor(userId) {
    this.#prefix = `chat.${userId}.`;
  }

  /** `[{ id, people, isForeign, since }]`, those used last first. */
  sessions() {
    return this.#read("sessions");
  }

  keepSessions(sessions) {
    this.#write("sessions", sessions.slice(0, SESSIONS));
  }

  messages(sessionId) {
    return this.#read(`said.${sessionId}`);
  }

  keepMessages(sessionId, messages) {
    this.#write(`said.${sessionId}`, messages.slice(-MESSAGES).map(shortened));
  }

  forget(sessionId) {
    preferences.remove(`${this.#prefix}said.${sessionId}`);
  }

  #read(name) {
    try {
      const read = JSON.parse(preferences.get(this.#prefix + name));
      return Array.isArray(read) ? read : [];
    } catch {
      return [];
    }
  }

  #write(name, value) {
    preferences.set(this.#prefix + name, JSON.stringify(value));
  }
}

function shortened(message) {
  if (!message.results) return message;
  return { ...message, results: { ...message.results, data: message.results.data.slice(0, ROWS) } };
}

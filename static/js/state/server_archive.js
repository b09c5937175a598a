// Earlier conversations as the server keeps them (`/api/conversations`): on every machine of their reader, and
// searched. This browser's own archive has more of each answer, and stands in while the server can't be asked.

const ROLE = "user";
const STATUSES = { complete: "completed", length: "completed", failed: "failed", cancelled: "cancelled" };
const FRESH_MS = 86_400_000;
const PAGE = { space: "ask", page_size: 100 };

export class ServerArchive {
  #local;
  #http;
  #ids = new Map();

  /** `local` is asked first for what it has, and where the server doesn't answer. */
  constructor(local, http) {
    [this.#local, this.#http] = [local, http];
  }

  /** `[{ id, title, updated, snippet? }]`, those used last first; with `words` those that hold them. */
  async list(words = "") {
    try {
      const { conversations } = await this.#http.json("/api/conversations", words ? { ...PAGE, q: words } : PAGE);
      for (const { id, conversation_id: name } of conversations) this.#ids.set(name, id);
      return words ? conversations.map(summary) : [...(await this.#unheard()), ...conversations.map(summary)];
    } catch {
      const all = await this.#local.list();
      return all.filter(({ title }) => title.toLowerCase().includes(words.toLowerCase()));
    }
  }

  /** Those begun just now, whose first answer the server has yet to keep. */
  async #unheard() {
    const local = await this.#local.list();
    return local.filter(({ id, updated }) => !this.#ids.has(id) && Date.now() - updated < FRESH_MS);
  }

  async read(id) {
    const own = await this.#local.read(id);
    if (own.length || !this.#ids.has(id)) return own;
    const { messages } = await this.#http.json(this.#address(id));
    return snapshots(messages, id);
  }

  /** The server keeps what it answers by itself. */
  async write(id, turns) {
    await this.#local.write(id, turns);
  }

  async rename(id, title) {
    const headers = { "Content-Type": "application/json" };
    await this.#http.json(this.#address(id), {}, { method: "PATCH", headers, body: JSON.stringify({ title }) });
  }

  async remove(id) {
    if (!this.#ids.has(id)) await this.list();
    if (this.#ids.has(id)) await this.#http.json(this.#address(id), {}, { method: "DELETE" });
    this.#ids.delete(id);
    await this.#local.remove(id);
  }

  #address(id) {
    return `/api/conversations/${encodeURIComponent(this.#ids.get(id))}`;
  }
}

function summary({ conversation_id: id, title, updated_at: updated, matches = [] }) {
  return { id, title, updated: Date.parse(updated), snippet: matches[0]?.snippet };
}

/** Each question with the answer that follows it, as state/snapshot.js has them. */
function snapshots(messages, conversation) {
  return messages.flatMap((message, at) => {
    if (message.role !== ROLE) return [];
    const answer = messages[at + 1]?.role === ROLE ? undefined : messages[at + 1];
    return [snapshot(message, answer, { options: { conversation_id: conversation } })];
  });
}

function snapshot(question, answer, options) {
  const status = STATUSES[answer?.status] ?? "lost";
  const sql = answer?.sql ?? question.sql ?? null;
  const kept = { id: null, question: question.content, options, askedAt: Date.parse(question.created_at), status };
  const attempts = sql ? [{ number: 1, sql, written: "", error: null }] : [];
  const error = status === "failed" ? { title: "", error: answer.content, code: "" } : null;
  const bare = { before: null, datasource: null, replaced: [], rating: 0, reasoning: "", stages: [] };
  return { ...bare, ...kept, attempts, error, answer: status === "completed" ? whole(answer, sql) : null };
}

const NONE = { columns: [], row_count: 0, truncated: false, data: [] };

function whole({ content, results, visualization }, sql) {
  return {
    sql,
    results: results ?? NONE,
    explanation: { explanation: content, complexity: null },
    visualization: visualization ?? { chart_type: "table", config: {} },
    attempts: 1,
    warnings: [],
  };
}

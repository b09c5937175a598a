// What a reload must not lose: the questions of this tab and their answers. The tab remembers the ids, the
// server the answers (`GET /text2sql/queries/{id}`, for `limits.result_seconds`).

import { Query } from "./state/query.js";

const KEY = "turns";
const MOST = 20;

/** Call whenever a question begins or ends. */
export function remember(kept, queries) {
  const turns = queries.slice(-MOST).map(({ id, question, options }) => ({ id, question, options }));
  kept.set(KEY, JSON.stringify(turns));
}

export function forget(kept) {
  kept.remove(KEY);
}

/** The remembered questions with what the server still knows of them, in their order. */
export async function recall(kept, fetchJson) {
  const turns = JSON.parse(kept.get(KEY) ?? "[]");
  return Promise.all(turns.map((turn) => restored(turn, fetchJson)));
}

/** What still runs goes on when the connection stands; what the server has forgotten can be run again. */
async function restored({ id, question, options }, fetchJson) {
  const query = new Query(question, options);
  const known = id && (await fetchJson(`/text2sql/queries/${encodeURIComponent(id)}`).catch(() => null));
  Object.assign(query, { id, sent: true, isRestored: true });
  if (known) STATUSES[known.status](query, known);
  else query.lose();
  return query;
}

const STATUSES = {
  running(query) {
    query.status = "running";
  },
  completed(query, known) {
    query.take("query_complete", { attempts: 1, warnings: [], ...known });
  },
  failed(query, { sql, error, stage }) {
    if (stage) query.take("query_progress", { progress: { stage, progress: 0 } });
    if (sql) query.take("query_sql", { sql, attempt: 1 });
    query.take("query_error", { ...error, error: error.message });
  },
  cancelled(query) {
    query.take("query_cancel", {});
  },
};

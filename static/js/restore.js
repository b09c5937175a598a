// What a reload must not lose: the questions of this tab and their answers. The tab remembers which they are, the
// archive those that are over. What still runs is told again by the server, from just before its start, as far
// back as it keeps it (`limits.resume_bytes`); what it says no more is fetched (`GET /text2sql/queries/{id}`).

import { Query } from "./state/query.js";
import { queryFrom } from "./state/snapshot.js";

const KEY = "turns";
const MOST = 20;
const ASK_AGAIN_MS = 2000;
const ENDINGS = new Set(["completed", "failed", "cancelled", "lost"]);

/** Call whenever a question begins or ends. */
export function remember(kept, queries) {
  const turns = queries.slice(-MOST).map(({ id, question, options, before }) => ({ id, question, options, before }));
  kept.set(KEY, JSON.stringify(turns));
}

/** The remembered questions with what is still known of them, in their order. */
export async function recall(kept, snapshots, http) {
  const turns = JSON.parse(kept.get(KEY) ?? "[]");
  const known = new Map(snapshots.filter(({ id }) => id).map((snapshot) => [snapshot.id, snapshot]));
  return Promise.all(turns.map((turn) => recalled(known.get(turn.id) ?? turn, http)));
}

/** What hadn't ended is told again from its start, however it stands by now. */
async function recalled(kept, http) {
  if (ENDINGS.has(kept.status) || !kept.id || typeof kept.before !== "number") return revived(kept, http);
  return Object.assign(unended(kept), { isRestored: false, isRewound: true, status: "running" });
}

/** A kept query: what was over is as it was, of what was not the server is asked. */
export async function revived(kept, http) {
  if (ENDINGS.has(kept.status)) return queryFrom(kept);
  const query = unended(kept);
  await refresh(query, http);
  return query;
}

function unended({ question, options, id, before, askedAt = Date.now() }) {
  const query = new Query(question, options);
  return Object.assign(query, { id, before: before ?? null, askedAt, sent: true, isRestored: true });
}

/** From where the session must be told again; `null` where nothing has to be. */
export function rewound(queries) {
  const before = queries.filter(({ isRewound }) => isRewound).map((query) => query.before);
  return before.length ? Math.min(...before) : null;
}

/**
 * What the server knows of a query: how it stands, or how it ended; what it has forgotten can be run again. `why`
 * the session was lost, where it was.
 */
export async function refresh(query, http, why = "forgotten") {
  if (!query.id) return query.lose("unsent");
  const known = await http.json(`/text2sql/queries/${encodeURIComponent(query.id)}`).catch(() => null);
  const isStoppedByServer = known?.status === "cancelled" && why === "expired";
  if (known && !isStoppedByServer) STATUSES[known.status](query, known);
  else query.lose(why);
}

/** Until it is over: for a query that runs, and of which nobody on this page will be told. `goesOn()` while it matters. */
export async function ended(query, http, why, goesOn) {
  for (;;) {
    await refresh(query, http, why);
    if (query.isOver || !goesOn()) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

const STATUSES = {
  running(query) {
    query.status = "running";
    query.startedAt ??= Date.now();
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

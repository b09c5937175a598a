// A page of what the server keeps, put together with what this browser knows: each message once, in order. Pure, but
// that entries are brought up to date.
//
// The one rule: what the server says is so. Of what it doesn't say only that stays which it can't know yet: what was
// heard after it was asked, answers on their way, our own words that may not have arrived, lines between messages.

const STATUSES = { complete: "completed", length: "completed", failed: "failed", cancelled: "cancelled" };
const KEPT = new Set(["sent", "delivered", "read", "completed", "failed", "cancelled"]);
const ON_THE_WAY = new Set(["sending", "unsure"]);
const SKEW_MS = 60_000;
const ORDER = ["waiting", "unsure", "failed", "sending", "sent", "delivered", "read"];

/** Reports may overtake each other: a message that was read is not merely sent again. */
export function later(known, told) {
  return ORDER.indexOf(told) > ORDER.indexOf(known) ? told : known;
}

/** What is to be remembered of the entries before the server is asked: for each, whether the server had it by then. */
export function asking(entries) {
  return new Map(entries.map((entry) => [entry, isKept(entry)]));
}

/**
 * With the latest page, that was asked for when what was known was as in `asked`. `isWhole` says that what is known
 * has no gap, so that what stands before the page may stay: then it `isContinued`.
 */
export function latest(entries, messages, { asked, hasMore, isWhole, me }) {
  const known = recognised(entries, messages, me);
  const page = conversed(messages.map((message) => told(known.get(message.id), message)));
  const inPage = new Set(page);
  const beginning = entries.indexOf(known.get(messages[0]?.id));
  const isContinued = isWhole && hasMore && asked.has(entries[beginning]);
  const before = isContinued ? entries.slice(0, beginning).filter((entry) => !inPage.has(entry)) : [];
  const stood = new Set([...before, ...page]);
  const others = entries.filter((entry) => !stood.has(entry));
  const loose = others.filter((entry) => asked.get(entry) === false);
  const merged = loose.reduce(placed, page);
  return { entries: [...before, ...merged, ...others.filter((entry) => !asked.has(entry))], isContinued };
}

/** With the page before what is known. */
export function earlier(entries, messages) {
  const known = new Map(entries.map((entry) => [entry.id, entry]));
  const page = messages.map((message) => told(known.get(message.id), message));
  return [...conversed(page.filter(({ id }) => !known.has(id))), ...entries];
}

/** Entries by id; our own words that were on their way are known by what they say. */
function recognised(entries, messages, me) {
  const known = new Map(entries.map((entry) => [entry.id, entry]));
  const onTheWay = entries.filter(({ kind, status }) => kind === "said" && ON_THE_WAY.has(status));
  for (const { id, user_id: userId, content, created_at: at } of messages) {
    if (known.has(id) || userId !== me) continue;
    const found = onTheWay.findIndex((entry) => entry.content === content && Date.parse(at) > entry.at - SKEW_MS);
    if (found < 0) continue;
    const [entry] = onTheWay.splice(found, 1);
    known.set(id, Object.assign(entry, { id }));
  }
  return known;
}

/** The entry, as the server has it. */
function told(entry, message) {
  const { id, parent_id: questionId, position, content, created_at: at } = message;
  const common = { id, position, at: Date.parse(at) };
  if (message.role === "user") {
    const status = later(entry?.status, "sent");
    return Object.assign(entry ?? { kind: "said" }, common, { userId: message.user_id, content, status, fault: undefined });
  }
  const begun = entry ?? { kind: "answer", questionId, reasoning: "", attempts: [], words: "" };
  return Object.assign(begun, common, ended(begun, message));
}

function ended({ error }, { status: outcome, content, sql, results }) {
  const status = STATUSES[outcome];
  if (status === "completed") return { status, content, sql, results };
  return status === "failed" ? { status, error: error ?? { message: content } } : { status };
}

/** Answers are kept when they end, and shown where they began: after their questions. */
function conversed(page) {
  const questions = new Set(page.map(({ id }) => id));
  const isApart = ({ kind, questionId }) => kind !== "answer" || !questions.has(questionId);
  const answersTo = ({ id }) => page.filter(({ kind, questionId }) => kind === "answer" && questionId === id);
  return page.filter(isApart).flatMap((entry) => [entry, ...answersTo(entry)]);
}

function isKept({ kind, status }) {
  return kind === "said" ? KEPT.has(status) && status !== "failed" : kind === "answer" && KEPT.has(status);
}

/** An answer stands after its question, what has no place of its own by its time. */
function placed(page, entry) {
  const isAnswer = entry.kind === "answer";
  const at = isAnswer ? page.findIndex(({ id }) => id === entry.questionId) : page.findLastIndex((one) => one.at <= entry.at);
  if (at >= 0) return [...page.slice(0, at + 1), entry, ...page.slice(at + 1)];
  if (isAnswer) return entry.status === "lost" ? page : [...page, entry];
  return entry.kind === "event" ? page : [entry, ...page];
}

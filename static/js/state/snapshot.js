// A query as plain data, to be kept where an archive keeps it, and back. Bounded: of its rows as many as
// `query_complete` repeats, and no more than a few hundred kilobytes.

import { fillRows, Query } from "./query.js";

const MOST_CHARACTERS = 200_000;
const MOST_THOUGHTS = 20_000;
const KEPT = ["id", "question", "options", "askedAt", "before", "status", "error", "lostTo", "datasource", "replaced", "rating"];

export function snapshotOf(query) {
  const kept = Object.fromEntries(KEPT.map((name) => [name, query[name]]));
  return {
    ...kept,
    reasoning: query.reasoning.slice(0, MOST_THOUGHTS),
    attempts: query.attempts.map(({ number, sql, written, error }) => ({ number, sql, error, written: sql ? "" : written })),
    stages: [...query.stages.values()].map(({ name, seconds, status, message }) => ({ name, seconds, status, message })),
    answer: query.answer && { ...query.answer, results: bounded(query.answer.results) },
  };
}

/** A query that is over, as it was. */
export function queryFrom(snapshot) {
  const { question, options, stages, answer, ...rest } = snapshot;
  const query = new Query(question, options);
  Object.assign(query, rest, { answer, sent: true, isRestored: true });
  query.stages = new Map(stages.map((stage) => [stage.name, stage]));
  if (answer) {
    query.explanation = answer.explanation.explanation;
    fillRows(query, answer.results);
  }
  return query;
}

function bounded(results) {
  let characters = 0;
  const data = results.data.filter((record) => (characters += JSON.stringify(record).length) < MOST_CHARACTERS);
  return { ...results, data };
}

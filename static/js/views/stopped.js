// What a cancel stopped, and what is left of it.

import { el } from "../dom.js";
import { seconds } from "../format.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const WORK = {
  generating_sql: "stopped.model",
  executing_sql: "stopped.database",
  processing_results: "stopped.database",
  generating_explanation: "stopped.explanation",
  recommending_visualization: "stopped.explanation",
};

export function stopped({ stage, rows, startedAt, endedAt, columns }) {
  const words = [say(el("span"), WORK[stage?.name] ?? "stopped.early")];
  if (startedAt && endedAt) words.push(say(el("span"), "stopped.after", { n: seconds((endedAt - startedAt) / 1000) }));
  if (columns.length) words.push(say(el("span"), "stopped.rows", { n: rows.length }));
  return el("p.stopped", {}, icon("stop"), el("span.stopped-words", {}, ...words));
}

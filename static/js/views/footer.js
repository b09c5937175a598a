// The small print under a finished answer: seconds, rows, tokens, model, attempts.

import { el } from "../dom.js";
import { seconds } from "../format.js";
import { say } from "../language.js";

/** `model` is the name of what wrote the SQL, where that is known. */
export function footer({ answer }, model) {
  const { execution_time, results, usage, attempts, explanation, sql } = answer;
  const parts = [];
  if (execution_time !== undefined) parts.push(say(el("span"), "footer.seconds", { n: seconds(execution_time) }));
  if (sql) parts.push(say(el("span"), "table.rows", { n: results.row_count }));
  if (usage?.total_tokens) parts.push(tokens(usage));
  if (model && (usage || !sql)) parts.push(el("span.model", {}, model));
  if (attempts > 1) parts.push(say(el("span"), "footer.attempts", { n: attempts }));
  if (sql && explanation.complexity) parts.push(say(el("span"), `footer.complexity.${explanation.complexity}`));
  return el("footer.small-print", {}, ...parts);
}

function tokens({ total_tokens: n, prompt_tokens: prompt, completion_tokens: completion }) {
  const node = say(el("span"), "footer.tokens", { n });
  return say(node, "footer.tokens_detail", { prompt, completion }, "title");
}

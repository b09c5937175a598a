// A question as the heading of its answer.

import { el } from "../dom.js";
import { say } from "../language.js";
import { presented } from "../questions.js";
import { tokens } from "../sql_tokens.js";
import { copyButton } from "./copy.js";

const TITLES = { sql: "question.sql", mending: "question.mending" };

export function questionView(question) {
  const { kind, words, sql } = presented(question);
  const heading = el("h2.question", { "data-kind": kind });
  if (kind === "words") heading.append(words);
  else heading.append(say(el("span.question-kind"), TITLES[kind]), highlighted(sql));
  return el("div.question-line", {}, heading, copyButton(() => sql ?? words, "copy.question"));
}

function highlighted(sql) {
  return el("code.question-sql", {}, ...tokens(sql).map(({ kind, text }) => el(`span.sql-${kind}`, {}, text)));
}

// Questions that the page writes for the reader, and how any question is shown: in words, as the SQL that it is,
// or as a request to mend some SQL.

const STATEMENT = /^\s*(?:--[^\n]*\n\s*|\/\*[\s\S]*?\*\/\s*|\(\s*)*(select|with|show|explain|desc|describe|values)\s/i;
const MENDING = /<failed_sql>\n?([\s\S]*?)\n?<\/failed_sql>/;
const MOST_ERROR = 600;
const MOST_SQL = 3000;

/** Asks the model to mend `sql`, in the form in which it is asked to rewrite its own. */
export function mending(sql, error, question, locale) {
  const asked = presented(question).kind === "words" ? question.slice(0, MOST_ERROR) : "";
  const [please, meant] = WORDS[locale];
  const lines = [please, asked && meant + asked, `<failed_sql>\n${sql.slice(0, MOST_SQL)}\n</failed_sql>`];
  return [...lines, `<error>${error.slice(0, MOST_ERROR)}</error>`].filter(Boolean).join("\n");
}

const WORDS = {
  zh: ["请改正下面这条 SQL，使它能够运行。", "原来的问题："],
  en: ["Mend this SQL so that it runs.", "The question was: "],
};

/** `{ kind: "words" | "sql" | "mending", words, sql }` */
export function presented(question) {
  const mended = MENDING.exec(question);
  if (mended) return { kind: "mending", words: "", sql: mended[1] };
  if (STATEMENT.test(question)) return { kind: "sql", words: "", sql: question };
  return { kind: "words", words: question, sql: null };
}

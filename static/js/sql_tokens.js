// A lexer for SQL, made to be fed half a statement: text that is still arriving changes no token but the last,
// and every character belongs to exactly one token. It colours; it does not judge.

const KEYWORDS = new Set(
  `ALL AND ANY AS ASC BETWEEN BY CASE CAST COLLATE CROSS CURRENT_DATE CURRENT_TIMESTAMP DATE DAY DESC DISTINCT
  ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FILTER FIRST FOLLOWING FOR FROM FULL GROUP HAVING HOUR IF IN INNER
  INTERSECT INTERVAL IS JOIN LAST LATERAL LEFT LIKE LIMIT MINUTE MONTH NATURAL NEXT NOT NULL NULLS OFFSET ON OR
  ORDER OUTER OVER PARTITION PRECEDING QUARTER RANGE RECURSIVE REGEXP RIGHT ROLLUP ROW ROWS SECOND SELECT
  SEPARATOR THEN TRUE UNBOUNDED UNION USING VALUES WEEK WHEN WHERE WINDOW WITH XOR YEAR`.split(/\s+/),
);

const FUNCTIONS_TOO = new Set("CAST DATE DAY HOUR IF LEFT MINUTE MONTH QUARTER RIGHT SECOND WEEK YEAR".split(" "));

const PATTERNS = [
  ["space", /\s+/y],
  ["comment", /--[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y],
  ["string", /'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)/y],
  ["name", /`(?:[^`]|``)*(?:`|$)|"(?:[^"]|"")*(?:"|$)/y],
  ["number", /(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d*)?/iy],
  ["word", /[\p{L}_@$][\p{L}\p{N}_@$]*/uy],
  ["operator", /<=>|<>|!=|<=|>=|\|\||&&|:=|[-+*/%=<>!~&|^]/y],
  ["mark", /[\s\S]/y],
];

/** `[{ kind, text, start }]`, whose texts joined are `sql.slice(from)`. */
export function tokens(sql, from = 0) {
  const found = [];
  for (let start = from; start < sql.length; ) {
    const token = tokenAt(sql, start);
    found.push(token);
    start += token.text.length;
  }
  return found;
}

function tokenAt(sql, start) {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const text = pattern.exec(sql)?.[0];
    if (text) return { kind: kind === "word" ? wordKind(text, sql, start) : kind, text, start };
  }
  throw new Error("every character is a mark at least");
}

function wordKind(word, sql, start) {
  const upper = word.toUpperCase();
  const calls = sql[start + word.length] === "(";
  if (KEYWORDS.has(upper)) return calls && FUNCTIONS_TOO.has(upper) ? "function" : "keyword";
  return calls ? "function" : "identifier";
}

/** The statement inside a model's words: what follows an opening fence, up to the closing one; else all of it. */
export function unfenced(written) {
  const open = /```[^\S\n]*\w*[^\S\n]*(?:\n|$)/.exec(written);
  if (!open) return written.replace(/`{1,2}$/, "");
  const inside = written.slice(open.index + open[0].length);
  return inside.split("```")[0].replace(/\n`{0,2}$/, "");
}

/** The words of a model that answers in words instead of SQL, or "" while that can't be told yet. */
export function wordsIn(written) {
  if (written.length < 12 || written.includes("`")) return "";
  return /^\s*(--|\/\*|\(|(select|with|show|explain|desc)\b)/i.test(written) ? "" : written;
}

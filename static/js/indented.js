// JSON as people read it: one member a line. Only white space changes, so that no digit of a number is lost, no
// key twice, no order. Pure.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const DEEPEST = 60;
const LONGEST = 4_000_000;
const STEP = "  ";

/** `null` where `words` are no object or array, or one that no indentation would make easier to read. */
export function indented(words) {
  if (!/^\s*[{[]/.test(words) || words.length > LONGEST || !isJson(words)) return null;
  const parts = [];
  let depth = 0;
  let before = "";
  for (const [token] of words.matchAll(TOKEN)) {
    const closes = token === "}" || token === "]";
    if (closes) depth -= 1;
    const isEmpty = closes && (before === "{" || before === "[");
    if ((closes && !isEmpty) || (!closes && "{[,".includes(before) && before)) parts.push("\n", STEP.repeat(depth));
    parts.push(token === ":" ? ": " : token);
    if (token === "{" || token === "[") depth += 1;
    if (depth > DEEPEST) return null;
    before = token;
  }
  return parts.join("");
}

function isJson(words) {
  try {
    JSON.parse(words);
    return true;
  } catch {
    return false;
  }
}

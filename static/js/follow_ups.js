// What one may want to know next, from the question and its rows: another period, one of the values, a coarser
// grain. Short, as people say them: the conversation knows what they refer to.

const MOST = 3;
const LONGEST_VALUE = 12;
const TEMPORAL = new Set(["date", "datetime"]);
const PERIOD_NAME = /月|日期|month|date/i;

const RULES = {
  zh: [
    [/今年/, "去年呢？"],
    [/去年/, "今年呢？"],
    [/上个月/, "这个月呢？"],
    [/本月|这个月/, "上个月呢？"],
    [/每个?月|按月|月度|各月/, "按季度呢？"],
  ],
  en: [
    [/this year/i, "And last year?"],
    [/last year/i, "And this year?"],
    [/last month/i, "And this month?"],
    [/this month/i, "And last month?"],
    [/month(ly)?\b/i, "By quarter?"],
  ],
};
const ONLY = { zh: (value) => `只看${value}`, en: (value) => `Only ${value}` };

/** At most three; `examples` of the data source fill up what the result itself doesn't suggest. */
export function followUps({ question, columns, rows }, examples, locale) {
  const swapped = RULES[locale].filter(([pattern]) => pattern.test(question)).map(([, words]) => words);
  const named = leading(columns, rows).map(ONLY[locale]);
  const own = [...swapped.slice(0, 2), ...named.slice(0, 1)];
  const others = examples.filter((example) => example !== question && !own.includes(example));
  return [...own, ...others].slice(0, MOST);
}

/** The first value of a column that names groups: rows by month or by number name nothing to look into. */
function leading(columns, rows) {
  const at = columns.findIndex(({ name, type }) => type === "string" && !TEMPORAL.has(type) && !PERIOD_NAME.test(name));
  if (at < 0 || rows.length < 2 || columns.length < 2) return [];
  const value = rows[0][at];
  const isWord = typeof value === "string" && value.length <= LONGEST_VALUE && /\p{L}/u.test(value);
  return isWord && !/[<>{}\n]/.test(value) ? [value] : [];
}

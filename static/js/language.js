// Which language the page speaks, and labels that change with it. What is said through `say` is said again
// when the language changes; nodes that left the page are forgotten with the garbage.

import { TEXTS } from "./texts.js";

const LANGUAGES = { zh: "zh-CN", en: "en" };
const MARK = "data-said";
const said = new WeakMap();
let current = "zh";

export const language = {
  get locale() {
    return current;
  },
  /** For `Intl`: digits and dates as this language groups them. */
  get tag() {
    return LANGUAGES[current];
  },
};

/** The label `key` in the present language. A number in `params` is grouped; `n` also picks the plural. */
export function text(key, params = {}) {
  const entry = TEXTS[key];
  if (!entry) throw new Error(`no label ${key}`);
  const values = written(params);
  const phrase = entry[current === "zh" ? 0 : 1];
  if (typeof phrase === "function") return phrase(values);
  return phrase.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Sets a node's text, or with `attribute` an attribute of it, to a label, now and in every language to come. */
export function say(node, key, params = {}, attribute = "") {
  const labels = said.get(node) ?? new Map();
  labels.set(attribute, [key, params]);
  said.set(node, labels);
  node.setAttribute(MARK, "");
  apply(node, attribute, key, params);
  return node;
}

/** Text that is nobody's label (a question, a database's words) takes the place of a label that stood there. */
export function quote(node, words) {
  said.get(node)?.delete("");
  if (node.textContent !== words) node.textContent = words;
  return node;
}

/** Says every label on the page again. Call it before the first view is built: it reaches no detached node. */
export function setLanguage(locale) {
  current = locale;
  document.documentElement.lang = language.tag;
  for (const node of document.querySelectorAll(`[${MARK}]`)) {
    for (const [attribute, [key, params]] of said.get(node) ?? []) apply(node, attribute, key, params);
  }
}

/** The browser's first language that we speak; English where there is none. */
export function preferredLanguage(languages = navigator.languages) {
  const known = languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((code) => code in LANGUAGES);
  return known ?? "en";
}

function apply(node, attribute, key, params) {
  const words = text(key, params);
  if (attribute) node.setAttribute(attribute, words);
  else if (node.textContent !== words) node.textContent = words;
}

/** A parameter may itself be a label: `{ stage: { key: "stage.analyzing" } }`. */
function written(params) {
  const values = { count: params.n };
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === "number") values[name] = value.toLocaleString(language.tag);
    else values[name] = value?.key ? text(value.key) : value;
  }
  return values;
}

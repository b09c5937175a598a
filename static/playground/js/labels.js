// Labels in two languages that change with a click. The page's own language.js knows the page's labels only; it is
// told here which language is spoken, so that a choice made there holds here, and the other way round.

import { language, preferredLanguage, setLanguage } from "/static/js/language.js";
import { preferences } from "/static/js/preferences.js";
import { QUESTIONS, TEXTS } from "./texts.js";

const said = new Map();
const listeners = new Set();

/** The label `key` in the present language. */
export function text(key, params = {}) {
  return TEXTS[key][at()].replace(/\{(\w+)\}/g, (_, name) => params[name]);
}

export function question(name) {
  return QUESTIONS[name][at()];
}

/** Sets a node's text, or with `attribute` an attribute of it, to a label, now and in every language to come. */
export function say(node, key, params = {}, attribute = "") {
  const labels = said.get(node) ?? new Map();
  labels.set(attribute, [key, params]);
  said.set(node, labels);
  apply(node, attribute, key, params);
  return node;
}

/** Calls `listener` now and whenever another language is spoken. */
export function onLanguage(listener) {
  listeners.add(listener);
  listener(language.locale);
}

export function begin() {
  speak(preferences.get("language") ?? preferredLanguage());
}

export function switchLanguage() {
  const next = language.locale === "zh" ? "en" : "zh";
  preferences.set("language", next);
  speak(next);
}

function speak(locale) {
  setLanguage(locale);
  for (const [node, labels] of said) for (const [attribute, [key, params]] of labels) apply(node, attribute, key, params);
  for (const listener of listeners) listener(locale);
}

function apply(node, attribute, key, params) {
  const words = text(key, params);
  if (attribute) node.setAttribute(attribute, words);
  else node.textContent = words;
}

function at() {
  return language.locale === "zh" ? 0 : 1;
}

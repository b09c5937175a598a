// Labels in two languages that change with a click. The page's own language.js knows the page's labels only; it is
// told here which language is spoken, so that a choice made there holds here, and the other way round.

import { language, preferredLanguage, setLanguage } from "/static/js/language.js";
import { preferences } from "/static/js/preferences.js";

/** The labels of one page: `texts` has `[Chinese, English]` by key. */
export class Labels {
  #texts;
  #said = new Map();
  #listeners = new Set();

  constructor(texts) {
    this.#texts = texts;
  }

  /** The label `key` in the present language. */
  text(key, params = {}) {
    const entry = this.#texts[key];
    if (!entry) throw new Error(`no label ${key}`);
    return entry[language.locale === "zh" ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => params[name]);
  }

  /** Whether there is such a label: what a server names may be newer than this page. */
  has(key) {
    return key in this.#texts;
  }

  /** Sets a node's text, or with `attribute` an attribute of it, now and in every language to come. */
  say(node, key, params = {}, attribute = "") {
    const labels = this.#said.get(node) ?? new Map();
    labels.set(attribute, [key, params]);
    this.#said.set(node, labels);
    this.#apply(node, attribute, key, params);
    return node;
  }

  /** Calls `listener` now and whenever another language is spoken. */
  onLanguage(listener) {
    this.#listeners.add(listener);
    listener(language.locale);
  }

  begin() {
    this.#speak(preferences.get("language") ?? preferredLanguage());
  }

  switchLanguage() {
    const next = language.locale === "zh" ? "en" : "zh";
    preferences.set("language", next);
    this.#speak(next);
  }

  #speak(locale) {
    setLanguage(locale);
    for (const [node, labels] of this.#said) {
      for (const [attribute, [key, params]] of labels) this.#apply(node, attribute, key, params);
    }
    for (const listener of this.#listeners) listener(locale);
  }

  #apply(node, attribute, key, params) {
    const words = this.text(key, params);
    if (attribute) node.setAttribute(attribute, words);
    else node.textContent = words;
  }
}

// Labels in two languages that change with a click, for the views beside the page: each brings its own texts.
// The page's own language.js knows the page's labels only; it is told here which language is spoken, so that a
// choice made there holds here, and the other way round. Nodes that left a view are forgotten with the garbage.

import { language, preferredLanguage, setLanguage } from "./language.js";
import { preferences } from "./preferences.js";

/** The labels of one view: `texts` has `[Chinese, English]` by key. */
export class Labels {
  #texts;
  #said = new WeakMap();
  #nodes = new Set();
  #gone = new FinalizationRegistry((node) => this.#nodes.delete(node));
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
    return Object.hasOwn(this.#texts, key);
  }

  /** Sets a node's text, or with `attribute` an attribute of it, now and in every language to come. */
  say(node, key, params = {}, attribute = "") {
    this.#labelsOf(node).set(attribute, [key, params]);
    this.#apply(node, attribute, key, params);
    return node;
  }

  /** Text that is nobody's label takes the place of a label that stood there. */
  quote(node, words) {
    this.#said.get(node)?.delete("");
    if (node.textContent !== words) node.textContent = words;
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
    for (const held of this.#nodes) {
      const node = held.deref();
      for (const [attribute, [key, params]] of this.#said.get(node) ?? []) this.#apply(node, attribute, key, params);
    }
    for (const listener of this.#listeners) listener(locale);
  }

  #labelsOf(node) {
    let labels = this.#said.get(node);
    if (!labels) {
      const held = new WeakRef(node);
      this.#nodes.add(held);
      this.#gone.register(node, held);
      this.#said.set(node, (labels = new Map()));
    }
    return labels;
  }

  #apply(node, attribute, key, params) {
    const words = this.text(key, params);
    if (attribute) node.setAttribute(attribute, words);
    else if (node.textContent !== words) node.textContent = words;
  }
}

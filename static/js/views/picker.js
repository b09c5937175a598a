// A choice of one among a few, in the composer: which data source, which model. It isn't there where there is
// nothing to choose.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

export class Picker {
  #select;
  #kept;
  #name;

  /** `kept` remembers the choice by `name`, and `label` says what is chosen. */
  constructor({ name, label, iconName, kept }) {
    this.#kept = kept;
    this.#name = name;
    this.#select = el("select", { id: name, onchange: () => kept.set(name, this.value) });
    this.node = el("label.picker", {}, icon(iconName), say(el("span.unseen"), label), this.#select);
    this.node.append(icon("chevron"));
  }

  get value() {
    return this.#select.value;
  }

  /** `choices`: `[{ value, words, title?, key? }]`; a choice with a `key` is one of our own labels. */
  offer(choices, { hideAlone = false } = {}) {
    const before = this.value || this.#kept.get(this.#name);
    this.#select.replaceChildren(...choices.map(option));
    if (choices.some(({ value }) => value === before)) this.#select.value = before;
    this.#select.disabled = choices.length < 2;
    this.node.hidden = choices.length === 0 || (hideAlone && choices.length < 2);
  }
}

function option({ value, words, title, key }) {
  const node = el("option", { value, title });
  return key ? say(node, key) : (node.append(words), node);
}

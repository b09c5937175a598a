// SQL as it is written: token by token, highlighted, each attempt below the one before, with the database's
// error beside the statement it refused.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { quote, say } from "../language.js";
import { tokens, unfenced } from "../sql_tokens.js";

export class SqlView {
  #attempts = new Map();

  constructor() {
    this.node = el("div.sql-view");
  }

  /** `attempts` as state/query.js has them; `live` while more may come. */
  update(attempts, live) {
    attempts.forEach((attempt, at) => {
      const shown = this.#shown(attempt.number);
      const last = at === attempts.length - 1;
      shown.update(attempt, { live: live && last, several: attempts.length > 1 });
    });
  }

  clear() {
    this.#attempts.clear();
    this.node.replaceChildren();
  }

  #shown(number) {
    let shown = this.#attempts.get(number);
    if (!shown) {
      shown = new Attempt(number);
      this.#attempts.set(number, shown);
      this.node.append(shown.node);
    }
    return shown;
  }
}

class Attempt {
  #code = new Highlighted();
  #title = el("span.sql-title");
  #state = el("span.sql-state");
  #error = el("pre.database-error", { hidden: true });

  constructor(number) {
    this.#title = say(this.#title, "sql.attempt", { n: number });
    const copy = copyButton(() => this.#code.text);
    const bar = el("div.sql-bar", {}, this.#title, this.#state, copy);
    const code = el("pre.sql", { tabindex: "0" }, this.#code.node);
    say(code, "sql.label", {}, "aria-label");
    this.node = el("section.attempt", {}, bar, code, this.#error);
  }

  update({ written, sql, error }, { live, several }) {
    this.#code.show(sql ?? unfenced(written));
    this.#code.node.classList.toggle("writing", live && sql === null && !error);
    this.#title.hidden = !several;
    this.node.classList.toggle("refused", error !== null);
    this.#tellState(error, sql, live);
    this.#error.hidden = error === null;
    quote(this.#error, error ?? "");
  }

  #tellState(error, sql, live) {
    if (error !== null) say(this.#state, "sql.refused");
    else if (sql !== null) say(this.#state, "sql.final");
    else if (live) say(this.#state, "sql.writing");
    else quote(this.#state, "");
  }
}

/** A code element that only ever redraws from the first token that changed. */
class Highlighted {
  text = "";
  #tokens = [];
  node = el("code");

  show(text) {
    if (text === this.text) return;
    const grew = text.startsWith(this.text) && this.#tokens.length > 0;
    const keep = grew ? this.#tokens.length - 1 : 0;
    const fresh = tokens(text, grew ? this.#tokens[keep].start : 0);
    while (this.node.childNodes.length > keep) this.node.lastChild.remove();
    this.node.append(...fresh.map(({ kind, text: words }) => el(`span.sql-${kind}`, {}, words)));
    this.#tokens.splice(keep, Infinity, ...fresh);
    this.text = text;
  }
}

export function copyButton(textToCopy) {
  const label = say(el("span"), "sql.copy");
  const button = el("button.quiet", { type: "button", onclick: copy }, icon("copy"), label);
  async function copy() {
    const key = await copied(textToCopy()).catch(() => "sql.copy_failed");
    say(label, key);
    setTimeout(() => say(label, "sql.copy"), 1600);
  }
  return button;
}

async function copied(words) {
  if (navigator.clipboard) await navigator.clipboard.writeText(words);
  else copiedTheOldWay(words);
  return "sql.copied";
}

/** Browsers offer no clipboard to a page that came over plain HTTP from another machine. */
function copiedTheOldWay(words) {
  const box = document.body.appendChild(el("textarea.unseen"));
  box.value = words;
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (!done) throw new Error("no clipboard");
}

// SQL as it is written: token by token, highlighted, each attempt below the one before, with the database's
// error beside the statement it refused. What is finished can be copied, edited and run again.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { quote, say } from "../language.js";
import { unfenced } from "../sql_tokens.js";
import { copyButton } from "./copy.js";
import { Highlighted } from "./highlighted.js";
import { SqlEditor } from "./sql_editor.js";

export class SqlView {
  #attempts = new Map();
  #replaced = el("p.replaced", { hidden: true });
  #list = el("div.attempts");

  /** `onrun(sql)` runs a statement that the reader has edited. */
  constructor(onrun) {
    this.onrun = onrun;
    this.node = el("div.sql-view", {}, this.#replaced, this.#list);
  }

  /** `attempts` as state/query.js has them; `live` while more may come. */
  update({ attempts, replaced, isOver: over }) {
    attempts.forEach((attempt, at) => {
      const last = at === attempts.length - 1;
      this.#shown(attempt.number).update(attempt, { live: !over && last, several: attempts.length > 1, over });
    });
    this.#tellReplaced(replaced);
  }

  clear() {
    this.#attempts.clear();
    this.#list.replaceChildren();
    this.#replaced.hidden = true;
  }

  #shown(number) {
    let shown = this.#attempts.get(number);
    if (!shown) {
      shown = new Attempt(number, this.onrun);
      this.#attempts.set(number, shown);
      this.#list.append(shown.node);
    }
    return shown;
  }

  /** Short forms that stand in the question and not in the database. */
  #tellReplaced(replaced) {
    if (this.#replaced.childElementCount === replaced.length + 1) return;
    this.#replaced.hidden = replaced.length === 0;
    const pairs = replaced.map(({ from, to }) => el("span.replacement", {}, el("s", {}, from), " → ", el("b", {}, to)));
    this.#replaced.replaceChildren(say(el("span"), "sql.replaced"), ...pairs);
  }
}

class Attempt {
  #code = new Highlighted();
  #title = el("span.sql-title");
  #state = el("span.sql-state");
  #error = el("pre.database-error", { hidden: true });
  #pre;
  #edit;
  #tools;

  constructor(number, onrun) {
    this.onrun = onrun;
    this.#title = say(this.#title, "sql.attempt", { n: number });
    this.#edit = el("button.quiet", { type: "button", "data-action": "sql.edit", hidden: true }, icon("edit"));
    this.#edit.append(say(el("span"), "sql.edit"));
    this.#edit.addEventListener("click", () => this.#open());
    this.#tools = el("div.sql-tools", {}, this.#edit, copyButton(() => this.#code.text));
    const bar = el("div.sql-bar", {}, this.#title, this.#state, this.#tools);
    this.#pre = el("pre.sql", { tabindex: "0", role: "group" }, this.#code.node);
    say(this.#pre, "sql.label", {}, "aria-label");
    this.node = el("section.attempt", {}, bar, this.#pre, this.#error);
  }

  update({ written, sql, error }, { live, several, over }) {
    this.#code.show(sql ?? unfenced(written));
    this.#code.node.classList.toggle("writing", live && sql === null && !error);
    this.#title.hidden = !several;
    this.#edit.hidden = !over || this.#pre.hidden;
    this.node.classList.toggle("refused", error !== null);
    this.#tellState(error, sql, live);
    this.#error.hidden = error === null;
    quote(this.#error, error ?? "");
  }

  #open() {
    const close = () => {
      editor.node.remove();
      this.#pre.hidden = this.#tools.hidden = false;
      this.#edit.focus();
    };
    const editor = new SqlEditor(this.#code.text, { onclose: close, onrun: (sql) => (close(), this.onrun(sql)) });
    this.#pre.hidden = this.#tools.hidden = true;
    this.#pre.after(editor.node);
    editor.focus();
  }

  #tellState(error, sql, live) {
    if (error !== null) say(this.#state, "sql.refused");
    else if (sql !== null) say(this.#state, "sql.final");
    else if (live) say(this.#state, "sql.writing");
    else quote(this.#state, "");
  }
}

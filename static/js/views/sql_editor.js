// A statement in the reader's own hands: changed and run, without asking a model. Ctrl+Enter runs it, Esc leaves
// it as it was.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

export class SqlEditor {
  #box = el("textarea.field.sql-box", { spellcheck: "false", autocapitalize: "off", autocomplete: "off", maxlength: "4000" });

  constructor(sql, { onrun, onclose }) {
    [this.onrun, this.onclose] = [onrun, onclose];
    this.#box.value = sql;
    this.#box.rows = Math.min(24, Math.max(3, sql.split("\n").length + 1));
    say(this.#box, "sql.edit_label", {}, "aria-label");
    const run = el("button.primary", { type: "button", "data-action": "sql.run", onclick: () => this.#run() }, icon("play"));
    run.append(say(el("span"), "sql.run"));
    const leave = say(el("button.quiet", { type: "button", onclick: onclose }), "sql.leave");
    const hint = say(el("span.hint"), "sql.hint");
    this.node = el("div.sql-editor", {}, this.#box, el("div.actions", {}, run, leave, hint));
    this.node.addEventListener("keydown", (event) => this.#key(event));
  }

  focus() {
    this.#box.focus();
  }

  #key(event) {
    if (event.key === "Escape") this.onclose();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#run();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #run() {
    const sql = this.#box.value.trim();
    if (sql) this.onrun(sql);
  }
}

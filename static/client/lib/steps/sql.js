// The SQL as it is written, each attempt below the one before, with the database's words where it refused one.

import { h, write } from "./dom.js";

export class SqlPart {
  #title = h("p.heading");
  #attempts = h("div");
  node = h("div.part", { hidden: true }, this.#title, this.#attempts);

  show(attempts, text) {
    this.node.hidden = attempts.length === 0;
    write(this.#title, text("sql"));
    while (this.#attempts.children.length > attempts.length) this.#attempts.lastChild.remove();
    attempts.forEach((attempt, at) => this.#showAttempt(attempt, at, attempts.length > 1, text));
  }

  #showAttempt({ number, sql, written, error }, at, isOneOfMany, text) {
    const shown = this.#attempts.children[at] ?? this.#attempts.appendChild(made());
    const [name, code, refusal] = shown.children;
    name.hidden = !isOneOfMany;
    write(name, text("attempt", { n: number }));
    write(code.firstChild, sql ?? unfenced(written));
    code.setAttribute("aria-label", text("sql"));
    refusal.hidden = error === null;
    write(refusal, error ?? "");
  }
}

function made() {
  const code = h("pre", { part: "sql", tabindex: "0", role: "group" }, h("code"));
  return h("div.attempt", {}, h("p.heading"), code, h("p.refusal"));
}

/** The statement inside a model's words: what follows an opening fence, up to the closing one; else all of it. */
function unfenced(written) {
  const [, inside] = written.split(/```[^\S\n]*\w*[^\S\n]*(?:\n|$)/, 2);
  return inside === undefined ? written : inside.split("```")[0].trimEnd();
}

// The SQL as it is written, each attempt below the one before, with the database's words where it refused one.

import { h, write } from "./dom.js";
import { Growing } from "./growing.js";

export class SqlPart {
  #title = h("p.heading");
  #attempts = h("div");
  #codes = [];
  node = h("div.part", { hidden: true }, this.#title, this.#attempts);

  show(attempts, text) {
    this.node.hidden = attempts.length === 0;
    write(this.#title, text("sql"));
    while (this.#codes.length > attempts.length) {
      this.#attempts.lastChild.remove();
      this.#codes.pop();
    }
    attempts.forEach((attempt, at) => this.#showAttempt(attempt, at, attempts.length > 1, text));
  }

  #showAttempt({ number, sql, written, error }, at, isOneOfMany, text) {
    const shown = this.#attempts.children[at] ?? this.#added();
    const [name, code, refusal] = shown.children;
    name.hidden = !isOneOfMany;
    write(name, text("attempt", { n: number }));
    this.#codes[at].show(sql ?? unfenced(written));
    code.setAttribute("aria-label", text("sql"));
    refusal.hidden = error === null;
    write(refusal, error ?? "");
  }

  #added() {
    const code = h("code");
    this.#codes.push(new Growing(code));
    const box = h("pre", { part: "sql", tabindex: "0", role: "group" }, code);
    return this.#attempts.appendChild(h("div.attempt", {}, h("p.heading"), box, h("p.refusal")));
  }
}

/** The statement inside a model's words: what follows an opening fence, up to the closing one; else all of it. */
function unfenced(written) {
  const [, inside] = written.split(/```[^\S\n]*\w*[^\S\n]*(?:\n|$)/, 2);
  return inside === undefined ? written : inside.split("```")[0].trimEnd();
}

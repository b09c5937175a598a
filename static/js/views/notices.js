// What the server says to everyone, or refuses without naming a question: a line under the header, until closed.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const MOST = 3;

export class Notices {
  node = el("div.notices", { role: "status" });

  /** `kind` is the server's word for it (`info`, `warning`, …). */
  show(words, kind = "info") {
    const close = el("button.quiet.square", { type: "button", onclick: () => notice.remove() }, icon("cross"));
    say(close, "notice.close", {}, "aria-label");
    const notice = el("p.notice", { "data-kind": kind }, el("span", {}, words), close);
    this.node.append(notice);
    while (this.node.children.length > MOST) this.node.firstElementChild.remove();
  }
}

// A line under the header while the connection doesn't come back by itself: why, and what to do.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const TELLING = new Set(["closed", "elsewhere", "refused", "expired"]);
const REASONS = { 4503: "foreign", 4504: "crowded", 4510: "dismissed" };

export class Banner {
  #title = el("b");
  #what = el("span");
  #button = el("button.primary", { type: "button" });
  #act = () => undefined;

  /** `onconnect()` and `onsignin()`. */
  constructor({ onconnect, onsignin }) {
    this.onconnect = onconnect;
    this.onsignin = onsignin;
    this.#button.addEventListener("click", () => this.#act());
    const words = el("p.banner-words", {}, this.#title, this.#what);
    this.node = el("div.banner", { role: "alert", hidden: true }, icon("warning"), words, this.#button);
  }

  show({ state, code }) {
    this.node.hidden = !TELLING.has(state);
    if (this.node.hidden) return;
    const reason = REASONS[code] ?? state;
    say(this.#title, `banner.${reason}`, { code: String(code) });
    say(this.#what, `banner.${reason}.what`);
    say(this.#button, state === "expired" ? "signin.title" : "connection.connect");
    this.#act = state === "expired" ? this.onsignin : this.onconnect;
  }
}

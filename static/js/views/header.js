// The line at the top: the name, the connection's state, a new conversation, language and appearance.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const THEME_ICONS = { system: "system", light: "sun", dark: "moon" };
const MAY_RETURN = new Set(["closed", "elsewhere", "refused"]);

export class Header {
  #state = el("span.connection-text");
  #connect;
  #connection;
  #theme;
  #fresh;

  /** `onnew()`, `onlanguage()`, `ontheme()` and `onconnect()`. */
  constructor({ onnew, onlanguage, ontheme, onconnect }) {
    this.#connect = el("button.quiet", { type: "button", hidden: true, onclick: onconnect });
    say(this.#connect, "connection.connect");
    const dot = el("span.connection-dot", { "aria-hidden": "true" });
    this.#connection = el("div.connection", { role: "status" }, dot, this.#state);
    this.#theme = el("button.quiet.square", { type: "button", id: "theme", onclick: ontheme });
    this.#fresh = el("button.quiet", { type: "button", id: "new", hidden: true, onclick: onnew });
    this.#fresh.append(icon("plus"), say(el("span"), "header.new"));
    const language = el("button.quiet", { type: "button", id: "language", onclick: onlanguage });
    say(language, "header.language");
    say(language, "header.language_label", {}, "aria-label");
    const logo = el("img", { src: "/static/img/logo.svg", alt: "", width: "28", height: "28" });
    const name = el("a.brand", { href: "/" }, logo, say(el("span"), "page.name"));
    const tools = el("div.tools", {}, this.#connection, this.#connect, this.#fresh, language, this.#theme);
    this.node = el("div.header-line", {}, name, tools);
  }

  connection({ state, attempt, of, code }) {
    this.#connection.dataset.state = state;
    say(this.#state, `connection.${state}`, { n: attempt, of, code });
    this.#connect.hidden = !MAY_RETURN.has(state);
  }

  conversation(hasQuestions) {
    this.#fresh.hidden = !hasQuestions;
  }

  theme(name) {
    this.#theme.replaceChildren(icon(THEME_ICONS[name]));
    const params = { name: { key: `theme.${name}` } };
    say(this.#theme, "header.theme", params, "aria-label");
    say(this.#theme, "header.theme", params, "title");
  }
}

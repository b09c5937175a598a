// The line at the top: the panels' buttons, the name, the connection's state, a new conversation, language and
// appearance.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { Menu } from "./menu.js";

const THEME_ICONS = { system: "system", light: "sun", dark: "moon" };

export class Header {
  #state = el("span.connection-text");
  #connection;
  #theme;
  #fresh;
  #leave;
  #menu = new Menu();
  past = toggle("past-toggle", "panel", "header.past");
  schema = toggle("schema-toggle", "table", "header.schema");

  /** `onnew()`, `onlanguage()`, `ontheme()` and `onleave()`. */
  constructor({ onnew, onlanguage, ontheme, onleave }) {
    const dot = el("span.connection-dot", { "aria-hidden": "true" });
    this.#connection = el("div.connection", { role: "status" }, dot, this.#state);
    this.#theme = el("button.quiet.square", { type: "button", id: "theme", onclick: ontheme });
    this.#fresh = el("button.quiet", { type: "button", id: "new", hidden: true, onclick: onnew });
    this.#fresh.append(icon("plus"), say(el("span"), "header.new"));
    this.#leave = el("button.quiet", { type: "button", id: "leave", hidden: true, onclick: onleave });
    say(this.#leave, "header.leave");
    const language = el("button.quiet", { type: "button", id: "language", onclick: onlanguage });
    say(language, "header.language");
    say(language, "header.language_label", {}, "aria-label");
    const logo = el("img", { src: "/static/img/logo.svg", alt: "", width: "28", height: "28" });
    const name = el("a.brand", { href: "/" }, logo, say(el("span"), "page.name"));
    const tools = el("div.tools", {}, this.#connection, this.#fresh, this.#leave, language, this.#theme);
    tools.append(this.schema, this.#menu.node);
    this.node = el("div.header-line", {}, name, this.past, tools);
  }

  connection({ state, attempt, of, code }) {
    this.#connection.dataset.state = state;
    say(this.#state, `connection.${state}`, { n: attempt, of, code: String(code) });
  }

  conversation(hasQuestions) {
    this.#fresh.hidden = !hasQuestions;
  }

  /** A token that is there can be given back; whose it is decides what the menu offers. */
  signedIn({ value, isAdmin }) {
    this.#leave.hidden = value === null;
    this.#menu.show({ isAdmin });
  }

  theme(name) {
    this.#theme.replaceChildren(icon(THEME_ICONS[name]));
    const params = { name: { key: `theme.${name}` } };
    say(this.#theme, "header.theme", params, "aria-label");
    say(this.#theme, "header.theme", params, "title");
  }
}

function toggle(id, iconName, key) {
  return el("button.quiet.square.toggle", { type: "button", id }, icon(iconName), say(el("span"), key));
}

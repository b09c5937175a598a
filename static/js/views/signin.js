// Signing in, where the server asks for a token: one dialog for a first token, for one that was refused or has
// expired, and for renewing the one in use. Nothing on the page is lost meanwhile.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { quote, say } from "../language.js";
import { looksLikeToken } from "../token.js";

export class SignIn {
  #box = el("input.field", { id: "token", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  #why = el("p");
  #fault = el("p.field-fault", { id: "token-fault", role: "alert", hidden: true });
  #given = null;
  #waiting = null;

  constructor() {
    this.node = this.#build();
  }

  get isOpen() {
    return this.node.open;
  }

  /** Somebody waits for a token, whether the dialog is open or was put off. */
  get isWaiting() {
    return this.#waiting !== null;
  }

  /** Resolves with a token once there is one to try. `reason`: `missing`, `refused`, `expired` or `renew`. */
  ask(reason) {
    say(this.#why, `signin.${reason}`);
    this.#tell(null);
    if (!this.node.open) this.node.showModal();
    this.#waiting ??= new Promise((resolve) => (this.#given = resolve));
    return this.#waiting;
  }

  /** Opens again what was closed without a token. */
  reopen() {
    if (this.#waiting && !this.node.open) this.node.showModal();
  }

  #build() {
    const title = say(el("h2", { id: "signin-title" }), "signin.title");
    const label = say(el("label", { for: "token" }), "signin.token");
    this.#box.setAttribute("aria-describedby", "token-fault");
    const hint = say(el("p.note"), "signin.hint");
    const later = say(el("button.quiet", { type: "button", onclick: () => this.node.close() }), "signin.later");
    const go = say(el("button.primary", { type: "submit" }), "signin.go");
    const form = el("form", { novalidate: true, onsubmit: (event) => this.#submit(event) });
    form.append(label, this.#box, this.#fault, hint, el("div.actions", {}, go, later));
    const head = el("div.dialog-head", {}, icon("key"), title);
    return el("dialog.dialog", { id: "signin", "aria-labelledby": "signin-title" }, head, this.#why, form);
  }

  #submit(event) {
    event.preventDefault();
    const words = this.#box.value.trim().replace(/^Bearer\s+/i, "");
    if (!looksLikeToken(words)) return this.#tell("signin.no_token");
    const give = this.#given;
    this.#waiting = this.#given = null;
    this.#box.value = "";
    this.node.close();
    give?.(words);
  }

  #tell(key) {
    this.#fault.hidden = key === null;
    this.#box.setAttribute("aria-invalid", String(key !== null));
    if (key) say(this.#fault, key);
    else quote(this.#fault, "");
  }
}

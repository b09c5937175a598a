// A dialog that asks with whom a session is shared.

import { el } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";
import { say } from "../texts.js";

const AS_WRITTEN = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

export class ShareDialog {
  #box = el("input.field", { id: "share-user", required: true, maxlength: "200", ...AS_WRITTEN });
  #room = null;

  /** `onshare(room, userId)`. */
  constructor({ onshare }) {
    this.onshare = onshare;
    const title = say(el("h2", { id: "share-title" }), "share.title");
    const go = say(el("button.primary", { type: "submit" }), "share.go");
    const close = say(el("button.quiet", { type: "button", onclick: () => this.node.close() }), "share.close");
    const label = say(el("label", { for: "share-user" }), "share.user");
    const form = el("form", { onsubmit: (event) => this.#submit(event) }, label, this.#box, el("div.actions", {}, go, close));
    const head = el("div.dialog-head", {}, icon("plus"), title);
    this.node = el("dialog.dialog", { id: "share-dialog", "aria-labelledby": "share-title" }, head, say(el("p"), "share.what"), form);
  }

  ask(room) {
    this.#room = room;
    this.node.showModal();
  }

  #submit(event) {
    event.preventDefault();
    this.onshare(this.#room, this.#box.value.trim());
    this.#box.value = "";
    this.node.close();
  }
}

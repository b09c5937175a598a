// Ways to the other views of the server, behind one button; what is for administrators is shown to them only.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const PLACES = [
  { address: "/chat", key: "menu.chat" },
  { address: "/admin", key: "menu.admin", forAdmins: true },
  { address: "/docs", key: "menu.docs" },
  { address: "/playground", key: "menu.playground" },
];

export class Menu {
  #list = el("ul.menu-list");

  constructor() {
    const button = el("summary.quiet.square", { id: "menu" }, icon("menu"));
    say(button, "menu.label", {}, "aria-label");
    say(button, "menu.label", {}, "title");
    this.node = el("details.menu", {}, button, this.#list);
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.node.contains(relatedTarget)) this.node.open = false;
    });
    document.addEventListener("pointerdown", ({ target }) => this.node.contains(target) || (this.node.open = false));
  }

  show({ isAdmin }) {
    const places = PLACES.filter(({ forAdmins }) => isAdmin || !forAdmins);
    this.#list.replaceChildren(...places.map(({ address, key }) => el("li", {}, say(el("a", { href: address }), key))));
  }

  #key(event) {
    if (event.key !== "Escape" || !this.node.open) return;
    event.stopPropagation();
    this.node.open = false;
    this.node.firstElementChild.focus();
  }
}

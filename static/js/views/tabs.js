// Tabs as the ARIA practices have them. The tab in front follows what is arriving until the reader picks one.

import { el } from "../dom.js";
import { say } from "../language.js";

let counted = 0;

export class Tabs {
  #tabs = new Map();
  #list = el("div.tab-list", { role: "tablist" });
  #panels = el("div.tab-panels");
  #chosen = false;
  selected = null;

  /** `panels`: name -> node; `onselect(name)` each time another comes to the front. */
  constructor(panels, onselect) {
    this.onselect = onselect;
    this.id = `tabs-${++counted}`;
    for (const [name, node] of Object.entries(panels)) this.#add(name, node);
    say(this.#list, "tab.label", {}, "aria-label");
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.node = el("div.tabs", { hidden: true }, this.#list, this.#panels);
  }

  /** Brings a tab to the front unless the reader has chosen another. */
  follow(name) {
    this.enable(name, true);
    if (!this.#chosen) this.#select(name);
  }

  choose(name) {
    this.#chosen = true;
    this.#select(name);
  }

  enable(name, enabled) {
    const { button } = this.#tabs.get(name);
    button.disabled = !enabled;
    if (enabled) this.node.hidden = false;
    if (!enabled && this.selected === name) this.#chosen = false;
  }

  badge(name, words) {
    const { badge } = this.#tabs.get(name);
    badge.textContent = words;
    badge.hidden = words === "";
  }

  arriving(name) {
    for (const [each, { button }] of this.#tabs) button.classList.toggle("arriving", each === name);
  }

  reset() {
    this.#chosen = false;
    this.node.hidden = true;
    this.arriving(null);
    for (const name of this.#tabs.keys()) {
      this.enable(name, false);
      this.badge(name, "");
    }
    this.node.hidden = true;
  }

  #add(name, node) {
    const badge = el("span.badge", { hidden: true });
    const label = say(el("span"), `tab.${name}`);
    const ids = { tab: `${this.id}-${name}`, panel: `${this.id}-${name}-panel` };
    const button = el(
      "button.tab",
      {
        type: "button",
        role: "tab",
        id: ids.tab,
        "data-tab": name,
        "aria-controls": ids.panel,
        "aria-selected": "false",
        tabindex: "-1",
        disabled: true,
        onclick: () => this.choose(name),
      },
      label,
      badge,
    );
    const attributes = { role: "tabpanel", id: ids.panel, "aria-labelledby": ids.tab, hidden: true };
    const panel = el("div.tab-panel", attributes, node);
    this.#tabs.set(name, { button, badge, panel });
    this.#list.append(button);
    this.#panels.append(panel);
  }

  #select(name) {
    if (this.selected === name) return;
    this.selected = name;
    for (const [each, { button, panel }] of this.#tabs) {
      button.setAttribute("aria-selected", String(each === name));
      button.tabIndex = each === name ? 0 : -1;
      panel.hidden = each !== name;
    }
    this.onselect(name);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const able = [...this.#tabs].filter(([, { button }]) => !button.disabled);
    const at = able.findIndex(([name]) => name === this.selected);
    const [name, { button }] = able[(at + step + able.length) % able.length];
    event.preventDefault();
    this.choose(name);
    button.focus();
  }
}

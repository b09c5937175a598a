// Puts the page together: a tab for each dialect, and its bench.

import { el } from "/static/js/dom.js";
import { tab } from "/static/js/preferences.js";
import { applyTheme, nextTheme, theme } from "/static/js/theme.js";
import { Bench } from "./bench.js";
import { chat } from "./dialects/chat.js";
import { plain } from "./dialects/plain.js";
import { scm } from "./dialects/scm.js";
import { steps } from "./dialects/steps.js";
import { text2sql } from "./dialects/text2sql.js";
import { begin, say, switchLanguage } from "./labels.js";

const DIALECTS = [text2sql, plain, chat, scm, steps];

/** The same token as the page's own, for this tab. */
const token = {
  get value() {
    return tab.get("token") ?? "";
  },
  set value(words) {
    if (words) tab.set("token", words);
    else tab.remove("token");
  },
};

const benches = new Map();
const tabs = new Map(DIALECTS.map((dialect) => [dialect.name, tabOf(dialect)]));

function tabOf({ name, path }) {
  const words = el("span.tab-words", {}, el("strong", {}, name), say(el("span.note"), `dialect.${name}`));
  const attributes = { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `bench-${name}`, title: path };
  return el("button.tab", { ...attributes, onclick: () => choose(name) }, words);
}

function choose(name) {
  const dialect = DIALECTS.find((one) => one.name === name) ?? text2sql;
  for (const [one, bench] of benches) bench.node.hidden = one !== dialect.name;
  for (const [one, button] of tabs) {
    button.setAttribute("aria-selected", String(one === dialect.name));
    button.tabIndex = one === dialect.name ? 0 : -1;
  }
  history.replaceState(null, "", `#${dialect.name}`);
}

/** Arrow keys go from tab to tab. */
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const names = [...tabs.keys()];
  const at = names.indexOf(document.activeElement.id.replace("tab-", ""));
  const next = names[(at + step + names.length) % names.length];
  choose(next);
  tabs.get(next).focus();
}

function buildHeader() {
  const logo = el("img", { src: "/static/img/logo.svg", alt: "", width: "28", height: "28" });
  const home = el("a.brand", { href: "/" }, logo, say(el("h1"), "page.name"));
  say(home, "page.home", {}, "title");
  const language = say(el("button.quiet", { type: "button", id: "language", onclick: switchLanguage }), "page.language");
  say(language, "page.language_label", {}, "aria-label");
  const look = el("button.quiet", { type: "button", id: "theme", onclick: () => (nextTheme(), showTheme(look)) });
  showTheme(look);
  const lead = say(el("p.lead"), "page.lead");
  return [home, lead, el("div.tools", {}, language, look)];
}

function showTheme(button) {
  say(button, `theme.${theme()}`);
  say(button, "page.theme", {}, "title");
}

begin();
applyTheme();
say(document.querySelector("title"), "page.title");
document.getElementById("header").append(...buildHeader());
const list = el("div.tabs", { role: "tablist", onkeydown: walk }, ...tabs.values());
say(list, "page.dialects", {}, "aria-label");
say(document.getElementById("dialects"), "page.dialects", {}, "aria-label");
document.getElementById("dialects").append(list);
for (const dialect of DIALECTS) {
  benches.set(dialect.name, new Bench(dialect, token));
  document.getElementById("benches").append(benches.get(dialect.name).node);
}
addEventListener("hashchange", () => choose(location.hash.slice(1)));
choose(location.hash.slice(1));

// Puts the administrators' page together.

import { el } from "/static/js/dom.js";
import { Http } from "/static/js/http.js";
import { tab } from "/static/js/preferences.js";
import { applyTheme, nextTheme, theme } from "/static/js/theme.js";
import { Token } from "/static/js/token.js";
import { SignIn } from "/static/js/views/signin.js";
import { broadcastForm, notifyForm } from "./forms.js";
import { count, duration, share } from "./format.js";
import { Graph } from "./graph.js";
import { connectionList, eventList, notificationList, queryList, userList } from "./lists.js";
import { labels, say } from "./texts.js";
import { Watch } from "./watch.js";

labels.begin();
applyTheme();

const token = new Token(tab);
const signIn = new SignIn();
const http = new Http(token, async (reason) => {
  token.value = await signIn.ask(reason);
});

const state = el("p.state", { role: "status" });
const alerts = el("div.alerts", { role: "alert" });
const tiles = {
  connections: tile("connections"),
  users: tile("users"),
  queries: tile("queries"),
  error_rate: tile("error_rate"),
  messages: tile("messages"),
  uptime: tile("uptime"),
};
const throughput = new Graph("graph.throughput", count, 1);
const errors = new Graph("graph.errors", share, 0.05);
const lists = {
  queries: queryList(http),
  connections: connectionList(http),
  users: userList(http),
  notifications: notificationList(),
  events: eventList(),
};
let last = null;

function tile(name) {
  const value = el("dd");
  const node = el("div.tile", { id: `tile-${name}` }, say(el("dt"), `tile.${name}`), value);
  return { node, show: (words) => (value.textContent = words) };
}

function show(figures) {
  const { stats } = figures;
  tiles.connections.show(count(stats.total_connections));
  tiles.users.show(count(stats.active_users));
  tiles.queries.show(count(figures.queries.length));
  tiles.error_rate.show(share(stats.error_rate));
  tiles.messages.show(`${count(stats.messages_received)} / ${count(stats.messages_sent)}`);
  tiles.uptime.show(duration(stats.uptime_seconds));
  plot(stats);
  for (const [name, list] of Object.entries(lists)) list.show(figures[name]);
}

/** Messages a second, between this answer and the one before; a server that started again begins anew. */
function plot(stats) {
  const messages = stats.messages_received + stats.messages_sent;
  if (last && stats.uptime_seconds > last.uptime) {
    throughput.add(Math.max(messages - last.messages, 0) / (stats.uptime_seconds - last.uptime));
    errors.add(stats.error_rate);
  }
  last = { messages, uptime: stats.uptime_seconds };
}

function showState(name) {
  state.dataset.state = name;
  say(state, `state.${name}`);
}

function header() {
  const logo = el("img", { src: "/static/img/logo.svg", alt: "", width: "28", height: "28" });
  const home = el("a.brand", { href: "/" }, logo, say(el("h1"), "page.name"));
  say(home, "page.home", {}, "title");
  const language = say(el("button.quiet", { type: "button", id: "language", onclick: () => labels.switchLanguage() }), "page.language");
  say(language, "page.language_label", {}, "aria-label");
  const look = el("button.quiet", { type: "button", id: "theme", onclick: () => (nextTheme(), showTheme(look)) });
  showTheme(look);
  return [home, state, el("div.tools", {}, language, look)];
}

function showTheme(button) {
  say(button, `theme.${theme()}`);
  say(button, "page.theme", {}, "title");
}

say(document.querySelector("title"), "page.title");
document.getElementById("header").append(...header());
document.getElementById("main").append(
  alerts,
  el("dl.tiles", {}, ...Object.values(tiles).map((one) => one.node)),
  el("div.graphs", {}, throughput.node, errors.node),
  lists.queries.node,
  el("div.pair", {}, lists.connections.node, lists.users.node),
  el("div.pair.even", {}, broadcastForm(http), notifyForm(http)),
  el("div.pair.even", {}, lists.notifications.node, lists.events.node),
);
document.body.append(signIn.node);

const watch = new Watch(http, token, {
  show,
  state: showState,
  alert: (words) => alerts.replaceChildren(el("p.alert", {}, words)),
});
labels.onLanguage(() => last && watch.again());
watch.begin();

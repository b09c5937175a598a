// Puts the chat view together.

import { el } from "/static/js/dom.js";
import { Http } from "/static/js/http.js";
import { Login } from "/static/js/login.js";
import { tab } from "/static/js/preferences.js";
import { applyTheme, nextTheme, theme } from "/static/js/theme.js";
import { Token } from "/static/js/token.js";
import { Banner } from "/static/js/views/banner.js";
import { Notices } from "/static/js/views/notices.js";
import { SignIn } from "/static/js/views/signin.js";
import { randomId } from "./ids.js";
import { Line } from "./line.js";
import { Talk } from "./talk.js";
import { labels, quote, say } from "./texts.js";
import { Composer } from "./views/composer.js";
import { Head } from "./views/head.js";
import { ID, SessionList } from "./views/list.js";
import { ShareDialog } from "./views/share.js";
import { Thread } from "./views/thread.js";

const PROBE = "/api/notifications";
const PROBE_MS = 10_000;
const AUTO_CLOSE_MS = 10_000;

labels.begin();
applyTheme();

const token = new Token(tab);
const signIn = new SignIn();
const http = new Http(token, (reason) => login.signIn(reason));
const line = new Line(token, admitted);
const login = new Login(token, signIn, { send: (type, data) => line.send({ type, data }) });
const talk = new Talk(line, http, token.value ? token.owner : "anonymous");

const state = el("p.state", { role: "status" });
const me = el("p.note.me");
const announced = el("p.unseen", { "aria-live": "polite" });
const notices = new Notices();
const banner = new Banner({ onconnect: () => line.open(), onsignin: () => signIn.reopen() });
const thread = new Thread(talk);
const composer = new Composer(talk);
const share = new ShareDialog({ onshare: (room, userId) => talk.share(room, userId) });
const list = new SessionList(talk, { onnew: () => enter(`room-${randomId(8)}`), onjoin: enter });
const head = new Head({
  me: () => talk.me,
  onback: () => talk.show(null),
  onshare: () => share.ask(talk.active),
  onleave: () => talk.leave(talk.active),
});
const roomNode = el("section.room", { id: "room", "aria-labelledby": "room-name" }, head.node, thread.node, composer.node);
const welcome = el("section.welcome", {}, el("img", { src: "/static/img/logo.svg", alt: "", width: "72", height: "72" }));
welcome.append(say(el("h2"), "room.none"), say(el("p.note"), "room.none_hint"));

/** Where the server wants a token, nobody knocks without one. */
function admitted() {
  const signal = AbortSignal.timeout(PROBE_MS);
  return http.response(PROBE, { page_size: 1 }, { signal }).catch(() => undefined);
}

function enter(id) {
  talk.join(id);
  composer.focus();
}

function showState({ state: name, code }) {
  state.dataset.state = name;
  say(state, `state.${name}`);
  banner.show({ state: name, code });
  if (name === "connected") login.watch();
  if (name === "expired") login.expired();
}

function showRoom() {
  const room = talk.active;
  document.body.dataset.view = room ? "room" : "list";
  roomNode.hidden = !room;
  welcome.hidden = Boolean(room);
  history.replaceState(null, "", room ? `#${room.id}` : location.pathname);
  thread.show(room);
  composer.show(room);
  list.update();
  say(me, "state.me", { name: talk.me });
  if (room) showHead(room);
}

function showHead(room) {
  if (room !== talk.active) return;
  head.show(room);
  composer.tellTyping(room);
}

function tell({ notification, fault, key, params }) {
  if (fault) return notices.show(joined(fault), "error");
  notices.show(key ? labels.text(key, params) : joined(notification), notification?.type);
  const shown = notices.node.lastElementChild;
  if (key || notification.auto_close) setTimeout(() => shown.remove(), AUTO_CLOSE_MS);
}

function joined({ title, message }) {
  return [title, message].filter(Boolean).join(" · ");
}

/** What answers a renewal is the login's; its words are another dialect's. */
function hearLogin(frame) {
  const isRefusal = frame.type === "error" && frame.request === "refresh_token";
  if (isRefusal || frame.type === "token_refreshed") login.hears({ type: isRefusal ? "query_error" : frame.type, data: frame });
}

function header() {
  const logo = el("img", { src: "/static/img/logo.svg", alt: "", width: "28", height: "28" });
  const home = el("a.brand", { href: "/" }, logo, say(el("h1"), "page.name"));
  say(home, "page.home", {}, "title");
  const language = say(el("button.quiet", { type: "button", id: "language", onclick: () => labels.switchLanguage() }), "page.language");
  say(language, "page.language_label", {}, "aria-label");
  const look = el("button.quiet", { type: "button", id: "theme", onclick: () => (nextTheme(), showTheme(look)) });
  showTheme(look);
  return [home, state, el("div.tools", {}, me, language, look)];
}

function showTheme(button) {
  say(button, `theme.${theme()}`);
  say(button, "page.theme", {}, "title");
}

say(document.querySelector("title"), "page.title");
document.getElementById("header").append(...header());
document.getElementById("notes").append(banner.node, notices.node, announced);
document.getElementById("main").append(list.node, roomNode, welcome);
document.body.append(signIn.node, share.node);

line.addEventListener("state", ({ detail }) => showState(detail));
line.addEventListener("frame", ({ detail }) => hearLogin(detail));
login.addEventListener("changed", () => line.ready || line.open());
talk.addEventListener("rooms", showRoom);
talk.addEventListener("changed", ({ detail }) => (list.update(), showHead(detail.room)));
talk.addEventListener("notice", ({ detail }) => tell(detail));
talk.addEventListener("said", ({ detail: { key, params } }) => quote(announced, labels.text(key, params)));
labels.onLanguage(() => talk.active && showHead(talk.active));

/** A link names a session behind `#`. */
function enterAddressed() {
  const wanted = location.hash.slice(1);
  if (ID.test(wanted)) talk.join(wanted);
  else talk.show(null);
}

addEventListener("hashchange", enterAddressed);
enterAddressed();
line.open();

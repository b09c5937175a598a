// Puts the page together: connection, conversation and views meet here and nowhere else.

import { Asked } from "./asked.js";
import { Catalog } from "./catalog.js";
import { Connection } from "./connection.js";
import { el } from "./dom.js";
import { saveExport } from "./downloads.js";
import { followUps } from "./follow_ups.js";
import { Follow } from "./follow.js";
import { Http } from "./http.js";
import { icon } from "./icons.js";
import { language, preferredLanguage, say, setLanguage } from "./language.js";
import { Login } from "./login.js";
import { layOver, Panel } from "./panels.js";
import { Past } from "./past.js";
import { preferences, tab } from "./preferences.js";
import { ended } from "./restore.js";
import { LocalArchive } from "./state/archive.js";
import { Conversation } from "./state/conversation.js";
import { ServerArchive } from "./state/server_archive.js";
import { Session } from "./state/session.js";
import { applyTheme, nextTheme, theme } from "./theme.js";
import { Token } from "./token.js";
import { Announcer } from "./views/announcer.js";
import { Banner } from "./views/banner.js";
import { Card } from "./views/card.js";
import { prepareCharts } from "./views/chart.js";
import { Composer } from "./views/composer.js";
import { Header } from "./views/header.js";
import { Notices } from "./views/notices.js";
import { SchemaView } from "./views/schema.js";
import { Sidebar } from "./views/sidebar.js";
import { SignIn } from "./views/signin.js";
import { Welcome } from "./views/welcome.js";

setLanguage(preferences.get("language") ?? preferredLanguage());

const FIRST_ANSWER_MS = 1500;

const token = new Token(tab);
const session = new Session(tab);
const connection = new Connection(address, () => token.subprotocols);
const conversation = new Conversation((type, data) => connection.send(type, data));
const asked = new Asked(preferences, () => token.owner);
const cards = new Map();
let isStarted = false;

const signIn = new SignIn();
const login = new Login(token, signIn, connection);
const http = new Http(token, (reason) => login.signIn(reason));
const catalog = new Catalog(http);
const header = new Header({ onnew: startAfresh, onlanguage: switchLanguage, ontheme: switchTheme, onleave: leave });
const banner = new Banner({ onconnect: () => connection.open(), onsignin: () => signIn.reopen() });
const composer = new Composer({ onask: (question) => ask(question), onstop: stopNewest, asked, kept: preferences });
const sidebar = new Sidebar({
  onopen: openConversation,
  onforget: forgetConversation,
  onrename: (id, title) => past.rename(id, title),
  onnew: startAfresh,
  onsearch: () => past.list(),
});
const schema = new SchemaView({ onname: insertName, sample: (source, table) => catalog.sample(source, table) });
const past = new Past({
  archive: new ServerArchive(new LocalArchive(() => token.owner), http),
  conversation,
  kept: tab,
  http,
  words: () => sidebar.words,
  onlist: (conversations, current) => sidebar.show(conversations, current),
});
const pastPanel = new Panel(document.getElementById("past"), header.past, "past", true);
const schemaPanel = new Panel(document.getElementById("schema"), header.schema, "schema", false);
const welcome = new Welcome((question, datasource) => ask(question, { datasource }));
const notices = new Notices();
const turns = el("div.turns");
const title = say(el("h1.unseen", { hidden: true }), "page.conversation");
const announcer = new Announcer(document.getElementById("announced"));
const latest = el("button.latest", { type: "button", hidden: true, onclick: () => follow.resume() }, icon("down"));
const head = document.getElementById("header");
const follow = new Follow(turns, () => ({ top: head.offsetHeight + 12 }), (following) => (latest.hidden = following));

function address() {
  const url = new URL("/text2sql/websocket", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  for (const [name, value] of session.parameters()) url.searchParams.set(name, value);
  url.searchParams.set("locale", language.locale);
  return url;
}

// --- what the reader does ---------------------------------------------------------------------------

function ask(question, { datasource = composer.datasource } = {}) {
  const options = { locale: language.locale, conversation_id: past.conversationId(), ...composer.model };
  const query = conversation.ask(question, datasource ? { options, database_config: { datasource } } : { options });
  asked.add(question);
  prepareCharts();
  announcer.asked();
  follow.resume();
  composer.focus();
  return query;
}

function insertName(name) {
  if (schemaPanel.isOver) schemaPanel.set(false);
  composer.insert(name);
}

function stopNewest() {
  const query = conversation.running.findLast((running) => !running.cancelling);
  if (query) conversation.cancel(query);
}

function startAfresh() {
  clearPage();
  past.leave();
  showConversation();
  composer.focus();
}

async function openConversation(id) {
  clearPage();
  await past.open(id);
  showConversation();
  follow.resume();
  if (pastPanel.isOver) pastPanel.set(false);
}

async function forgetConversation(id) {
  await past.forget(id);
  if (id === past.current) startAfresh();
  else past.list();
}

function clearPage() {
  cards.clear();
  turns.replaceChildren();
}

function switchLanguage() {
  const next = language.locale === "zh" ? "en" : "zh";
  preferences.set("language", next);
  setLanguage(next);
  cards.forEach((card) => card.repaint());
  past.list();
  offerDatasources();
}

function switchTheme() {
  header.theme(nextTheme());
}

/** Gives the token back, and everything that was seen with it. */
async function leave() {
  await past.leave();
  tab.remove("session");
  login.leave();
  location.reload();
}

function key(event) {
  const isFree = !event.defaultPrevented && !event.isComposing && !event.target.closest?.("dialog");
  if (event.key === "Escape" && isFree) stopNewest();
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  composer.focus();
}

// --- what the server says ---------------------------------------------------------------------------

function receive(envelope) {
  if (envelope.type === "connection_ack") {
    session.acknowledge(envelope.data);
    conversation.reconnected(envelope.data);
    login.watch();
  } else if (envelope.type === "system_status") notices.show(envelope.data.message, envelope.data.type);
  else if (session.isNew(envelope) && !login.hears(envelope)) conversation.receive(envelope);
}

/** The server tells no more of it: it is asked. */
function finish({ query, why }) {
  ended(query, http, why, () => conversation.queries.includes(query));
}

function connectionState(detail) {
  header.connection(detail);
  banner.show(detail);
  if (detail.state === "expired") login.expired();
  // A connection that never stood may have been refused for its token, and browsers don't say.
  if (detail.stood === false && token.value) http.json("/text2sql/datasources").catch(() => undefined);
}

/** Another token, or none: what waits for one goes on. */
function loginChanged() {
  header.signedIn(token);
  if (token.value && isStarted && !connection.ready) connection.open();
}

function signInPutOff() {
  if (!signIn.isWaiting || connection.ready) return;
  header.connection({ state: "expired" });
  banner.show({ state: "expired" });
}

async function offerDatasources() {
  try {
    await catalog.load();
    composer.offer(catalog);
    welcome.show(catalog);
    schema.show(catalog.datasources);
  } catch {
    welcome.unavailable();
  }
}

// --- what the page shows ----------------------------------------------------------------------------

const ACTIONS = {
  cancel: (query) => conversation.cancel(query),
  retry: (query) => conversation.retry(query),
  rerun: (query) => conversation.rerun(query),
  concluded: (query) => announcer.concluded(query),
  ask: (question, { datasource }) => ask(question, { datasource: datasource ?? composer.datasource }),
  feedback: ({ id }, said) => connection.send("user_feedback", { query_id: id, feedback: said }),
  followUps: suggestions,
  download: (query, format) => saveExport(http, query, format),
  modelName: (query) => catalog.modelName(query),
};

/** What the conversation has asked already isn't suggested. */
function suggestions(query) {
  const known = new Set(conversation.queries.map(({ question }) => question));
  const examples = catalog.examplesFor(query).filter((example) => !known.has(example));
  return followUps(query, examples, language.locale);
}

function addCard(query) {
  const card = new Card(query, ACTIONS);
  cards.set(query, card);
  turns.append(card.node);
}

function showConversation() {
  const { queries, running } = conversation;
  composer.running(running.length > 0);
  header.conversation(queries.length > 0);
  header.signedIn(token);
  welcome.node.hidden = queries.length > 0;
  title.hidden = queries.length === 0;
  document.body.classList.toggle("conversing", queries.length > 0);
}

function keepConversation() {
  showConversation();
  past.keep();
}

function build() {
  say(document.querySelector("title"), "page.title");
  say(latest, "composer.latest", {}, "aria-label");
  say(document.getElementById("skip"), "page.skip");
  head.append(header.node, banner.node, notices.node);
  new ResizeObserver(() => document.documentElement.style.setProperty("--top", `${head.offsetHeight}px`)).observe(head);
  document.getElementById("conversation").append(welcome.node, title, turns);
  document.getElementById("composer").append(latest, composer.node);
  say(document.getElementById("past"), "side.title", {}, "aria-label").append(sidebar.node);
  say(document.getElementById("schema"), "schema.title", {}, "aria-label").append(schema.node);
  layOver([pastPanel, schemaPanel], document.getElementById("backdrop"));
  document.body.append(signIn.node);
  applyTheme();
  header.theme(theme());
}

function listen() {
  conversation.addEventListener("added", ({ detail }) => addCard(detail));
  conversation.addEventListener("turn", keepConversation);
  conversation.addEventListener("forgotten", ({ detail }) => finish(detail));
  conversation.addEventListener("refused", ({ detail }) => notices.show(detail.error, "warning"));
  connection.addEventListener("state", ({ detail }) => connectionState(detail));
  connection.addEventListener("message", ({ detail }) => receive(detail));
  login.addEventListener("changed", loginChanged);
  signIn.node.addEventListener("close", signInPutOff);
  document.addEventListener("themechange", () => cards.forEach((card) => card.repaint()));
  document.addEventListener("keydown", key);
}

async function start() {
  build();
  listen();
  if (matchMedia("(pointer: fine)").matches) composer.focus();
  const answered = offerDatasources();
  await past.restore(session);
  showConversation();
  // Who has to sign in does so once: the first request asks, the connection follows.
  await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, FIRST_ANSWER_MS))]);
  if (signIn.isOpen) await answered;
  isStarted = true;
  connection.open();
}

start();

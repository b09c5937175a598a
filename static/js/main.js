// Puts the page together: connection, conversation and views meet here and nowhere else.

import { Connection } from "./connection.js";
import { el } from "./dom.js";
import { Follow } from "./follow.js";
import { icon } from "./icons.js";
import { language, preferredLanguage, say, setLanguage } from "./language.js";
import { preferences, tab } from "./preferences.js";
import { forget, recall, remember } from "./restore.js";
import { Conversation } from "./state/conversation.js";
import { Session } from "./state/session.js";
import { applyTheme, nextTheme, theme } from "./theme.js";
import { Card } from "./views/card.js";
import { prepareCharts } from "./views/chart.js";
import { Composer } from "./views/composer.js";
import { Header } from "./views/header.js";
import { Notices } from "./views/notices.js";
import { Welcome } from "./views/welcome.js";

setLanguage(preferences.get("language") ?? preferredLanguage());

const session = new Session(tab);
const connection = new Connection(address);
const conversation = new Conversation((type, data) => connection.send(type, data));
const cards = new Map();
let offered = { datasources: [], providers: [] };

const header = new Header({ onnew: startAfresh, onlanguage: switchLanguage, ontheme: switchTheme, onconnect });
const composer = new Composer({ onask: (question) => ask(question), onstop: stopNewest });
const welcome = new Welcome((question, datasource) => ask(question, datasource));
const notices = new Notices();
const turns = el("div.turns");
const announced = document.getElementById("announced");
const latest = el("button.latest", { type: "button", hidden: true, onclick: () => follow.resume() }, icon("down"));
const follow = new Follow(turns, () => ({ top: 72 }), (following) => (latest.hidden = following));

function address() {
  const url = new URL("/text2sql/websocket", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  for (const [name, value] of session.parameters()) url.searchParams.set(name, value);
  url.searchParams.set("locale", language.locale);
  return url;
}

// --- what the reader does ---------------------------------------------------------------------------

function ask(question, datasource = composer.datasource) {
  const options = { options: { locale: language.locale, conversation_id: conversationId() } };
  if (datasource) options.database_config = { datasource };
  conversation.ask(question, options);
  prepareCharts();
  say(announced, "announce.asked");
  follow.resume();
  composer.focus();
}

function stopNewest() {
  const query = conversation.running.findLast((running) => !running.cancelling);
  if (query) conversation.cancel(query);
}

function startAfresh() {
  conversation.clear();
  cards.clear();
  turns.replaceChildren();
  forget(tab);
  tab.remove("conversation");
  showConversation();
  composer.focus();
}

function switchLanguage() {
  const next = language.locale === "zh" ? "en" : "zh";
  preferences.set("language", next);
  setLanguage(next);
  cards.forEach((card) => card.repaint());
  offerDatasources();
}

function switchTheme() {
  header.theme(nextTheme());
}

function onconnect() {
  connection.open();
}

/** Ties the questions of this tab together, so that a later one may refer to an earlier. */
function conversationId() {
  if (!tab.get("conversation")) tab.set("conversation", randomName());
  return tab.get("conversation");
}

/** `crypto.randomUUID` exists only where the page came over HTTPS or from this machine. */
function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- what the server says ---------------------------------------------------------------------------

function receive(envelope) {
  if (envelope.type === "connection_ack") {
    session.acknowledge(envelope.data);
    conversation.reconnected(envelope.data);
  } else if (envelope.type === "system_status") notices.show(envelope.data.message, envelope.data.type);
  else if (session.isNew(envelope)) conversation.receive(envelope);
}

async function fetchJson(path) {
  const response = await fetch(`${path}?locale=${language.locale}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function offerDatasources() {
  try {
    offered = await fetchJson("/text2sql/datasources");
    composer.offer(offered.datasources);
    welcome.show(offered);
  } catch {
    welcome.unavailable();
  }
}

/** Known where there is no choice. */
function modelName() {
  return offered.providers?.length === 1 ? offered.providers[0].model : "";
}

// --- what the page shows ----------------------------------------------------------------------------

const ANNOUNCED = {
  completed: (query) => say(announced, "announce.completed", { n: query.rowCount }),
  failed: (query) => say(announced, "announce.failed", { title: query.error.title ?? query.error.code }),
  cancelled: () => say(announced, "announce.cancelled"),
  lost: () => say(announced, "query.lost"),
};

function addCard(query) {
  const card = new Card(query, {
    cancel: (one) => conversation.cancel(one),
    retry: (one) => conversation.retry(one),
    rerun: (one) => conversation.rerun(one),
    concluded: (one) => ANNOUNCED[one.status](one),
    modelName,
  });
  cards.set(query, card);
  turns.append(card.node);
}

function showConversation() {
  const { queries, running } = conversation;
  composer.running(running.length > 0);
  header.conversation(queries.length > 0);
  welcome.node.hidden = queries.length > 0;
  document.body.classList.toggle("conversing", queries.length > 0);
}

function keepConversation() {
  showConversation();
  remember(tab, conversation.queries);
}

async function start() {
  say(document.querySelector("title"), "page.title");
  say(latest, "composer.latest", {}, "aria-label");
  document.getElementById("header").append(header.node, notices.node);
  document.getElementById("conversation").append(welcome.node, turns);
  document.getElementById("composer").append(latest, composer.node);
  applyTheme();
  header.theme(theme());
  conversation.addEventListener("added", ({ detail }) => addCard(detail));
  conversation.addEventListener("turn", keepConversation);
  conversation.addEventListener("refused", ({ detail }) => notices.show(detail.error, "warning"));
  connection.addEventListener("state", ({ detail }) => header.connection(detail));
  connection.addEventListener("message", ({ detail }) => receive(detail));
  document.addEventListener("themechange", () => cards.forEach((card) => card.repaint()));
  document.addEventListener("keydown", ({ key, isComposing }) => key === "Escape" && !isComposing && stopNewest());
  if (matchMedia("(pointer: fine)").matches) composer.focus();
  for (const query of await recall(tab, fetchJson)) conversation.add(query);
  showConversation();
  connection.open();
  offerDatasources();
}

start();

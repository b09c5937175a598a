// What sessions, messages and tabs are called that begin here.

import { tab } from "/static/js/preferences.js";

/** This tab's, across a reload. */
export function tabId() {
  const known = tab.get("chat.tab") ?? randomId(8);
  tab.set("chat.tab", known);
  return known;
}

/** Sessions and messages are called by these; `crypto.randomUUID` is not there for plain HTTP from elsewhere. */
export function randomId(letters = 16) {
  const bytes = crypto.getRandomValues(new Uint8Array(letters));
  return Array.from(bytes, (byte) => "abcdefghjkmnpqrstuvwxyz23456789"[byte % 31]).join("");
}

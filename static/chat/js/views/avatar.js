// Whose it is, at a glance: the first letter of a name, on a colour that stays the name's own.

import { el } from "/static/js/dom.js";
import { icon } from "/static/js/icons.js";

const COLOURS = 7;

export function avatar(name) {
  const letter = [...name].find((one) => /[\p{L}\p{N}]/u.test(one)) ?? "?";
  return el("span.avatar", { "aria-hidden": "true", "data-colour": colour(name) }, letter.toUpperCase());
}

export function assistantAvatar() {
  return el("span.avatar", { "aria-hidden": "true", "data-colour": "assistant" }, icon("spark"));
}

function colour(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return (sum % COLOURS) + 1;
}

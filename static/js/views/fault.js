// What went wrong and what to do about it, in the server's words.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";
import { copyButton } from "./copy.js";

export function fault({ title, error, suggestion, code }, actions) {
  return el(
    "div.fault",
    { role: "alert" },
    icon("warning"),
    el(
      "div.fault-words",
      {},
      el("h3", {}, title ?? code ?? ""),
      el("p.fault-message", {}, error ?? ""),
      suggestion ? el("p", {}, suggestion) : null,
      el("div.actions", {}, ...actions, copyButton(() => [title, error, suggestion].filter(Boolean).join("\n"), "copy.error")),
    ),
  );
}

export function action(key, iconName, onclick, kind = "quiet") {
  const label = say(el("span"), key);
  return el(`button.${kind}`, { type: "button", "data-action": key, onclick }, icon(iconName), label);
}

// A button that copies, and says whether it could.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const TOLD_MS = 1600;

/** `textToCopy()` gives the text, or a promise of it. */
export function copyButton(textToCopy, key = "copy.sql") {
  const label = say(el("span", { "aria-live": "polite" }), key);
  const button = el("button.quiet", { type: "button", "data-action": key, onclick: copy }, icon("copy"), label);
  async function copy() {
    button.setAttribute("aria-busy", "true");
    const told = await copied(textToCopy).catch(() => "copy.failed");
    button.removeAttribute("aria-busy");
    say(label, told);
    setTimeout(() => say(label, key), TOLD_MS);
  }
  return button;
}

async function copied(textToCopy) {
  const words = await textToCopy();
  if (navigator.clipboard) await navigator.clipboard.writeText(words);
  else copiedTheOldWay(words);
  return "copy.done";
}

/** Browsers offer no clipboard to a page that came over plain HTTP from another machine. */
function copiedTheOldWay(words) {
  const box = document.body.appendChild(el("textarea.unseen"));
  box.value = words;
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (!done) throw new Error("no clipboard");
}

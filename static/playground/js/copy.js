// Copying, also where a page that came over plain HTTP has no clipboard.

import { el } from "/static/js/dom.js";
import { say } from "./labels.js";

const SHOWN_MS = 1500;

/** `words()` is called when the button is pressed. */
export function copyButton(key, words) {
  const button = el("button.quiet", { type: "button", onclick: press });
  async function press() {
    const copied = await copy(words()).catch(() => false);
    say(button, copied ? "log.copied" : "log.copy_failed");
    setTimeout(() => say(button, key), SHOWN_MS);
  }
  return say(button, key);
}

async function copy(words) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(words);
    return true;
  }
  const box = document.body.appendChild(el("textarea.unseen"));
  box.value = words;
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  return copied;
}

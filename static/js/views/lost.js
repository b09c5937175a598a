// That an answer will not come any more, why, and that the question can be asked again.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const REASONS = new Set(["expired", "gap", "unsent"]);

export function lost({ lostTo }, again) {
  const why = REASONS.has(lostTo) ? lostTo : "forgotten";
  const words = el("div.fault-words", {}, say(el("p"), `lost.${why}`), el("div.actions", {}, again));
  return el("div.lost", { role: "alert" }, icon("warning"), words);
}

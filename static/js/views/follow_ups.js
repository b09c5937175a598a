// Suggestions for the next question, a click away.

import { el } from "../dom.js";
import { say } from "../language.js";

export function followUpsView(questions, onask) {
  if (!questions.length) return [];
  const buttons = questions.map((question) => {
    const onclick = () => onask(question);
    return el("li", {}, el("button.follow-up", { type: "button", onclick }, question));
  });
  const list = el("ul.follow-ups", {}, ...buttons);
  return [say(list, "follow_up.label", {}, "aria-label")];
}

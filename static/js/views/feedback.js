// Thumbs under an answer. A thumb is sent at once; a thumb down then asks why, which may be left unsaid.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const REASONS = ["numbers", "misread", "sql", "chart", "slow", "other"];
const MOST_CHARACTERS = 1000;

export class Feedback {
  #thumbs = new Map();
  #told = el("p.note", { role: "status" });
  #form = el("form.feedback-form", { hidden: true });
  #query;
  #send;

  /** `send(feedback)` returns false where there is no connection to send it on. */
  constructor(query, send) {
    [this.#query, this.#send] = [query, send];
    for (const [name, rating] of [["good", 1], ["poor", -1]]) this.#thumbs.set(rating, this.#thumb(name, rating));
    this.thumbs = el("div.thumbs", { role: "group" }, ...this.#thumbs.values());
    say(this.thumbs, "feedback.label", {}, "aria-label");
    this.node = el("div.feedback", {}, this.#told, this.#form);
    this.#mark(query.rating);
  }

  #thumb(name, rating) {
    const button = el("button.quiet.square", { type: "button", "data-rating": rating }, icon(name));
    button.addEventListener("click", () => this.#rate(this.#query.rating === rating ? 0 : rating));
    say(button, `feedback.${name}`, {}, "title");
    return say(button, `feedback.${name}`, {}, "aria-label");
  }

  #rate(rating) {
    if (!this.#sent({ rating })) return;
    this.#query.rate(rating);
    this.#mark(rating);
    this.#form.hidden = rating !== -1;
    if (rating === -1) this.#askWhy();
  }

  #mark(rating) {
    for (const [own, button] of this.#thumbs) button.setAttribute("aria-pressed", String(own === rating));
  }

  #askWhy() {
    const reasons = REASONS.map((reason) => {
      const box = el("input", { type: "checkbox", name: "reason", value: reason });
      return el("label.reason", {}, box, say(el("span"), `feedback.reason.${reason}`));
    });
    const legend = say(el("legend"), "feedback.why");
    const words = el("textarea.field", { name: "comment", rows: "2", maxlength: MOST_CHARACTERS });
    say(words, "feedback.comment", {}, "placeholder");
    say(words, "feedback.comment", {}, "aria-label");
    const send = say(el("button.primary", { type: "submit" }), "feedback.send");
    this.#form.replaceChildren(el("fieldset.reasons", {}, legend, ...reasons), words, send);
    this.#form.onsubmit = (event) => this.#submit(event);
    this.#form.querySelector("input").focus();
  }

  #submit(event) {
    event.preventDefault();
    const data = new FormData(this.#form);
    const said = { rating: -1, reasons: data.getAll("reason"), comment: data.get("comment").trim() };
    if (this.#sent(said)) this.#form.hidden = true;
  }

  #sent(said) {
    const { sql } = this.#query;
    const isSent = this.#send({ ...said, ...(sql ? { sql } : {}) });
    say(this.#told, isSent ? "feedback.thanks" : "feedback.unsent");
    return isSent;
  }
}

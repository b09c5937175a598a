// The list of steps: a mark, the stage's name, what is happening in it, how long it took.

import { h, write } from "./dom.js";
import { STAGES } from "../stages.js";
import { repeats } from "./texts.js";

export const MARKS = { done: "✓", completed: "✓", failed: "!", lost: "!", stopped: "■", cancelled: "■", skipped: "–" };

export class StepList {
  #steps = new Map(STAGES.map((stage) => [stage, new StepLine(stage)]));

  constructor() {
    this.node = h("ol", { part: "steps" }, ...[...this.#steps.values()].map(({ node }) => node));
  }

  show(steps, text) {
    for (const step of steps) this.#steps.get(step.stage)?.show(step, text);
  }
}

class StepLine {
  #mark = h("span.mark", { "aria-hidden": "true" });
  #title = h("span.title");
  #status = h("span.unseen");
  #message = h("span.message");
  #seconds = h("span.seconds");
  #stage;

  constructor(stage) {
    this.#stage = stage;
    this.node = h("li", {}, this.#mark, this.#title, this.#status, this.#message, this.#seconds);
    this.node.dataset.stage = stage;
  }

  show({ status, message, seconds }, text) {
    const isDone = status !== "waiting" && status !== "running" && status !== "skipped";
    this.node.dataset.status = status;
    if (status === "running") this.node.setAttribute("aria-current", "step");
    else this.node.removeAttribute("aria-current");
    write(this.#mark, MARKS[status] ?? "");
    write(this.#title, text(`stage.${this.#stage}`));
    write(this.#status, text(`step.${status}`));
    write(this.#message, repeats(this.#stage, message) ? "" : message);
    write(this.#seconds, isDone ? text("seconds", { n: seconds.toFixed(1) }) : "");
  }
}

// A line over the last few minutes, drawn anew with each figure. Its label says in words what it shows.

import { el, svg } from "/static/js/dom.js";
import { labels, say } from "./texts.js";

const POINTS = 150;
const WIDTH = 300;
const HEIGHT = 72;

export class Graph {
  #values = [];
  #line = svg("polyline", { class: "graph-line" });
  #area = svg("polygon", { class: "graph-area" });
  #now = el("strong.graph-now");
  #picture;
  #name;
  #write;

  /** `write(value)` says a value in words; `least` is the least height of the scale. */
  constructor(key, write, least) {
    this.#name = key;
    this.#write = write;
    this.least = least;
    const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" };
    this.#picture = svg("svg", box, this.#area, this.#line);
    const head = el("div.graph-head", {}, say(el("h2"), key), this.#now);
    say(this.#picture, "graph.waiting", {}, "aria-label");
    this.node = el("figure.graph", {}, head, this.#picture);
    labels.onLanguage(() => this.#draw());
  }

  add(value) {
    this.#values.push(value);
    if (this.#values.length > POINTS) this.#values.shift();
    this.#draw();
  }

  #draw() {
    const now = this.#values.at(-1);
    if (now === undefined) {
      this.#now.textContent = labels.text("graph.waiting");
      return;
    }
    const most = Math.max(...this.#values);
    const scale = Math.max(most, this.least) * 1.1;
    const step = WIDTH / (POINTS - 1);
    const from = POINTS - this.#values.length;
    const points = this.#values.map((value, at) => `${((from + at) * step).toFixed(1)},${(HEIGHT - (value / scale) * HEIGHT).toFixed(1)}`);
    this.#line.setAttribute("points", points.join(" "));
    this.#area.setAttribute("points", `${(from * step).toFixed(1)},${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`);
    this.#now.textContent = this.#write(now);
    const params = { name: labels.text(this.#name), now: this.#write(now), most: this.#write(most) };
    this.#picture.setAttribute("aria-label", labels.text("graph.label", params));
  }
}

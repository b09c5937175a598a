// A chart by Vega-Lite, drawn from the rows that arrived. The library is ours, is loaded when the first chart is
// needed, interprets its expressions (`ast`: no eval), fetches nothing, and shows tooltips as text.

import { el } from "../dom.js";
import { language, quote, say } from "../language.js";
import { timeLocale } from "./chart_dates.js";
import { look } from "./chart_look.js";
import { showTooltip } from "./chart_tip.js";

const MOST_ROWS = 2000;
const HEIGHT_PX = 300;
const SAVED_SCALE = 2;
const VEGA = "/static/vega.js";

/** Fetches what drawing takes, while there is nothing to draw yet; `show` copes where it could not be had. */
export function prepareCharts() {
  import(VEGA).catch(() => undefined);
}

export class Chart {
  #canvas = el("div.chart-canvas", { role: "img" });
  #note = el("p.note", { hidden: true });
  #drawn = null;
  #wanted = null;
  #stands = "";
  #turn = Promise.resolve();

  constructor() {
    this.node = el("div.chart", {}, this.#canvas, this.#note);
  }

  /** Draws a specification that has its data; of how many rows there are, for a note where they are too many. */
  show(question, spec, rowCount) {
    this.#wanted = { spec, rowCount };
    this.#stands = "";
    say(this.#canvas, "chart.label", { question }, "aria-label");
    return this.redraw();
  }

  clear() {
    this.#wanted = null;
    this.#drawn?.finalize();
    this.#drawn = null;
    this.#canvas.replaceChildren();
    this.#note.hidden = true;
  }

  /** Again in the page's present colours and language. One after the other: two drawings at once into one node would mix. */
  redraw() {
    this.#turn = this.#turn.then(() => this.#draw());
    return this.#turn;
  }

  /** What is drawn, as a file's content: `png` or `svg`. */
  async picture(format) {
    await this.redraw();
    if (!this.#drawn) throw new Error("no chart is drawn");
    const { view } = this.#drawn;
    if (format === "svg") return new Blob([await view.toSVG()], { type: "image/svg+xml" });
    const canvas = await view.toCanvas(SAVED_SCALE);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  /** Nothing is drawn out of sight (it would be no pixel wide), nor what stands there already. */
  async #draw() {
    const manner = `${getComputedStyle(this.#canvas).color} ${language.locale}`;
    if (!this.#wanted || !this.#canvas.clientWidth || this.#stands === manner) return;
    this.#stands = manner;
    const { spec, rowCount } = this.#wanted;
    this.#canvas.classList.remove("failed");
    if (!this.#drawn) say(this.#canvas, "chart.loading");
    try {
      const { embed } = await import(VEGA);
      quote(this.#canvas, "");
      this.#drawn?.finalize();
      this.#drawn = await embed(this.#canvas, complete(spec), embedOptions());
      this.#tellCut(rowCount);
    } catch (error) {
      this.#fail(error);
    }
  }

  #tellCut(rows) {
    this.#note.hidden = rows <= MOST_ROWS;
    say(this.#note, "chart.first", { n: MOST_ROWS });
  }

  #fail(error) {
    console.warn("chart:", error.message);
    this.#drawn = null;
    this.#canvas.classList.add("failed");
    say(this.#canvas, "chart.failed");
  }
}

/** The server's specification with the rows as they came: it says itself how to read them. */
export function withRows(spec, columns, rows) {
  const values = rows.slice(0, MOST_ROWS).map((row) => record(columns, row));
  return { ...spec, data: { values } };
}

export function drawnRows(rows) {
  return rows.slice(0, MOST_ROWS);
}

function record(columns, row) {
  return Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]));
}

function complete(spec) {
  const size = { width: "container", height: HEIGHT_PX, autosize: { type: "fit-x", contains: "padding" } };
  return { ...size, ...spec };
}

function embedOptions() {
  return {
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    ast: true,
    defaultStyle: false,
    loader: { load: refuse, sanitize: refuse },
    tooltip: showTooltip,
    timeFormatLocale: timeLocale(),
    config: look(),
  };
}

async function refuse() {
  throw new Error("a chart loads nothing");
}

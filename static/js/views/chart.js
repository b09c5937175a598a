// A chart by Vega-Lite, drawn from the rows that arrived. The library is ours, is loaded when the first chart is
// needed, interprets its expressions (`ast`: no eval), fetches nothing, and shows tooltips as text.

import { el } from "../dom.js";
import { language, quote, say } from "../language.js";
import { timeLocale } from "./chart_dates.js";

const MOST_ROWS = 5000;
const HEIGHT_PX = 300;
const EVERY_DIGIT = ",.15~r"; // that a float holds, in groups of three
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

  /** Draws `spec` with `rows`; the promise is settled when the chart stands, or could not be drawn. */
  show(question, spec, columns, rows) {
    this.#wanted = { spec, columns, rows };
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

  /** Nothing is drawn out of sight (it would be no pixel wide), nor what stands there already. */
  async #draw() {
    const manner = `${getComputedStyle(this.#canvas).color} ${language.locale}`;
    if (!this.#wanted || !this.#canvas.clientWidth || this.#stands === manner) return;
    this.#stands = manner;
    const { spec, columns, rows } = this.#wanted;
    this.#canvas.classList.remove("failed");
    if (!this.#drawn) say(this.#canvas, "chart.loading");
    try {
      const { embed } = await import(VEGA);
      quote(this.#canvas, "");
      this.#drawn?.finalize();
      this.#drawn = await embed(this.#canvas, complete(spec, columns, rows), embedOptions());
      this.#tellCut(rows.length);
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

/** The specification as the server made it, with the rows as they came: it says itself how to read them. */
function complete(spec, columns, rows) {
  const values = rows.slice(0, MOST_ROWS).map((row) => record(columns, row));
  const size = { width: "container", height: HEIGHT_PX, autosize: { type: "fit-x", contains: "padding" } };
  return { ...size, ...spec, data: { values }, background: null };
}

function record(columns, row) {
  return Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]));
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

const tip = el("div.chart-tip", { role: "tooltip", hidden: true });

/** Vega's own tooltips are HTML; ours are text. */
function showTooltip(_, event, __, value) {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  if (!tip.isConnected) document.body.append(tip);
  const entries = typeof value === "object" ? Object.entries(value) : [["", value]];
  tip.replaceChildren(...entries.map(([name, of]) => el("div", {}, el("span", {}, name), el("b", {}, String(of)))));
  const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
  tip.style.left = `${right ? event.clientX - tip.offsetWidth - 12 : event.clientX + 16}px`;
  tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
}

/** The page's own colours and type, read from css/tokens.css as they are now. */
function look() {
  const probe = document.body.appendChild(el("span", { hidden: true }));
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, muted, line, first] = ["--ink", "--muted", "--line", "--chart-1"].map(colour);
  const category = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => colour(`--chart-${n}`));
  const font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return {
    font,
    numberFormat: EVERY_DIGIT,
    view: { stroke: null },
    range: { category },
    mark: { color: first },
    bar: { cornerRadiusEnd: 4, color: first },
    line: { strokeWidth: 2.5, color: first, strokeCap: "round" },
    area: { opacity: 0.35, color: first, line: true },
    point: { size: 60, filled: true, color: first },
    arc: { stroke: null },
    axis: { labelColor: muted, titleColor: muted, gridColor: line, domainColor: line, tickColor: line },
    axisX: { grid: false, labelPadding: 8, titlePadding: 12 },
    axisY: { domain: false, ticks: false, labelPadding: 8, titlePadding: 12 },
    axisQuantitative: { tickCount: 6 },
    axisXQuantitative: { grid: true },
    axisYBand: { grid: false },
    axisBand: { labelLimit: 140 },
    legend: { labelColor: ink, titleColor: muted, orient: "bottom" },
    title: { color: ink, anchor: "start", fontSize: 15, fontWeight: 600, offset: 16 },
    header: { labelColor: ink, titleColor: muted },
    text: { color: ink },
    style: { "guide-label": { fontSize: 12 }, "guide-title": { fontSize: 12, fontWeight: 500 } },
  };
}

// A chart with its tools: the recommended one first, then any other type and axes with a click, saved as PNG or SVG.

import { canBeDrawn, firstChoice, measures, specification, TYPES } from "../chart_choice.js";
import { el } from "../dom.js";
import { fileName, saveBlob } from "../downloads.js";
import { icon } from "../icons.js";
import { quote, say, text } from "../language.js";
import { Chart, drawnRows, withRows } from "./chart.js";

const RECOMMENDED = "recommended";
const ICONS = { recommended: "spark", bar: "bars", line: "lines", area: "areas", point: "points", arc: "parts" };
const AXES = ["x", "y", "series"];
const FORMATS = ["png", "svg"];

export class ChartPanel {
  #chart = new Chart();
  #types = el("div.chart-types", { role: "group" });
  #axes = el("div.chart-axes");
  #fault = el("p.field-fault", { role: "alert", hidden: true });
  #query = null;
  #choice = null;
  #spec = null;

  constructor() {
    say(this.#types, "chart.types", {}, "aria-label");
    const saves = el("div.chart-saves", {}, ...FORMATS.map((format) => this.#saveButton(format)));
    const bar = el("div.chart-bar", {}, this.#types, this.#axes, saves);
    this.node = el("div.chart-panel", {}, bar, this.#fault, this.#chart.node);
  }

  /** `spec` is the server's recommendation, or `null` where it made none. False where nothing can be drawn. */
  show(query, spec) {
    const { columns, rows } = query;
    if (!spec && !canBeDrawn(columns, rows)) return false;
    [this.#query, this.#spec] = [query, spec];
    this.#choice = canBeDrawn(columns, rows) ? { ...firstChoice(columns, rows), type: null } : { type: null };
    this.#choose(spec ? RECOMMENDED : firstChoice(columns, rows).type);
    return true;
  }

  clear() {
    this.#query = null;
    this.#chart.clear();
  }

  /** Call when the panel has come into sight, or colours or language changed: nothing is drawn out of sight. */
  redraw() {
    if (this.#query) this.#draw();
  }

  #choose(type) {
    this.#choice.type = type;
    this.#drawTypes();
    this.#drawAxes();
    this.#draw();
  }

  #draw() {
    if (!this.node.clientWidth) return;
    const { question, columns, rows } = this.#query;
    const own = () => specification(this.#choice, columns, drawnRows(rows), (name) => text("chart.sum", { name }));
    const spec = this.#choice.type === RECOMMENDED ? withRows(this.#spec, columns, rows) : own();
    this.#chart.show(question, spec, rows.length);
  }

  #drawTypes() {
    const { columns, rows } = this.#query;
    const types = [...(this.#spec ? [RECOMMENDED] : []), ...(canBeDrawn(columns, rows) ? TYPES : [])];
    const focused = this.#types.contains(document.activeElement);
    this.#types.replaceChildren(...types.map((type) => this.#typeButton(type)));
    if (focused) this.#types.querySelector("[aria-pressed=true]").focus();
  }

  #typeButton(type) {
    const pressed = String(type === this.#choice.type);
    const button = el("button.chart-type", { type: "button", "data-type": type, "aria-pressed": pressed }, icon(ICONS[type]));
    button.addEventListener("click", () => this.#choose(type));
    say(button, `chart.type.${type}`, {}, "title");
    return say(button, `chart.type.${type}`, {}, "aria-label");
  }

  /** The recommendation has its own axes; another choice starts from what names the rows. */
  #drawAxes() {
    this.#axes.hidden = this.#choice.type === RECOMMENDED;
    this.#axes.replaceChildren(...(this.#axes.hidden ? [] : AXES.map((axis) => this.#axis(axis))));
  }

  #axis(axis) {
    const { columns } = this.#query;
    const offered = axis === "y" ? measures(columns) : columns;
    const options = offered.map(({ name }) => el("option", { value: name }, name));
    if (axis === "series") options.unshift(say(el("option", { value: "" }), "chart.no_series"));
    const select = el("select", { "data-axis": axis }, ...options);
    select.value = this.#choice[axis];
    select.addEventListener("change", () => {
      this.#choice[axis] = select.value;
      this.#draw();
    });
    return el("label.picker", {}, say(el("span"), `chart.axis.${axis}`), select, icon("chevron"));
  }

  #saveButton(format) {
    const button = el("button.quiet", { type: "button", "data-action": `chart.${format}` }, icon("save"), format.toUpperCase());
    say(button, `chart.save.${format}`, {}, "aria-label");
    button.addEventListener("click", () => this.#save(format));
    return button;
  }

  async #save(format) {
    quote(this.#fault, "");
    this.#fault.hidden = true;
    try {
      saveBlob(await this.#chart.picture(format), fileName(this.#query.question, format));
    } catch {
      this.#fault.hidden = false;
      say(this.#fault, "chart.not_saved");
    }
  }
}

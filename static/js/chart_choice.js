// Charts of the reader's own choosing: which types there are, which columns may be the axes, and the Vega-Lite for
// a choice. Rows become records of our own names, so that no column's name is ever read as a path.
//
// The one rule: where several rows would stand in one place they are added up, and the axis says so.

import { isNumeric } from "./format.js";

export const TYPES = ["bar", "line", "area", "point", "arc"];
const MARKS = {
  bar: { type: "bar" },
  line: { type: "line", point: true },
  area: { type: "area", line: true },
  point: { type: "point" },
  arc: { type: "arc", innerRadius: 60 },
};
const TEMPORAL = new Set(["date", "datetime"]);
const LONG_LABEL = 8;
const FEW_BARS = 5;
const FEW_LABELS = 14;
const MANY_BARS = 24;
const MOST_LYING = 60;
const STEP_PX = 26;

/** Numbers to measure by; without one there is nothing to draw. */
export function measures(columns) {
  return columns.filter(({ type }) => isNumeric(type));
}

/** Whether a choice of charts makes sense at all. */
export function canBeDrawn(columns, rows) {
  return rows.length > 1 && columns.length > 1 && measures(columns).length > 0;
}

/** The first choice: what names the rows along x, the first number up y, each in a colour where two name them. */
export function firstChoice(columns, rows) {
  const names = columns.filter(({ type }) => !isNumeric(type));
  const x = names.find(({ type }) => TEMPORAL.has(type)) ?? names[0] ?? columns[0];
  const y = measures(columns).findLast((column) => column !== x) ?? measures(columns)[0];
  const series = names.find((column) => column !== x && isFew(columns, rows, column));
  return { type: TEMPORAL.has(x.type) ? "line" : "bar", x: x.name, y: y.name, series: series?.name ?? "" };
}

/** `{ spec, title }` for a choice; `sum(name)` is how an axis of sums is called. */
export function specification({ type, x, y, series }, columns, rows, sum) {
  const [across, up, by] = [x, y, series].map((name) => columns.findIndex((column) => column.name === name));
  const along = axis(columns[across], type);
  const values = rows.map((row) => ({
    x: along.type === "temporal" ? moment(row[across]) : row[across],
    y: row[up] === null ? null : Number(row[up]),
    ...(by < 0 ? {} : { by: row[by] }),
  }));
  const added = type !== "point" && hasDoubles(values);
  const measure = { field: "y", type: "quantitative", title: added ? sum(y) : y, ...(added ? { aggregate: "sum" } : {}) };
  const colour = by < 0 ? null : { field: "by", type: "nominal", title: series, sort: null };
  return { data: { values }, mark: { ...MARKS[type], tooltip: true }, ...shape(type, { along, measure, colour, values }) };
}

function shape(type, { along, measure, colour, values }) {
  if (type === "arc") return { encoding: { theta: { ...measure, stack: true }, color: { ...along, sort: null } } };
  const coloured = colour ? { color: colour } : {};
  const labels = [...new Set(values.map(({ x }) => String(x)))];
  if (type === "bar" && along.type === "nominal" && isCrowded(labels)) {
    return { height: labels.length * STEP_PX, encoding: { y: { ...along, sort: null }, x: measure, ...coloured } };
  }
  return { encoding: { x: labels.length > FEW_LABELS ? along : upright(along), y: measure, ...coloured } };
}

/** Names that have room stand upright. */
function upright(channel) {
  return channel.axis ? { ...channel, axis: { ...channel.axis, labelAngle: 0 } } : channel;
}

function axis({ name, type }, mark) {
  const common = { field: "x", title: name };
  if (TEMPORAL.has(type)) return { ...common, type: "temporal", scale: { type: "utc" } };
  if (isNumeric(type) && mark === "point") return { ...common, type: "quantitative" };
  return { ...common, type: isNumeric(type) ? "ordinal" : "nominal", sort: null, axis: { labelOverlap: true } };
}

/** Dates carry no zone: read as UTC and drawn as UTC they stay the same day everywhere. */
function moment(value) {
  return value === null ? null : Date.parse(/T/.test(value) ? `${value}Z` : value);
}

function hasDoubles(values) {
  return new Set(values.map(({ x, by }) => JSON.stringify([x, by]))).size < values.length;
}

/** Bars lie down where their names would not fit below them, up to a length that is still a chart. */
function isCrowded(labels) {
  if (labels.length > MOST_LYING) return false;
  return labels.length > MANY_BARS || (labels.length > FEW_BARS && labels.some((label) => label.length > LONG_LABEL));
}

function isFew(columns, rows, column) {
  const at = columns.indexOf(column);
  const distinct = new Set(rows.slice(0, 1000).map((row) => row[at])).size;
  return distinct > 1 && distinct <= 8 && distinct < rows.length;
}

// How charts look: the page's own colours and type, read from css/tokens.css as they are now.

import { el } from "../dom.js";

const NARROW_PX = 640;
const EVERY_DIGIT = ",.15~r"; // that a float holds, in groups of three

export function look() {
  const probe = document.body.appendChild(el("span", { hidden: true }));
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, muted, line, first, surface] = ["--ink", "--muted", "--line", "--chart-1", "--surface"].map(colour);
  const category = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => colour(`--chart-${n}`));
  const font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return {
    font,
    background: surface,
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
    legend: { labelColor: ink, titleColor: muted, orient: "bottom", columns: innerWidth < NARROW_PX ? 3 : 8, labelLimit: 100 },
    title: { color: ink, anchor: "start", fontSize: 15, fontWeight: 600, offset: 16 },
    header: { labelColor: ink, titleColor: muted },
    text: { color: ink },
    style: { "guide-label": { fontSize: 12 }, "guide-title": { fontSize: 12, fontWeight: 500 } },
  };
}

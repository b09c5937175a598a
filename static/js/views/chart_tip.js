// What a chart says of the mark under the pointer: as text. Vega's own tooltips are HTML.

import { el } from "../dom.js";

const tip = el("div.chart-tip", { role: "tooltip", hidden: true });

/** A tooltip handler as Vega calls it. */
export function showTooltip(_, event, __, value) {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  if (!tip.isConnected) document.body.append(tip);
  const entries = typeof value === "object" ? Object.entries(value) : [["", value]];
  tip.replaceChildren(...entries.map(([name, of]) => el("div", {}, el("span", {}, name), el("b", {}, String(of)))));
  const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
  tip.style.left = `${right ? event.clientX - tip.offsetWidth - 12 : event.clientX + 16}px`;
  tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
}

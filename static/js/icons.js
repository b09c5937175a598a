// The page's few line icons, drawn on a 24 by 24 grid. They are decoration: a label always stands beside them.

import { svg } from "./dom.js";

const PATHS = {
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h10v10H9zM5 15V5h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cross: "M6 6l12 12M18 6L6 18",
  dash: "M7 12h10",
  again: "M20 11a8 8 0 1 0-2.3 6.7M20 5v6h-6",
  down: "M12 5v14M6 13l6 6 6-6",
  chevron: "M8 10l4 4 4-4",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  plus: "M12 5v14M5 12h14",
  spark: "M12 3l1.8 5.4L19 10l-5.2 1.8L12 17l-1.8-5.2L5 10l5.2-1.6zM19 16l.7 2 .3.3 2 .7-2 .7-.3.3-.7 2",
  key: "M14 10a4 4 0 1 0-3.5 3.97L12 15.5V18h2.5v2.5H18V17l-4.4-4.4c.26-.5.4-1.06.4-1.6M9.5 9.5v.01",
  bin: "M5 7h14M10 7V4.5h4V7M7 7l1 12.5h8L17 7",
  panel: "M4 5h16v14H4zM9.5 5v14",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9",
  search: "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M16 16l4 4",
  save: "M12 4v10M7.5 10l4.5 4.5 4.5-4.5M5 19h14",
  edit: "M5 19h3.5L19 8.5 15.5 5 5 15.5zM13 7.5l3.5 3.5",
  play: "M8 5.5v13l10.5-6.5z",
  fix: "M14.5 6.5a4 4 0 0 1 5-1L17 8l1 2 2 .5 1-2.5a4 4 0 0 1-5.5 4L9 18.5a2 2 0 0 1-3-3l6.5-6.5a4 4 0 0 1 2-2.5",
  good: "M8 11v8H5v-8zM8 11l3.5-7c1.4 0 2.3 1 2 2.4L13 9.5h5a2 2 0 0 1 2 2.4l-1 5.5a2 2 0 0 1-2 1.6H8",
  poor: "M16 13V5h3v8zM16 13l-3.5 7c-1.4 0-2.3-1-2-2.4l.5-3.1H6a2 2 0 0 1-2-2.4l1-5.5A2 2 0 0 1 7 5h9",
  menu: "M5 7h14M5 12h14M5 17h14",
  up: "M12 19V5M6 11l6-6 6 6",
  both: "M8 10l4-4 4 4M8 14l4 4 4-4",
  bars: "M6 20v-8M12 20V5M18 20v-11",
  lines: "M4 17l5-6 4 3 7-8",
  areas: "M4 18l5-7 4 3 7-8v12z",
  points: "M6 16v.01M10 11v.01M14 14v.01M17 7v.01M8 7v.01",
  parts: "M12 4a8 8 0 1 0 8 8h-8zM15 4.6A8 8 0 0 1 19.4 9H15z",
  database: "M5 6c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3zM5 6v12c0 1.7 3.1 3 7 3s7-1.3 7-3V6M5 12c0 1.7 3.1 3 7 3s7-1.3 7-3",
};

export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}

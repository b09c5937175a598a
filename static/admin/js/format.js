// How figures and moments are written here.

import { language } from "/static/js/language.js";

export function count(value) {
  return value.toLocaleString(language.tag, { maximumFractionDigits: 1 });
}

export function share(value) {
  return value.toLocaleString(language.tag, { style: "percent", maximumFractionDigits: 1 });
}

/** A duration in seconds, in its two largest units. */
export function duration(seconds) {
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  let left = Math.floor(seconds);
  const parts = [];
  for (const [name, size] of units) {
    const of = Math.floor(left / size);
    left -= of * size;
    if (of || parts.length) parts.push(`${of} ${name}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 s";
}

export function clock(moment) {
  return new Date(moment).toLocaleTimeString(language.tag, { hour12: false });
}

export function since(moment) {
  return (Date.now() - Date.parse(moment)) / 1000;
}

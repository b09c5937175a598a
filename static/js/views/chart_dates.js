// Names of months and days on a chart's axes, in the page's language: a time locale
// as d3-time-format has it (`formatLocale`), made of what the browser knows.

import { language } from "../language.js";

export function timeLocale() {
  return {
    dateTime: "%x %X",
    date: "%Y-%m-%d",
    time: "%H:%M:%S",
    periods: ["AM", "PM"],
    months: months("long"),
    shortMonths: months("short"),
    days: days("long"),
    shortDays: days("short"),
  };
}

function months(month) {
  const format = new Intl.DateTimeFormat(language.tag, { month, timeZone: "UTC" });
  return Array.from({ length: 12 }, (_, at) => format.format(Date.UTC(2024, at, 1)));
}

/** From Sunday on; the 7th of January 2024 was one. */
function days(weekday) {
  const format = new Intl.DateTimeFormat(language.tag, { weekday, timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, at) => format.format(Date.UTC(2024, 0, 7 + at)));
}

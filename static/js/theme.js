// Light, dark, or as the system has it. The choice is an attribute of the root element; css/tokens.css does the
// rest. Charts, which are drawn and not styled, listen to `themechange` on the document.

import { preferences } from "./preferences.js";

export const THEMES = ["system", "light", "dark"];
const system = matchMedia("(prefers-color-scheme: dark)");

export function theme() {
  const chosen = preferences.get("theme");
  return THEMES.includes(chosen) ? chosen : "system";
}

export function nextTheme() {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  preferences.set("theme", next);
  applyTheme();
  return next;
}

export function applyTheme() {
  const chosen = theme();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  document.dispatchEvent(new Event("themechange"));
}

system.addEventListener("change", () => document.dispatchEvent(new Event("themechange")));

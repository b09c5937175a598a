// The playground's labels, and its questions, in the language that is spoken.

import { Labels } from "/static/js/labels.js";
import { language } from "/static/js/language.js";
import { QUESTIONS, TEXTS } from "./texts.js";

const labels = new Labels(TEXTS);

export const text = labels.text.bind(labels);
export const say = labels.say.bind(labels);
export const onLanguage = labels.onLanguage.bind(labels);
export const begin = labels.begin.bind(labels);
export const switchLanguage = labels.switchLanguage.bind(labels);

export function question(name) {
  return QUESTIONS[name][language.locale === "zh" ? 0 : 1];
}

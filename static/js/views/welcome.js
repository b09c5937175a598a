// The empty page: a greeting, what may be asked about, questions to start with, and who will answer.

import { el } from "../dom.js";
import { icon } from "../icons.js";
import { say } from "../language.js";

const EXAMPLES = 6;

const CONFIGURATION = `[llm.providers.main]
base_url = "https://api.example.com/v1"
api_key_env = "LLM_API_KEY"
model = "your-model"

# python run.py --config my.toml`;

export class Welcome {
  #sources = el("div.sources");
  #examples = el("div.examples");
  #offline = el("div");

  /** `onexample(question, datasource)`. */
  constructor(onexample) {
    this.onexample = onexample;
    const mark = el("img.welcome-mark", { src: "/static/img/logo.svg", alt: "", width: "64", height: "64" });
    const lead = say(el("p.lead"), "welcome.lead");
    const title = say(el("h1"), `welcome.${partOfDay(new Date().getHours())}`);
    this.node = el("section.welcome", {}, mark, title, lead, this.#sources, this.#examples, this.#offline);
  }

  show({ datasources, providers = [] }) {
    this.#sources.replaceChildren(...datasources.map(source));
    this.#examples.replaceChildren(...this.#offered(datasources));
    const offline = providers.length > 0 && providers.every((provider) => provider.offline);
    this.#offline.replaceChildren(...(offline ? [offlineNote()] : []));
  }

  unavailable() {
    this.#sources.replaceChildren(say(el("p.note"), "welcome.no_datasource"));
  }

  #offered(datasources) {
    const all = datasources.flatMap(({ name, examples }) => examples.map((question) => ({ name, question })));
    if (!all.length) return [];
    const title = say(el("h2.examples-title"), "welcome.examples");
    return [title, el("ul", {}, ...all.slice(0, EXAMPLES).map((example) => this.#example(example)))];
  }

  #example({ name, question }) {
    const onclick = () => this.onexample(question, name);
    return el("li", {}, el("button.example", { type: "button", onclick }, icon("spark"), el("span", {}, question)));
  }
}

function source({ name, description, tables = [] }) {
  const count = tables.length ? say(el("span.source-tables"), "welcome.tables", { n: tables.length }) : null;
  const words = el("span.source-words", {}, el("b", {}, name), el("span", {}, description ?? ""), count);
  return el("p.source", {}, icon("database"), words);
}

/** For an operator; shown wherever the server says that only the offline model answers. */
function offlineNote() {
  const how = el(
    "details",
    {},
    say(el("summary"), "offline.how"),
    say(el("p"), "offline.steps"),
    el("pre.sql", { tabindex: "0" }, el("code", {}, CONFIGURATION)),
  );
  const words = [say(el("h2"), "offline.title"), say(el("p"), "offline.lead"), how];
  return el("aside.offline", {}, icon("spark"), el("div", {}, ...words));
}

function partOfDay(hour) {
  if (hour >= 5 && hour < 12) return "morning";
  return hour >= 12 && hour < 18 ? "afternoon" : "evening";
}

// `plain` (wire contract, 3): sentences, and between two of them the model's text.

import { el } from "/static/js/dom.js";
import { parse } from "../json.js";
import { question } from "../labels.js";
import { tableOf } from "../table.js";

const WRITING = "正在调用text2sql模型生成SQL语句...";
const MOST = 60;

class Shown {
  #writing = null;
  node = el("div.lines");

  take(way, { value }, words) {
    if (way === "out") return this.#line(value?.query ?? words, "out");
    if (value?.status === "success") return this.#add(tableOf(value.result, value.result.length));
    if (this.#writing && words !== "DONE") return this.#write(words);
    this.#writing = null;
    this.#line(words, words.includes("失败") || words.includes("异常") ? "error" : "");
    if (words === WRITING) this.#writing = this.#add(el("pre", { tabindex: "0" }, el("code")));
  }

  /** A frame a delta; with `stream=cumulative` each frame holds all the text so far. */
  #write(words) {
    const code = this.#writing.firstChild;
    const isWhole = code.textContent && words.startsWith(code.textContent);
    code.textContent = isWhole ? words : code.textContent + words;
  }

  #line(words, kind) {
    this.#add(el("p.line", { "data-kind": kind }, words));
  }

  #add(node) {
    this.node.append(node);
    if (this.node.children.length > MOST) this.node.firstChild.remove();
    return node;
  }
}

export const plain = {
  name: "plain",
  path: "/ws",
  isSocket: true,
  canResume: false,
  grows: true,
  fields: [{ name: "stream", key: "field.stream", value: "delta", choices: ["delta", "cumulative"] }],
  samples: {
    ask: () => ({ type: "query", query: question("ask") }),
    with_result: () => ({ type: "query", query: question("ask"), return_result: true }),
    ask_sql: () => ({ type: "query", query: "SELECT * FROM products LIMIT 5", return_result: true }),
    ask_long: () => ({ type: "query", query: "SELECT COUNT(*) FROM order_items a, order_items b, order_items c" }),
    ask_wrong: () => ({ type: "query", query: "SELECT no_such_column FROM orders" }),
    cancel: () => ({ type: "cancel" }),
    unknown: () => ({ type: "hello" }),
    broken: () => "{not JSON",
  },
  Shown,

  address({ stream }) {
    return stream === "cumulative" ? `${this.path}?stream=cumulative` : this.path;
  },

  read(words, way) {
    const value = parse(words);
    const isObject = typeof value === "object" && value !== null;
    if (!isObject) return { type: "text" };
    return { type: way === "out" ? String(value.type) : "json", value };
  },

  learn() {},
};

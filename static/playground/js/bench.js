// One dialect's bench: what is sent, what travels, what it amounts to. They meet here and nowhere else.

import { el, onNextFrame } from "/static/js/dom.js";
import { say } from "./labels.js";
import { Log } from "./log.js";
import { SendPane } from "./send.js";
import { SocketLine } from "./socket.js";
import { StreamLine } from "./stream.js";

const NEAR_PX = 80;

export class Bench {
  #dialect;
  #line;
  #known = {};
  #log;
  #send;
  #shown;
  #token;
  #empty = say(el("p.note"), "shown.empty");
  #body = el("div.shown-body", { tabindex: "0" });
  #isAtEnd = true;
  #scroll = onNextFrame(() => (this.#body.scrollTop = this.#body.scrollHeight));

  constructor(dialect, token) {
    this.#dialect = dialect;
    this.#token = token;
    this.#line = dialect.isSocket ? new SocketLine() : new StreamLine();
    this.#log = new Log(dialect.name);
    this.#shown = new dialect.Shown();
    this.#send = new SendPane(dialect, this.#acts(), token);
    this.#line.addEventListener("frame", ({ detail }) => this.#frame(detail));
    this.#line.addEventListener("state", ({ detail }) => this.#send.state(detail));
    this.node = this.#build();
    if (!dialect.isSocket) this.#connect();
  }

  #build() {
    const { name } = this.#dialect;
    const body = say(this.#body, "shown.title", {}, "aria-label");
    body.append(this.#empty, this.#shown.node);
    body.addEventListener("scroll", () => (this.#isAtEnd = isAtEnd(body)));
    const shown = el("section.pane.shown", {}, el("div.pane-head", {}, say(el("h2"), "shown.title")), body);
    const attributes = { id: `bench-${name}`, role: "tabpanel", "aria-labelledby": `tab-${name}`, hidden: true };
    return el("div.bench", attributes, this.#send.node, this.#log.node, shown);
  }

  #acts() {
    return {
      connect: () => this.#connect(),
      cut: () => this.#line.cut(),
      resume: () => this.#resume(),
      cancel: () => this.#line.cancel(),
      send: (words) => this.#post(words),
      known: () => this.#known,
    };
  }

  #connect(resuming = null) {
    this.#line.open(this.#dialect.address(this.#send.fields, resuming), this.#token.value);
  }

  #resume() {
    if (this.#dialect.isSocket) this.#connect(this.#known);
    else this.#line.resume(this.#known.sequence);
  }

  #post(words) {
    const retried = this.#dialect.retried?.(words);
    if (!this.#dialect.isSocket) this.#line.open(null, this.#token.value);
    if (retried) this.#line.retry(retried);
    else this.#line.send(words);
  }

  #frame({ way, text }) {
    const kind = this.#dialect.read(text, way);
    if (kind.sequence !== undefined) this.#known.sequence = kind.sequence;
    this.#log.add(way, text, kind);
    this.#dialect.learn(this.#known, kind, this.#send);
    this.#empty.hidden = true;
    this.#shown.take(way, kind, text);
    if (this.#dialect.grows && this.#isAtEnd) this.#scroll();
  }
}

/** Whether the reader has not scrolled away from what comes. */
function isAtEnd({ scrollTop, scrollHeight, clientHeight }) {
  return scrollHeight - scrollTop - clientHeight < NEAR_PX;
}

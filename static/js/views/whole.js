// A cell that is longer than its column shows its beginning, and the whole of it in a dialog: a click on it, or
// Enter. However many of them a table has, they are one stop for Tab; the arrow keys walk from one to the next.

import { Growing } from "../../client/lib/steps/growing.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { indented } from "../indented.js";
import { quote, say } from "../language.js";
import { copyButton } from "./copy.js";

const SHOWN = 300;

/** What stands in the cell. `value` is what the database gave. */
export function beginning(written, value, column) {
  const words = written.length > SHOWN ? `${written.slice(0, SHOWN)}…` : written;
  const open = ({ currentTarget }) => isSelecting(currentTarget) || new Whole(value, column).open(currentTarget);
  return el("button.whole", { type: "button", tabindex: "-1", "aria-haspopup": "dialog", onclick: open }, words);
}

/** Somebody who drags over a text wants some of it, not all. */
function isSelecting(node) {
  const selection = getSelection();
  return selection.type === "Range" && selection.containsNode(node, true);
}

class Whole {
  #node;
  #box = el("pre.whole-words", { tabindex: "0", role: "group", autofocus: true });

  constructor(value, { name }) {
    const words = typeof value === "object" ? JSON.stringify(value) : String(value);
    const pretty = indented(words);
    new Growing(this.#box).show(pretty ?? words);
    say(this.#box, "cell.label", {}, "aria-label");
    const title = quote(el("h2", { id: "whole-title" }), name);
    const count = say(el("p.note"), pretty === null ? "cell.length" : "cell.json", { n: [...words].length });
    const close = say(el("button.quiet", { type: "button", onclick: () => this.#node.close() }), "cell.close");
    const actions = el("div.actions", {}, copyButton(() => words, "copy.cell"), close);
    const head = el("div.dialog-head", {}, icon("table"), title, count);
    this.#node = el("dialog.dialog.whole-dialog", { "aria-labelledby": "whole-title" }, head, this.#box, actions);
  }

  /** Who closes it is where they were: at the cell, or at its table where rows have moved on meanwhile. */
  open(from) {
    const table = from.closest(".table-scroll");
    this.#node.addEventListener("click", ({ target }) => target === this.#node && this.#node.close());
    this.#node.addEventListener("close", () => {
      this.#node.remove();
      (from.isConnected ? from : table)?.focus({ preventScroll: true });
    });
    document.body.append(this.#node);
    this.#node.showModal();
  }
}

/** The long cells of a table whose rows may be replaced under the reader. */
export class LongCells {
  #scroll;
  #at = "";

  constructor(scroll) {
    this.#scroll = scroll;
    scroll.addEventListener("focusin", ({ target }) => target.matches(".whole") && this.#stopAt(target));
    scroll.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** `replace()` puts other rows in the place of those that stand there. */
  around(replace) {
    const isHeld = document.activeElement?.matches(".whole") && this.#scroll.contains(document.activeElement);
    replace();
    const all = this.#all();
    const same = all.find((button) => place(button) === this.#at);
    if (same ?? all[0]) (same ?? all[0]).tabIndex = 0;
    if (isHeld) (same ?? this.#scroll).focus({ preventScroll: true });
  }

  #all() {
    return [...this.#scroll.querySelectorAll("button.whole")];
  }

  #stopAt(target) {
    this.#at = place(target);
    for (const button of this.#all()) button.tabIndex = button === target ? 0 : -1;
  }

  #walk(event) {
    const { target, key } = event;
    if (!(key in STEPS) || !target.matches(".whole") || event.ctrlKey || event.metaKey || event.altKey) return;
    const line = this.#all().filter(STEPS[key].along(target.closest("td")));
    const next = line[line.indexOf(target) + STEPS[key].by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
}

const sameRow = (cell) => (button) => button.closest("tr") === cell.parentNode;
const sameColumn = (cell) => (button) => button.closest("td").cellIndex === cell.cellIndex;
const STEPS = {
  ArrowUp: { along: sameColumn, by: -1 },
  ArrowDown: { along: sameColumn, by: 1 },
  ArrowLeft: { along: sameRow, by: -1 },
  ArrowRight: { along: sameRow, by: 1 },
};

function place(button) {
  const cell = button.closest("td");
  const { parentNode: row } = cell;
  return `${row.getAttribute("aria-rowindex") ?? row.rowIndex}:${cell.cellIndex}`;
}

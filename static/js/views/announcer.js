// What a screen reader hears of a question's way: that it was sent, and how it ended.

import { say } from "../language.js";

const ENDINGS = {
  completed: ({ rowCount }) => ["announce.completed", { n: rowCount }],
  failed: ({ error }) => ["announce.failed", { title: error.title || error.code }],
  cancelled: () => ["announce.cancelled"],
  lost: () => ["query.lost"],
};

/** `node` is a live region. */
export class Announcer {
  constructor(node) {
    this.node = node;
  }

  asked() {
    say(this.node, "announce.asked");
  }

  concluded(query) {
    say(this.node, ...ENDINGS[query.status](query));
  }
}

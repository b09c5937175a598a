// What was said before, as the server keeps it (`/api/conversations`): which sessions there are, and their messages,
// the latest page first. It is asked for once a session is entered, so that what it doesn't have yet is heard.

import { asking, earlier, latest } from "./merging.js";

const ADDRESS = "/api/conversations";
const PAGE = 40;
const SESSIONS = 100;

export class Past {
  #http;
  #turns = new WeakMap();

  constructor(http) {
    this.#http = http;
  }

  /** `[{ id, conversation, owner, title, since }]`, those used last first; none where the server doesn't say. */
  async sessions() {
    const parameters = { space: "chat", page_size: SESSIONS };
    const { conversations } = await this.#http.json(ADDRESS, parameters).catch(() => ({ conversations: [] }));
    return conversations.map(({ conversation_id: id, id: conversation, owner_id: owner, title, updated_at: at }) => {
      return { id, conversation, owner, title, since: Date.parse(at) };
    });
  }

  /** The end of what was said, put together with what is known; `me` is who we are. */
  async recall(room, me) {
    const asked = asking([...room.entries.values()]);
    const isWhole = room.isWhole;
    room.isWhole = false;
    await this.#read(room, {}, ({ messages, has_more: hasMore }) => {
      const { entries, isContinued } = latest([...room.entries.values()], messages, { asked, hasMore, isWhole, me });
      room.arrange(entries, { isWhole: true, isStale: false, hasMore: isContinued ? room.hasMore : hasMore });
    });
  }

  /** The page before what is known: at least one message more, if there is one. */
  async earlier(room) {
    let isMore = true;
    while (isMore) {
      const position = room.position;
      await this.#read(room, position === null ? {} : { before: position }, ({ messages, has_more: hasMore }) => {
        const known = room.entries.size;
        room.arrange(earlier([...room.entries.values()], messages), { hasMore });
        isMore = hasMore && room.entries.size === known && room.position !== position;
      });
      if (room.history !== "known") return;
    }
  }

  /** `then(page)`, unless another reading of this session began meanwhile. */
  async #read(room, parameters, then) {
    const turn = {};
    this.#turns.set(room, turn);
    room.set({ history: "loading" });
    const page = await this.#page(room, parameters).catch(() => null);
    if (this.#turns.get(room) !== turn) return;
    if (page) then(page);
    room.set({ history: page ? "known" : "failed" });
  }

  /** A session may have been deleted and begun anew: then it is another conversation. */
  async #page(room, parameters, isSecond = false) {
    room.conversation ??= await this.#look(room.id);
    const address = `${ADDRESS}/${encodeURIComponent(room.conversation)}`;
    try {
      return await this.#http.json(address, { limit: PAGE, ...parameters });
    } catch (refusal) {
      if (refusal.status !== 404 || isSecond) throw refusal;
      room.conversation = undefined;
      return this.#page(room, parameters, true);
    }
  }

  async #look(name) {
    const { conversations } = await this.#http.json(ADDRESS, { space: "chat", conversation_id: name });
    if (!conversations.length) throw new Error("no such session");
    return conversations[0].id;
  }
}

// Frames of `/ws/chat` (wire contract, 4) and what they change. Kinds that are not known are passed over: a server
// may be newer than this page.

import { later } from "./merging.js";

const ENDED = new Set(["completed", "failed", "cancelled"]);
let events = 0;

export class Hearing {
  #talk;

  constructor(talk) {
    this.#talk = talk;
  }

  hear(frame) {
    READERS[frame.type]?.(frame, this.#talk);
  }
}

const READERS = {
  connection_established: ({ user_id: userId }, talk) => talk.welcome(userId),

  session_joined({ session_id: id, user_id: userId, members }, talk) {
    const room = talk.rooms.get(id);
    if (talk.joins[0] === id && userId === talk.me) talk.joins.shift();
    if (!room) return;
    const isNew = !room.online.includes(userId) && userId !== talk.me && room.state === "in";
    const wasIn = room.state === "in";
    room.arrive(members);
    if (userId === talk.me) room.set({ state: "in", fault: "" });
    if (userId === talk.me && !wasIn) talk.entered(room);
    if (isNew) cameOrWent(room, "joined", userId);
  },

  session_left({ session_id: id, user_id: userId, members = [] }, talk) {
    const room = talk.rooms.get(id);
    if (!room) return;
    if (userId === talk.me && !members.includes(userId) && !talk.joins.includes(id)) return talk.dismissed(room);
    room.type(userId, false);
    room.arrive(members);
    if (!members.includes(userId)) cameOrWent(room, "left", userId);
  },

  session_shared({ session_id: id, user_id: userId }, talk) {
    if (userId === talk.me) {
      if (talk.rooms.has(id)) return;
      talk.invite(id);
      talk.tell("notice", { key: "shared.with_you", params: { session: id } });
    } else {
      talk.rooms.get(id)?.know(userId);
      const room = talk.rooms.get(id);
      if (room) addEvent(room, "shared", userId);
    }
  },

  typing({ session_id: id, user_id: userId, is_typing: isTyping }, talk) {
    talk.rooms.get(id)?.type(userId, isTyping);
  },

  message_status_update({ message_id: id, client_id: clientId, status, user_id: userId }, talk) {
    const [room, entry] = talk.find(clientId ?? id) ?? talk.find(id) ?? [];
    if (!room) return;
    if (entry.id !== id) renamed(room, entry, id);
    const readers = userId && !entry.readers?.includes(userId) ? [...(entry.readers ?? []), userId] : entry.readers;
    room.change(entry, { status: later(entry.status, status), readers, fault: undefined });
  },

  new_message({ message }, talk) {
    const room = talk.rooms.get(message.session_id);
    if (!room) return;
    if (message.role === "assistant") answered(room, message, talk);
    else heard(room, message, talk);
  },

  message_delta({ session_id: id, message_id: messageId, question_id: questionId, ...delta }, talk) {
    const room = talk.rooms.get(id);
    if (room) write(room, room.answer(messageId, questionId), delta);
  },

  ai_processing_status(frame, talk) {
    const room = talk.rooms.get(frame.session_id);
    if (!room) return;
    const entry = room.answer(frame.message_id, frame.question_id);
    if (ENDED.has(entry.status)) return;
    const { status, stage, progress, message = "", error } = frame;
    room.change(entry, { status, stage, progress, note: message, error });
    if (status === "failed" || status === "cancelled") talk.tell("said", { key: `said.${status}` });
  },

  notification({ notification }, talk) {
    talk.tell("notice", { notification });
  },

  error(fault, talk) {
    const { request, message_id: id, client_id: clientId } = fault;
    if (request === "join_session") return refused(talk.rooms.get(talk.joins.shift()), fault, talk);
    const meant = clientId || id ? talk.find(clientId ?? id) : request === "send_message" ? talk.onItsWay() : null;
    if (meant) return failed(meant, fault, id);
    if (request === "message_read" || request === "typing") return;
    talk.tell("notice", { fault });
  },
};

/** The history may have told of it first. */
function renamed(room, entry, id) {
  const told = room.entries.get(id);
  if (told) room.remove(told);
  room.rename(entry, id);
}

function heard(room, { id, user_id: userId, content, created_at: at }, talk) {
  const told = room.entries.get(id);
  if (told) return userId === talk.me ? undefined : talk.hearing(room, told);
  room.type(userId, false);
  const entry = room.add({ kind: "said", id, userId, content, at: Date.parse(at), status: "sent" });
  if (userId === talk.me) return;
  talk.tell("said", { key: "said.message", params: { name: userId, words: content } });
  talk.hearing(room, entry);
}

function answered(room, { id, parent_id: questionId, content, sql, results, created_at: at }, talk) {
  const entry = room.answer(id, questionId);
  room.change(entry, { status: "completed", content, sql, results, at: Date.parse(at), reasoning: entry.reasoning });
  talk.tell("said", { key: "said.answer" });
  talk.hearing(room, entry);
}

function write(room, entry, { kind, delta, attempt = 1 }) {
  if (entry.status === "lost") entry.status = "processing"; // it is somebody else's, of whom the server says nothing
  if (kind === "reasoning") room.change(entry, { reasoning: entry.reasoning + delta });
  else if (kind === "explanation") room.change(entry, { words: entry.words + delta });
  else if (kind === "sql") {
    entry.attempts[attempt - 1] = (entry.attempts[attempt - 1] ?? "") + delta;
    room.change(entry, {});
  }
}

/** Whoever has many sessions may be told to enter them more slowly. */
function refused(room, { message, title, retry_after: seconds }, talk) {
  if (!room) return;
  room.set({ state: "refused", fault: message || title });
  if (seconds) setTimeout(() => talk.rooms.get(room.id) === room && talk.enter(room), seconds * 1000);
}

/** A message that was kept and can't be answered is not a message that failed. */
function failed([room, entry], fault, id) {
  if (id) room.change(entry, { unanswered: fault.message || fault.title });
  else room.change(entry, { status: "failed", fault: fault.message || fault.title });
}

/** Whoever only came back (a reload, a cut line) leaves no line behind. */
function cameOrWent(room, event, userId) {
  const last = [...room.entries.values()].at(-1);
  if (event === "joined" && last?.event === "left" && last.userId === userId) room.remove(last);
  else addEvent(room, event, userId);
}

function addEvent(room, event, userId) {
  room.add({ kind: "event", id: `event ${(events += 1)}`, event, userId, at: Date.now() });
}

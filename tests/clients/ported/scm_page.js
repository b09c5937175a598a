// What the fourth document's first example does: a socket with the token among its subprotocols, a heartbeat as
// soon as it is open, and the fragments of an answer put together as they come.

export function openScm(address, token, user, session) {
  const page = { heard: [], content: "", ended: null, started: null };
  const socket = new WebSocket(`${address}?userId=${user}&sessionId=${session}`, ["Bearer", token]);
  const now = () => new Date().toISOString();
  socket.onopen = () => socket.send(JSON.stringify({ type: "HEARTBEAT", sessionId: session, timestamp: now() }));
  socket.onmessage = ({ data }) => take(page, JSON.parse(data));
  socket.onclose = ({ code }) => (page.closed = code);
  page.socket = socket;
  page.ask = (message, streaming, more) => {
    const data = { message, streaming, ...more };
    socket.send(JSON.stringify({ type: "CHAT_REQUEST", sessionId: session, userId: user, data, timestamp: now() }));
  };
  return page;
}

function take(page, message) {
  page.heard.push(message.type);
  if (message.type === "CHAT_STREAM_START") Object.assign(page, { started: message.data, content: "" });
  if (message.type === "CHAT_STREAM_DATA") page.content += message.data.content;
  if (message.type === "CHAT_STREAM_END") page.ended = message.data;
  if (message.type === "CHAT_RESPONSE") page.whole = message.data;
  if (message.type === "ERROR") page.error = message.data;
}

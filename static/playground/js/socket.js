// A WebSocket as a front-end developer would open it, and every frame on it as text. Nothing comes back by itself
// here: cutting and returning are what this page is for.

export class SocketLine extends EventTarget {
  #socket = null;

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open(path, token) {
    this.cut();
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, token ? ["Bearer", token] : []);
    this.#socket = socket;
    this.#tell("connecting");
    socket.onopen = () => this.#tell("open");
    socket.onmessage = ({ data }) => this.#frame("in", data);
    socket.onclose = ({ code, reason }) => this.#closed(socket, code, reason);
  }

  send(words) {
    if (!this.isOpen) return false;
    this.#socket.send(words);
    this.#frame("out", words);
    return true;
  }

  cut() {
    this.#socket?.close();
  }

  #closed(socket, code, reason) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#tell("closed", { code, reason: reason ? `, ${reason}` : "" });
  }

  #frame(way, words) {
    this.dispatchEvent(new CustomEvent("frame", { detail: { way, text: words } }));
  }

  #tell(state, params = {}) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, params } }));
  }
}

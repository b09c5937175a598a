// What the fourth document's Vue component does: a list of questions and answers; while an answer streams, the
// last entry's answer is what has come of it, and nothing else can be sent. (It put answers into the page as HTML;
// here they are text, as the wire contract asks of pages.)

export function makeScmComponent({ h, nextTick }, address, token) {
  return {
    data: () => ({
      messages: [],
      current: "",
      isStreaming: false,
      streamed: "",
      complaint: "",
      sessionId: `session-${Date.now()}`,
      userId: "user001",
    }),

    mounted() {
      const url = `${address}?userId=${this.userId}&sessionId=${this.sessionId}`;
      this.socket = new WebSocket(url, ["Bearer", token]);
      this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
    },

    beforeUnmount() {
      this.socket.close();
    },

    methods: {
      take({ type, data }) {
        if (type === "CHAT_STREAM_START") Object.assign(this, { isStreaming: true, streamed: "" });
        if (type === "CHAT_STREAM_DATA") this.answer((this.streamed += data.content));
        if (type === "CHAT_STREAM_END" || type === "CHAT_RESPONSE" || type === "ERROR") this.isStreaming = false;
        if (type === "CHAT_RESPONSE") this.answer(data.content);
        if (type === "ERROR") this.complaint = `错误: ${data}`;
      },

      answer(words) {
        if (this.messages.length) this.messages.at(-1).answer = words;
      },

      send() {
        if (!this.current.trim() || this.isStreaming) return;
        this.messages.push({ id: Date.now(), question: this.current, answer: "" });
        const data = { message: this.current, streaming: true, model: "gpt-4", provider: "openai" };
        const { sessionId, userId } = this;
        const timestamp = new Date().toISOString();
        this.socket.send(JSON.stringify({ type: "CHAT_REQUEST", sessionId, userId, data, timestamp }));
        this.current = "";
        nextTick(() => (this.$refs.messages.scrollTop = this.$refs.messages.scrollHeight));
      },
    },

    render() {
      const shown = this.messages.map(({ id, question, answer }) =>
        h("div", { key: id, class: "message" }, [
          h("div", { class: "user-message" }, question),
          h("div", { class: "ai-message" }, answer),
        ]),
      );
      const box = { value: this.current, onInput: ({ target }) => (this.current = target.value) };
      return h("div", [
        h("div", { ref: "messages" }, shown),
        h("textarea", box),
        h("button", { disabled: this.isStreaming, onClick: () => this.send() }, this.isStreaming ? "回复中..." : "发送"),
        h("p", { id: "complaint" }, this.complaint),
      ]);
    },
  };
}

// What the last document's stream reader does: six steps known beforehand, and a stream cut at empty lines whose
// events fill them. A step whose predecessor is complete is running before the server says so; the whole is done
// when six steps are, or when the server says `final`.

const STEPS = [
  ["step_001", "analyzing_question"],
  ["step_002", "select_datasource"],
  ["step_003", "connect_db"],
  ["step_004", "generate_sql"],
  ["step_005", "execute_query"],
  ["step_006", "configure_chart"],
];

export function makeReader({ reactive }, more = {}) {
  const state = reactive({ steps: [], progress: 0, title: "准备开始", isCompleted: false, unread: 0 });
  let aborting = null;
  const find = (id) => state.steps.find((step) => step.id === id);

  async function start(question, chatId) {
    aborting = new AbortController();
    state.steps = STEPS.map(([id, name]) => ({ id, name, status: "pending", progress: 0, output: [], thinking: [] }));
    Object.assign(state, { progress: 0, title: "开始处理", isCompleted: false });
    try {
      const body = JSON.stringify({ question, chat_id: chatId, enhanced_streaming: true, ...more });
      const headers = { "Content-Type": "application/json" };
      const response = await fetch("/api/chat/enhanced-question", { method: "POST", headers, body, signal: aborting.signal });
      if (!response.ok) throw new Error(`HTTP error! status: ${response.status}`);
      await read(response);
    } catch (error) {
      fail(undefined, error.message);
    }
  }

  async function read(response) {
    const reader = response.body.getReader();
    const decoder = new TextDecoder("utf-8");
    let waiting = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      waiting += decoder.decode(part.value, { stream: true });
      const events = waiting.split("\n\n");
      waiting = events.pop() || "";
      for (const event of events) if (event.startsWith("data:")) take(JSON.parse(event.slice(5)));
    }
  }

  function take(event) {
    const { type, step, content, nextStep } = event;
    if (type === "step_progress" && step) Object.assign(find(step.id) ?? {}, step);
    else if (type === "content_stream" && content && event.stepId) write(event.stepId, content);
    else if (type === "step_completed") complete(step, nextStep);
    else if (type === "error") fail(step?.id, content?.text || "Unknown error");
    else if (type === "final") Object.assign(state, { isCompleted: true, title: "处理完成" });
    else state.unread += 1;
  }

  function write(id, { text, reasoning }) {
    const step = find(id);
    if (text) step?.output.push(text);
    if (reasoning) step?.thinking.push(reasoning);
  }

  function complete(step, next) {
    Object.assign(find(step.id) ?? {}, { status: "completed", progress: 100 });
    const following = next && find(next.id);
    if (following?.status === "pending") following.status = "running";
    const done = state.steps.filter(({ status }) => status === "completed").length;
    state.progress = Math.round((done / state.steps.length) * 100);
    if (done === state.steps.length) Object.assign(state, { isCompleted: true, title: "处理完成" });
  }

  function fail(id, message) {
    Object.assign(find(id) ?? {}, { status: "error", error: message });
    Object.assign(state, { isCompleted: true, title: "处理失败", error: message });
  }

  return { state, start, cancel: () => aborting?.abort() };
}

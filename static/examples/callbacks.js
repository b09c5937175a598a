// Handlers by message type: `on(type, (data, message) => …)`. Here, SQL is shown as the model writes it.

import { Text2SQLClient } from "/static/client/text2sql-client.js";

const client = new Text2SQLClient("", { locale: "en" });
const form = document.querySelector("form");
const cancel = document.querySelector("#cancel");
const out = document.querySelector("#out");
let running = "";

client.on("query_start", ({ query_id: id }) => {
  running = id;
  out.textContent = "";
  cancel.disabled = false;
});
client.on("query_token", ({ kind, delta }) => {
  if (kind === "sql") out.append(delta);
});
client.on("query_complete", ({ results, explanation }) => {
  out.append(`\n\n${results.row_count} rows. ${explanation.explanation}\n`);
  cancel.disabled = true;
});
client.on("query_error", ({ title, error }) => {
  out.append(`\n${title}: ${error}\n`);
  cancel.disabled = true;
});
client.on("query_cancel", () => {
  out.append("\nCancelled\n");
  cancel.disabled = true;
});

cancel.addEventListener("click", () => client.cancelQuery(running));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  client.sendQuery(form.elements.question.value);
});

await client.connect();

// An answer read message by message. The loop ends with the answer; a failure is thrown.

import { QueryCancelled, Text2SQLClient } from "/static/client/text2sql-client.js";

const client = new Text2SQLClient("", { locale: "en" });
const form = document.querySelector("form");
const cancel = document.querySelector("#cancel");
const out = document.querySelector("#out");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(client.ask(form.elements.question.value));
});

async function show(query) {
  out.textContent = "";
  cancel.disabled = false;
  cancel.onclick = () => query.cancel();
  try {
    for await (const { type, data } of query) {
      if (type === "query_progress") out.append(`· ${data.progress.message}\n`);
      if (type === "query_sql") out.append(`\n${data.sql}\n\n`);
      if (type === "query_result") for (const row of data.rows) out.append(`${row.join("\t")}\n`);
      if (type === "query_complete") out.append(`\n${data.explanation.explanation}\n`);
    }
  } catch (error) {
    out.append(error instanceof QueryCancelled ? "\nCancelled" : `\n${error.title || error.code}: ${error.message}`);
  }
  cancel.disabled = true;
}

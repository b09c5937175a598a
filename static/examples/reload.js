// A query that lives through a reload: the session is kept in this tab, and the query followed by its id. What was
// sent meanwhile is sent again, because the session is taken up where it stood before the question.

import { Text2SQLClient } from "/static/client/text2sql-client.js";
import "/static/client/text2sql-steps.js";

const KEY = "text2sql.example";
const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
const client = new Text2SQLClient("", { locale: "en", session: kept?.session });
const form = document.querySelector("form");
const cancel = document.querySelector("#cancel");
const steps = document.querySelector("text2sql-steps");

cancel.addEventListener("click", () => steps.query.cancel());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(form.elements.question.value);
});
if (kept) show(client.follow(kept.id, kept.question));
await client.connect();

function ask(question) {
  const query = show(client.ask(question));
  query.on("change", (message) => {
    if (message?.type !== "query_start") return;
    keep({ session: { ...client.session, lastSequence: message.sequence - 1 }, id: query.id, question });
  });
}

function show(query) {
  const done = () => {
    sessionStorage.removeItem(KEY);
    cancel.disabled = true;
  };
  query.answer.then(done, done);
  cancel.disabled = false;
  steps.query = query;
  return query;
}

function keep(what) {
  sessionStorage.setItem(KEY, JSON.stringify(what));
}

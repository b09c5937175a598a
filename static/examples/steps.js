// <text2sql-steps> shows a query's steps, SQL, rows and words: hand it the query.

import { Text2SQLClient } from "/static/client/text2sql-client.js";
import "/static/client/text2sql-steps.js";

const client = new Text2SQLClient("", { locale: "en" });
const form = document.querySelector("form");
const cancel = document.querySelector("#cancel");
const steps = document.querySelector("text2sql-steps");

cancel.addEventListener("click", () => steps.query.cancel());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  steps.query = client.ask(form.elements.question.value);
  cancel.disabled = false;
  const done = () => (cancel.disabled = true);
  steps.query.answer.then(done, done);
});

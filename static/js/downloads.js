// Files for the reader: what the server sends, or what the page itself has made. A download is fetched, not
// followed as a link, so that it carries the token and a refusal can be shown.

import { el } from "./dom.js";

const KEEP_MS = 60_000;
const NAMED = /filename\*=UTF-8''([^;]+)/i;
const MOST_CHARACTERS = 60;

/** A query's whole result, as the server runs it again. Excel takes CSV for UTF-8 only if it begins with a mark. */
export async function saveExport(http, { id, question }, format) {
  const path = `/text2sql/queries/${encodeURIComponent(id)}/export`;
  const bom = format === "csv" ? { bom: "1" } : {};
  await saveResponse(await http.response(path, { format, ...bom }), fileName(question, format));
}

async function saveResponse(response, otherwise) {
  const named = NAMED.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  saveBlob(await response.blob(), named ? decodeURIComponent(named) : otherwise);
}

export function saveBlob(blob, name) {
  const address = URL.createObjectURL(blob);
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}

/** A question as the name of a file. */
export function fileName(question, suffix) {
  const words = question.match(/[\p{L}\p{N}]+/gu) ?? ["text2sql"];
  return `${words.join("-").slice(0, MOST_CHARACTERS)}.${suffix}`;
}

// text2sql-ws for browsers: `import { Text2SQLClient } from "/static/client/text2sql-client.js"`.
//
// Everything a page may use is named here, and documented in docs/client.md; the rest is lib/'s own business.

export { fullJitter, mayReturn } from "./lib/backoff.js";
export { Text2SQLClient, Text2SQLClient as Text2SQLWebSocketClient } from "./lib/client.js";
export {
  AuthenticationFailed,
  ConnectionFailed,
  MessageRefused,
  QueryCancelled,
  QueryError,
  QueryLost,
  Text2SQLError,
  TooMuch,
} from "./lib/errors.js";
export { Query } from "./lib/query.js";
export { STAGES } from "./lib/stages.js";

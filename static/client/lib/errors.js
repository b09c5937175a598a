// What can go wrong, as types. Each has a `code`; those that the server reported carry its words for people.

/** Anything this library throws. */
export class Text2SQLError extends Error {
  constructor(message, code, options) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The server's account of an error: its code, and what to tell people, in the language that was asked for. */
class Reported extends Text2SQLError {
  constructor(data) {
    super(data.error ?? data.message ?? data.code, data.code);
    this.queryId = data.query_id ?? null;
    this.level = data.level ?? "error";
    this.title = data.title ?? "";
    this.suggestion = data.suggestion ?? "";
    this.canRetry = data.can_retry ?? false;
    this.stage = data.stage ?? null;
    this.retryAfterSeconds = data.retry_after ?? null;
  }
}

/** A query failed. `stage` says where; with `canRetry`, `query.retry()` goes on from there. */
export class QueryError extends Reported {}

/** A message was not carried out: malformed, one too many (`retryAfterSeconds`), or about a query that isn't there. */
export class MessageRefused extends Reported {}

/** A query was cancelled, by this client or by another. */
export class QueryCancelled extends Text2SQLError {
  constructor(queryId, cancelledAt = null) {
    super("The query was cancelled", "CANCELLED");
    this.queryId = queryId;
    this.cancelledAt = cancelledAt;
  }
}

/** The rest of an answer can't come any more; asking again is safe. `reason` is the server's, or "disconnected". */
export class QueryLost extends Text2SQLError {
  constructor(queryId, reason, options) {
    super(`The connection was lost before the answer was complete (${reason})`, "LOST", options);
    this.queryId = queryId;
    this.reason = reason;
  }
}

/** There is no connection, and this client has stopped trying. */
export class ConnectionFailed extends Text2SQLError {
  constructor(message, closeCode = null, options) {
    super(message, "CONNECTION_FAILED", options);
    this.closeCode = closeCode;
  }
}

/** The server wants another token, or one at all. */
export class AuthenticationFailed extends ConnectionFailed {
  constructor(message) {
    super(message);
    this.code = "AUTHENTICATION_FAILED";
  }
}

/** More waits to be read, or to be asked, than this client keeps. */
export class TooMuch extends Text2SQLError {
  constructor(message) {
    super(message, "TOO_MUCH");
  }
}

/** text2sql-ws for browsers. What the messages mean is in the wire contract; how to use all this, in docs/client.md. */

// --- what the server says ------------------------------------------------------------------------------------

export type Locale = "zh" | "en";

export type Stage =
  | "analyzing"
  | "selecting_datasource"
  | "connecting_database"
  | "retrieving_schema"
  | "generating_sql"
  | "validating_sql"
  | "executing_sql"
  | "processing_results"
  | "generating_explanation"
  | "recommending_visualization";

export type ColumnType =
  | "integer"
  | "number"
  | "decimal"
  | "string"
  | "datetime"
  | "date"
  | "time"
  | "boolean"
  | "binary"
  | "json";

export interface Column {
  name: string;
  type: ColumnType;
}

/** Integers beyond 2^53-1 and decimals are strings; NULL is null. */
export type Cell = string | number | boolean | null | object;
export type Row = Cell[];

export interface QueryStart {
  query_id: string;
  query: string;
  start_time: string;
  retry_of?: string;
}

export interface QueryProgress {
  query_id: string;
  timestamp: string;
  progress: {
    stage: Stage | "completed";
    progress: number;
    message: string;
    details: Record<string, unknown> | null;
    estimated_time_remaining: number | null;
  };
}

export interface QueryToken {
  query_id: string;
  kind: "reasoning" | "sql" | "explanation";
  delta: string;
  index: number;
  attempt: number;
}

export interface QuerySql {
  query_id: string;
  sql: string;
  attempt: number;
}

export interface QueryResult {
  query_id: string;
  chunk_index: number;
  row_offset: number;
  columns: Column[];
  rows: Row[];
  is_last: boolean;
}

export interface QueryComplete {
  query_id: string;
  /** null where the question was answered in words. */
  sql: string | null;
  results: {
    columns: Column[];
    row_count: number;
    truncated: boolean;
    chunks: number;
    data: Record<string, Cell>[];
  };
  explanation: { explanation: string; complexity: "simple" | "medium" | "complex" };
  visualization: { chart_type: string; config: Record<string, unknown> };
  execution_time: number;
  completed_at: string;
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
  attempts: number;
  warnings: { code: string; message: string }[];
}

export interface ReportedError {
  query_id?: string;
  error: string;
  code: string;
  level: "warning" | "error" | "critical";
  title: string;
  suggestion: string;
  can_retry: boolean;
  stage: Stage | null;
  error_time: string;
  retry_after?: number;
}

export interface QueryCancel {
  query_id: string;
  cancelled_at: string;
}

export interface ConnectionAck {
  status: "connected";
  session_id: string;
  server_time: string;
  heartbeat_interval: number;
  epoch: string;
  resumed: boolean;
  replayed: number;
  reason?: "expired" | "gap" | "epoch" | "unknown";
  last_sequence: number;
  queries: {
    query_id: string;
    query: string;
    status: "running" | "completed" | "failed" | "cancelled";
    stage: string;
    sql?: string;
  }[];
}

/** The data of each of the server's messages. */
export interface Messages {
  connection_ack: ConnectionAck;
  query_start: QueryStart;
  query_progress: QueryProgress;
  query_token: QueryToken;
  query_sql: QuerySql;
  query_result: QueryResult;
  query_complete: QueryComplete;
  query_error: ReportedError;
  query_cancel: QueryCancel;
  user_feedback: { status: "received"; message: string };
  token_refreshed: { expires_at: string };
  heartbeat: { server_time: string; status?: "alive" };
  system_status: { message: string; type: string };
}

export interface Message<T extends keyof Messages = keyof Messages> {
  type: T;
  session_id: string;
  timestamp: string;
  data: Messages[T];
  message_id: string;
  user_id: string | number;
  sequence?: number;
}

type QueryMessageType =
  | "query_start"
  | "query_progress"
  | "query_token"
  | "query_sql"
  | "query_result"
  | "query_complete";

/** What a query's iterator yields: tell them apart by `type`. */
export type QueryMessage = { [T in QueryMessageType]: Message<T> }[QueryMessageType];

// --- asking --------------------------------------------------------------------------------------------------

/** As on the wire. */
export interface QueryOptions {
  provider?: string;
  model?: string;
  locale?: Locale;
  max_rows?: number;
  chunk_rows?: number;
  /** Seconds. */
  timeout?: number;
  explain?: boolean;
  visualize?: boolean;
  conversation_id?: string;
}

export interface Callbacks {
  onStart?(data: QueryStart, query: Query): void;
  onProgress?(data: QueryProgress, query: Query): void;
  onToken?(data: QueryToken, query: Query): void;
  onSql?(data: QuerySql, query: Query): void;
  onRows?(data: QueryResult, query: Query): void;
  onComplete?(data: QueryComplete, query: Query): void;
  onError?(error: Text2SQLError, query: Query): void;
  onCancel?(error: QueryCancelled, query: Query): void;
  onMessage?(message: Message, query: Query): void;
}

export interface ReadOptions extends Callbacks {
  /** Cancels the query. */
  signal?: AbortSignal;
  /** How many rows `snapshot()` and `answer` keep; 10,000 by default. */
  keepRows?: number;
  /** How many characters of messages wait for a slow reader before the query is stopped; 32 Mi by default. */
  maxBuffered?: number;
}

export interface AskOptions extends ReadOptions {
  /** The name of a configured data source; the server chooses where there is none. */
  datasource?: string;
  databaseConfig?: { datasource?: string; type?: string; [key: string]: unknown };
  options?: QueryOptions;
}

export type QueryStatus = "waiting" | "running" | "completed" | "failed" | "cancelled" | "lost";

export interface Step {
  stage: Stage;
  status: "waiting" | "running" | "done" | "skipped" | "failed" | "stopped";
  message: string;
  details: Record<string, unknown> | null;
  seconds: number;
  /** The server's time, in ms, at which it began to run. */
  since: number | null;
}

export interface Attempt {
  number: number;
  /** The model's words so far. */
  written: string;
  /** What ran, or is to run. */
  sql: string | null;
  /** The database's words, where it refused. */
  error: string | null;
}

/** All that is known of a query so far. A new object whenever something changed, for frameworks that compare. */
export interface Snapshot {
  id: string | null;
  question: string;
  status: QueryStatus;
  progress: number;
  remainingSeconds: number | null;
  steps: Step[];
  reasoning: string;
  attempts: Attempt[];
  sql: string | null;
  columns: Column[];
  rows: Row[];
  rowCount: number;
  explanation: string;
  answer: QueryComplete | null;
  error: (Partial<ReportedError> & { error: string; code: string }) | null;
}

export type Answer = QueryComplete & { rows: Row[] };

export declare class Query implements AsyncIterable<QueryMessage> {
  private constructor();
  readonly id: string | null;
  readonly question: string;
  readonly retryOf: string | null;
  readonly isOver: boolean;
  /** Rejects with `QueryError`, `QueryCancelled`, `QueryLost`, `MessageRefused` or `ConnectionFailed`. */
  readonly answer: Promise<Answer>;
  snapshot(): Snapshot;
  cancel(): void;
  retry(options?: ReadOptions): Query;
  feedback(feedback: unknown): Promise<Messages["user_feedback"]>;
  on(type: "change", listener: (message: Message | null) => void): () => void;
  off(type: "change", listener?: (message: Message | null) => void): void;
  [Symbol.asyncIterator](): AsyncIterator<QueryMessage>;
}

// --- the client ----------------------------------------------------------------------------------------------

export type ConnectionState = "idle" | "connecting" | "connected" | "reconnecting" | "closed";

export interface StateChange {
  state: ConnectionState;
  attempt: number;
  of: number;
  code?: number | null;
  waitMs?: number;
  error?: ConnectionFailed;
}

export interface SessionState {
  id: string | null;
  lastSequence: number | null;
  epoch: string | null;
}

export interface ClientOptions {
  token?: string;
  /** Asked before each connection and each renewal. */
  getToken?(why: { reason: "connect" | "expired" | "refused" | "renew" }): string | Promise<string>;
  locale?: Locale;
  /** `client.session` of an earlier client, to go on with. */
  session?: Partial<SessionState>;
  /** How often to try before giving up; 10 by default. */
  attempts?: number;
  /** The wait before attempt `n`, in ms; `fullJitter` by default. */
  wait?(attempt: number): number;
}

export declare class Text2SQLClient {
  /** `address`: ws://, wss://, http:// or https://, with or without a path; "" for the page's own host. */
  constructor(address?: string, options?: string | ClientOptions);
  readonly state: ConnectionState;
  readonly isConnected: boolean;
  readonly session: SessionState;
  readonly queries: Query[];
  connect(): Promise<ConnectionAck>;
  disconnect(): void;
  close(): void;
  ask(question: string, options?: AskOptions): Query;
  retry(query: Query | string, options?: ReadOptions): Query;
  follow(id: string, question: string, options?: ReadOptions): Query;
  cancel(query: Query | string): void;
  feedback(queryId: string, feedback: unknown): Promise<Messages["user_feedback"]>;
  renewToken(token?: string): Promise<Date>;
  datasources(): Promise<DataSource[]>;
  on<T extends keyof Messages>(type: T, listener: (data: Messages[T], message: Message<T>) => void): () => void;
  on(type: "state", listener: (change: StateChange) => void): () => void;
  on(type: "refused", listener: (error: MessageRefused, query: Query | null) => void): () => void;
  on(type: "message", listener: (data: unknown, message: Message) => void): () => void;
  off(type: string, listener?: (...args: never[]) => void): void;
  sendQuery(query: string, databaseConfig?: AskOptions["databaseConfig"], options?: QueryOptions): Query;
  cancelQuery(queryId: string): void;
  sendFeedback(queryId: string, feedback: unknown): Promise<Messages["user_feedback"]>;
}

/** The same class under the name of the one that it replaces. */
export { Text2SQLClient as Text2SQLWebSocketClient };

export interface DataSource {
  name: string;
  type: string;
  description: string;
  status: string;
  tables: { name: string; comment: string; columns: { name: string; type: string; comment: string }[] }[];
  examples: string[];
}

// --- errors --------------------------------------------------------------------------------------------------

export declare class Text2SQLError extends Error {
  readonly code: string;
}

declare class Reported extends Text2SQLError {
  readonly queryId: string | null;
  readonly level: string;
  readonly title: string;
  readonly suggestion: string;
  readonly canRetry: boolean;
  readonly stage: Stage | null;
  readonly retryAfterSeconds: number | null;
}

export declare class QueryError extends Reported {}
export declare class MessageRefused extends Reported {}

export declare class QueryCancelled extends Text2SQLError {
  readonly queryId: string | null;
  readonly cancelledAt: string | null;
}

export declare class QueryLost extends Text2SQLError {
  readonly queryId: string | null;
  readonly reason: "expired" | "gap" | "epoch" | "unknown" | "disconnected" | "refused";
}

export declare class ConnectionFailed extends Text2SQLError {
  readonly closeCode: number | null;
}

export declare class AuthenticationFailed extends ConnectionFailed {}
export declare class TooMuch extends Text2SQLError {}

// --- the rest ------------------------------------------------------------------------------------------------

export declare const STAGES: readonly Stage[];

export declare function fullJitter(
  attempt: number,
  bounds?: { baseMs?: number; capMs?: number; random?: () => number },
): number;

export declare function mayReturn(closeCode: number): boolean;

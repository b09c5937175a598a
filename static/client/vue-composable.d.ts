import type {
  AskOptions,
  ClientOptions,
  ConnectionState,
  Messages,
  Query,
  ReadOptions,
  Snapshot,
  Text2SQLClient,
} from "./text2sql-client.js";

/** What of Vue's refs is needed here, so that these types need no Vue. */
export interface ReadonlyRef<T> {
  readonly value: T;
}

export interface UseText2SQL {
  state: ReadonlyRef<ConnectionState>;
  isConnected: ReadonlyRef<boolean>;
  /** The latest question; a new object whenever something changed, at most once a frame. */
  query: ReadonlyRef<Snapshot | null>;
  /** Stops the question before it. */
  ask(question: string, options?: AskOptions): Query;
  retry(options?: ReadOptions): Query | null;
  cancel(): void;
  feedback(feedback: unknown): Promise<Messages["user_feedback"]> | undefined;
  client: Text2SQLClient;
}

export type UseText2SQLComposable = (address?: string, options?: string | ClientOptions) => UseText2SQL;

/** The functions of Vue that the composable is made of. */
export interface VueLike {
  computed: Function;
  onScopeDispose: Function;
  shallowRef: Function;
}

export declare function createUseText2SQL(Vue: VueLike): UseText2SQLComposable;

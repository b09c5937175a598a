import type { AskOptions, ClientOptions, ConnectionState, Messages, Query, ReadOptions, Snapshot, Text2SQLClient } from "./text2sql-client.js";

export interface UseText2SQL {
  state: ConnectionState;
  isConnected: boolean;
  /** The latest question; a new object whenever something changed, at most once a frame. */
  query: Snapshot | null;
  /** Stops the question before it. */
  ask(question: string, options?: AskOptions): Query;
  retry(options?: ReadOptions): Query | null;
  cancel(): void;
  feedback(feedback: unknown): Promise<Messages["user_feedback"]> | undefined;
  client: Text2SQLClient;
}

export type UseText2SQLHook = (address?: string, options?: string | ClientOptions) => UseText2SQL;

/** The functions of React that the hook is made of. */
export interface ReactLike {
  useEffect: Function;
  useMemo: Function;
  useRef: Function;
  useSyncExternalStore: Function;
}

export declare function createUseText2SQL(React: ReactLike): UseText2SQLHook;

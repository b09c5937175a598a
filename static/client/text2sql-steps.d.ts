import type { Query, Snapshot } from "./text2sql-client.js";

export declare class Text2SQLSteps extends HTMLElement {
  /** Followed until there is another. */
  query: Query | null;
  /** Where somebody else follows the query. */
  snapshot: Snapshot | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "text2sql-steps": Text2SQLSteps;
  }
  interface GlobalEventHandlersEventMap {
    "text2sql-cancel": CustomEvent<{ query: Query | null; snapshot: Snapshot | null }>;
    "text2sql-retry": CustomEvent<{ query: Query | null; snapshot: Snapshot | null }>;
  }
}

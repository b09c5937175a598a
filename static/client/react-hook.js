// `useText2SQL` for React 18 and newer, made of the React that is handed in: `createUseText2SQL(React)`. For pages
// without an import map or a bundler; react.js is the same hook with `react` imported by name.

import { Store } from "./lib/store.js";

/** `React` needs `useEffect`, `useMemo`, `useRef` and `useSyncExternalStore`. */
export function createUseText2SQL({ useEffect, useMemo, useRef, useSyncExternalStore }) {
  /**
   * Connects while the component is there. Returns `{ state, isConnected, query, ask, retry, cancel, feedback,
   * client }`; `query` is the latest question's snapshot, or null. `options` as `Text2SQLClient` has them: another
   * `locale` or `token` connects anew, functions are always the latest.
   */
  return function useText2SQL(address = "", options = {}) {
    const given = typeof options === "string" ? { token: options } : options;
    const latest = useRef(given);
    latest.current = given;
    const { token, locale } = given;
    const store = useMemo(() => new Store(address, current(latest)), [address, token, locale]);
    useEffect(() => {
      store.open();
      return () => store.close();
    }, [store]);
    const value = useSyncExternalStore(store.subscribe, store.value, store.value);
    const { ask, retry, cancel, feedback, client } = store;
    return { ...value, ask, retry, cancel, feedback, client };
  };
}

/** `getToken` is looked up when it is needed: a component makes a new one each time it renders. */
function current(latest) {
  const { getToken, ...options } = latest.current;
  return getToken ? { ...options, getToken: (why) => latest.current.getToken(why) } : options;
}

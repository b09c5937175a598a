// `useText2SQL` for Vue 3, made of the Vue that is handed in: `createUseText2SQL(Vue)`. For pages without an import
// map or a bundler; vue.js is the same composable with `vue` imported by name.

import { Store } from "./lib/store.js";

/** `Vue` needs `computed`, `onScopeDispose` and `shallowRef`. */
export function createUseText2SQL({ computed, onScopeDispose, shallowRef }) {
  /**
   * Connects at once, and closes with the component or effect scope that it is called in. Returns the refs `state`,
   * `isConnected` and `query` (the latest question's snapshot, or null), and `ask`, `retry`, `cancel`, `feedback`
   * and `client`. `options` as `Text2SQLClient` has them.
   */
  return function useText2SQL(address = "", options = {}) {
    const store = new Store(address, options);
    const value = shallowRef(store.value());
    const forget = store.subscribe(() => (value.value = store.value()));
    onScopeDispose(() => {
      forget();
      store.close();
    });
    store.open();
    const { ask, retry, cancel, feedback, client } = store;
    const state = computed(() => value.value.state);
    const isConnected = computed(() => value.value.isConnected);
    const query = computed(() => value.value.query);
    return { state, isConnected, query, ask, retry, cancel, feedback, client };
  };
}

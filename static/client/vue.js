// `useText2SQL` for Vue, found as `vue` by an import map or a bundler.

import * as Vue from "vue";
import { createUseText2SQL } from "./vue-composable.js";

export const useText2SQL = createUseText2SQL(Vue);

import type { UseText2SQLComposable } from "./vue-composable.js";

export declare const useText2SQL: UseText2SQLComposable;

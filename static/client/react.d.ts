import type { UseText2SQLHook } from "./react-hook.js";

export declare const useText2SQL: UseText2SQLHook;

// `useText2SQL` for React, found as `react` by an import map or a bundler.

import * as React from "react";
import { createUseText2SQL } from "./react-hook.js";

export const useText2SQL = createUseText2SQL(React);

// Compiles what documentation shows, as a build would: `node compile.mjs FOLDER jsx|vue < source > module`.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [, , folder, kind] = process.argv;
const require = createRequire(`${folder}/`);
const source = readFileSync(0, "utf8");

const COMPILERS = {
  jsx() {
    const { JsxEmit, ModuleKind, ScriptTarget, transpileModule } = require("typescript");
    const compilerOptions = { jsx: JsxEmit.React, module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
    return `import React from "react";\n${transpileModule(source, { compilerOptions }).outputText}`;
  },
  vue() {
    const { compileScript, parse } = require("@vue/compiler-sfc");
    return compileScript(parse(source).descriptor, { id: "shown", inlineTemplate: true }).content;
  },
};

process.stdout.write(COMPILERS[kind]());

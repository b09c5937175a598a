"""The library's types: TypeScript's compiler holds a program against the `.d.ts` files, and names agree."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.lab import lab_page
from tests.support.npm import NODE, node_modules
from tests.support.paths import ROOT

CLIENT = ROOT / "static" / "client"

PROGRAM = """
import { AuthenticationFailed, Query, QueryError, QueryLost } from "%(client)s/text2sql-client.js";
import { Text2SQLClient, TooMuch } from "%(client)s/text2sql-client.js";
import type { Cell, QueryComplete, Snapshot, Stage } from "%(client)s/text2sql-client.js";
import { createUseText2SQL as forReact } from "%(client)s/react-hook.js";
import { createUseText2SQL as forVue } from "%(client)s/vue-composable.js";
import "%(client)s/text2sql-steps.js";

const client = new Text2SQLClient("wss://data.example", {
  getToken: async ({ reason }) => (reason === "renew" ? "newer" : "token"),
  locale: "en",
  session: { id: "s", lastSequence: 3 },
});
client.on("query_token", ({ kind, delta }, { sequence }) => [kind, delta.length, sequence?.toFixed()]);
client.on("state", ({ state, error }) => state === "closed" && error?.closeCode);
client.on("refused", (error, query) => error.retryAfterSeconds ?? query?.id);

async function ask(): Promise<Cell[][]> {
  const query: Query = client.ask("?", {
    datasource: "sales",
    options: { max_rows: 10 },
    onRows: ({ rows }) => rows.length,
  });
  for await (const message of query) {
    switch (message.type) {
      case "query_progress": message.data.progress.stage satisfies Stage | "completed"; break;
      case "query_sql": message.data.sql.trim(); break;
      case "query_complete": (message.data satisfies QueryComplete).usage?.total_tokens; break;
      // @ts-expect-error: an iterator throws errors, it doesn't yield them
      case "query_error": break;
    }
  }
  try {
    return (await query.answer).rows;
  } catch (error) {
    if (error instanceof QueryError && error.canRetry) await query.retry().answer;
    if (error instanceof QueryLost) error.reason satisfies string;
    if (error instanceof AuthenticationFailed || error instanceof TooMuch) error.code satisfies string;
    throw error;
  }
}
void ask;

const React = { useEffect() {}, useMemo() {}, useRef() {}, useSyncExternalStore() {} };
const inReact = forReact(React)("", { locale: "zh" });
const snapshot: Snapshot | null = inReact.query;
const inVue = forVue({ computed() {}, onScopeDispose() {}, shallowRef() {} })();
const rows: number = inVue.query.value?.rowCount ?? 0;
document.querySelector("text2sql-steps")!.snapshot = snapshot;
document.createElement("text2sql-steps").query = client.ask("?");
addEventListener("text2sql-cancel", ({ detail }) => detail.query?.cancel());
// @ts-expect-error: there is no such option
client.ask("?", { datasorce: "sales" });
// @ts-expect-error: there is no such message
client.on("query_tokens", () => {});
// @ts-expect-error: queries are asked for, not made
new Query();
void rows;
"""


async def test_a_program_over_the_types_compiles_strictly(tmp_path: Path) -> None:
    """And what must not compile doesn't (`@ts-expect-error`)."""
    program = tmp_path / "program.ts"
    program.write_text(PROGRAM % {"client": CLIENT}, "utf-8")
    options = {"strict": True, "noEmit": True, "target": "es2022", "module": "esnext", "types": []}
    options |= {"moduleResolution": "bundler", "lib": ["es2022", "dom", "dom.iterable"]}
    declared = [str(path) for path in sorted(CLIENT.glob("*.d.ts"))]
    project = tmp_path / "tsconfig.json"
    project.write_text(json.dumps({"compilerOptions": options, "files": [str(program), *declared]}))
    compiler = await asyncio.create_subprocess_exec(
        NODE,
        node_modules() / "typescript" / "bin" / "tsc",
        "--project",
        project,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await compiler.communicate()
    assert out.decode() == ""
    assert compiler.returncode == 0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lab(browser: Browser, server: str) -> AsyncIterator[Page]:
    async with lab_page(browser, server) as page:
        yield page


NAMES = """
    async ([module, types]) => {
        const values = await import(`/static/client/${module}.js`);
        const declared = /^export (?:declare (?:class|const|function)|\\{ \\w+ as) (\\w+)/gm;
        const named = [...types.matchAll(declared)].map(([, name]) => name);
        return [Object.keys(values).sort(), named.sort()];
    }
"""


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("module", ["text2sql-client", "react-hook", "vue-composable", "text2sql-steps"])
async def test_what_is_declared_is_what_is_exported(lab: Page, module: str) -> None:
    exported, declared = await lab.evaluate(NAMES, [module, (CLIENT / f"{module}.d.ts").read_text("utf-8")])
    assert exported == declared


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", ["Text2SQLClient", "Query"])
async def test_what_is_declared_of_a_class_is_there(lab: Page, name: str) -> None:
    """Every declared member but fields, which only an instance has."""
    types = (CLIENT / "text2sql-client.d.ts").read_text("utf-8")
    body = types.split(f"export declare class {name} ")[1].split("\n}")[0]
    members = await lab.evaluate(
        """async ([name, body]) => {
            const { prototype } = (await import("/static/client/text2sql-client.js"))[name];
            const declared = new Set([...body.matchAll(/^  (\\w+)[(<]/gm)].map(([, member]) => member));
            return [...declared].filter((member) => !(member in prototype) && member !== "private");
        }""",
        [name, body],
    )
    assert members == []

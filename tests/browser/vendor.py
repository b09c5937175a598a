"""React, Vue and axe as people have them, from npm, made ready for a page: no bundler, no other host."""

import json
from pathlib import Path

from playwright.async_api import Page, Route

from tests.support.npm import node_modules

REACT = {
    19: {
        "react": "react/cjs/react.development.js",
        "scheduler": "scheduler/cjs/scheduler.development.js",
        "react-dom": "react-dom/cjs/react-dom.development.js",
        "react-dom/client": "react-dom/cjs/react-dom-client.development.js",
    },
    18: {
        "react": "react-18/cjs/react.development.js",
        "scheduler": "react-dom-18/node_modules/scheduler/cjs/scheduler.development.js",
        "react-dom": "react-dom-18/cjs/react-dom.development.js",
        "react-dom/client": "react-dom-18/client.js",
    },
}
"""CommonJS files by the names under which they require one another."""

HOOKS = "Component Fragment StrictMode createElement useEffect useMemo useRef useState useSyncExternalStore"


def react(version: int) -> str:
    """One ES module with `React`, `createRoot` and React's own names."""
    folder = node_modules()
    files = {name: (folder / path).read_text("utf-8") for name, path in REACT[version].items()}
    wrapped = ",\n".join(
        f"{json.dumps(name)}: function (module, exports, require) {{\n{source}\n}}"
        for name, source in files.items()
    )
    return f"""
        const process = {{ env: {{ NODE_ENV: "development" }} }};
        const modules = {{ {wrapped} }};
        const made = {{}};
        function require(name) {{
            if (!made[name]) modules[name]((made[name] = {{ exports: {{}} }}), made[name].exports, require);
            return made[name].exports;
        }}
        export const React = require("react");
        export default React;
        export const {{ createRoot }} = require("react-dom/client");
        export const {{ {", ".join(HOOKS.split())} }} = React;
    """


def vue() -> str:
    return (node_modules() / "vue/dist/vue.runtime.esm-browser.js").read_text("utf-8")


def axe() -> Path:
    return node_modules() / "axe-core/axe.min.js"


async def offer(page: Page, react_version: int = 19) -> None:
    """Serve them to this page as `/vendor/react.js` and `/vendor/vue.js`, from its own host."""
    sources = {"react.js": react(react_version), "vue.js": vue()}

    async def respond(route: Route) -> None:
        body = sources[route.request.url.rpartition("/")[2]]
        await route.fulfill(body=body, content_type="text/javascript")

    await page.route("**/vendor/*.js", respond)


async def complaints(page: Page, root: str = "document") -> list[str]:
    """What axe-core finds wrong with the accessibility of the page, or of one element's inside."""
    await page.evaluate(axe().read_text("utf-8") + "; 0")
    found = await page.evaluate(f"axe.run({root}, {{ resultTypes: ['violations'] }})")
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]

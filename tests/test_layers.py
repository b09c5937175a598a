"""The house's floors: imports point down, neighbours keep apart, libraries keep to their rooms."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "text2sql_ws"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("app",),
    ("web",),
    ("hub", "scm", "chat", "turns", "streams", "metrics", "slowness", "bureau", "traces"),
    ("sessions",),
    (
        "queries",
        "tally",
        "bookkeeping",
        "budget",
        "announcing",
        "probing",
        "hooks",
        "exporting",
        "reloading",
        "doctor",
    ),
    ("happenings", "answering"),
    ("query",),
    (
        "pipeline",
        "talking",
        "channel",
        "conversations",
        "feedback",
        "notifications",
        "deliveries",
        "retention",
        "usage",
        "ledger",
        "auditing",
    ),
    ("receipts", "recorded", "running", "reminders", "connecting", "reuse", "opening", "preparing"),
    ("writing",),
    ("datasources", "estimates", "explaining", "messages", "nearest", "results", "progress", "storage"),
    ("catalog", "charts", "demo", "dialects", "engines", "llm", "places", "sql", "tokens"),
    (
        "addresses",
        "allowance",
        "bell",
        "clock",
        "columns",
        "command_line",
        "commands",
        "credentials",
        "departures",
        "done",
        "errors",
        "events",
        "ids",
        "journal",
        "lanes",
        "listening",
        "posting",
        "logs",
        "schema",
        "settings",
        "shipping",
        "systemd",
        "texts",
        "threads",
        "token_estimate",
        "undisturbed",
        "users",
        "withheld",
    ),
)
"""From the roof down. A room may import what is on a lower floor; the vocabulary's own order is free."""

VOCABULARY = set(FLOORS[-1])

LIBRARIES: dict[str, tuple[str, ...]] = {
    "aiohttp": ("web/", "app.py", "llm/client.py", "llm/wire.py"),
    "httpx": ("llm/client.py", "tokens/fetching.py"),
    "httpx_aiohttp": ("llm/client.py",),
    "aiomysql": ("engines/mysql",),
    "pymysql": ("engines/mysql",),
    "aiosqlite": ("engines/sqlite",),
    "sqlite3": ("engines/sqlite", "demo/"),
    "sqlglot": ("sql/", "catalog/"),
    "sqlalchemy": (
        "doctor/own_storage.py",
        "storage/",
        "catalog/",
        "conversations.py",
        "recorded.py",
        "feedback.py",
        "notifications.py",
        "receipts.py",
        "usage.py",
        "deliveries.py",
        "retention.py",
        "bookkeeping.py",
        "ledger.py",
        "auditing.py",
    ),
    "vl_convert": ("web/vega.py",),
    "rjieba": ("catalog/", "llm/offline/"),
    "pydantic": ("settings.py", "reloading.py", "withheld.py", "dialects/", "web/", "datasources.py"),
    "markdown_it": ("web/docs.py",),
    "apprise": ("posting.py",),
    "alembic": ("storage/migrating.py", "storage/migrations/"),
    "prometheus_client": ("metrics.py",),
    "opentelemetry": ("traces/",),
    "xlsxwriter": ("exporting/spreadsheet.py",),
    "jwt": ("tokens/",),
    "cryptography": ("tokens/",),
    "structlog": ("",),
}
"""Where a library may be named. aiohttp in `app.py` is the runner; beside httpx it is its connector.
httpx stands in a second file for key sets: `tokens` and `llm` are neighbours, and share no fetching."""

FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return
    here = room(path)
    for imported in imports(path):
        if not imported.startswith("text2sql_ws."):
            continue
        there = imported.split(".")[1]
        if there.startswith("__"):
            continue
        if there == here or (here in VOCABULARY and there in VOCABULARY):
            continue
        assert floor(there) > floor(here), f"{here} imports {imported}, which is not below it"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_in_their_rooms(path: Path) -> None:
    place = str(path.relative_to(PACKAGE))
    for imported in imports(path):
        rooms = LIBRARIES.get(imported.split(".")[0])
        assert rooms is None or place.startswith(rooms), f"{place} imports {imported}"


def test_every_room_has_its_floor() -> None:
    rooms = {room(path) for path in FILES} - {"__init__"}
    assert rooms == {name for names in FLOORS for name in names}


def test_nothing_on_a_floor_stands_twice() -> None:
    names = [name for names in FLOORS for name in names]
    assert len(names) == len(set(names))

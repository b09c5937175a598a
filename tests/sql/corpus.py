"""Reads the statements that the guard is held to: one a line, `⏎` for a line break, `== ` before a title."""

from pathlib import Path

from text2sql_ws.schema import SqlDialect

DIALECTS: tuple[SqlDialect, ...] = ("mysql", "sqlite")


def statements(name: str) -> list[tuple[SqlDialect, str]]:
    """The statements of `{name}_mysql` and `{name}_sqlite`, each with its dialect."""
    found: list[tuple[SqlDialect, str]] = []
    for dialect in DIALECTS:
        path = next(Path(__file__).parent.glob(f"{name}_{dialect}.*"))
        lines = path.read_text("utf-8").splitlines()
        found += [(dialect, line.replace("⏎", "\n")) for line in lines if line and not line.startswith("== ")]
    return found

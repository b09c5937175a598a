"""Takes older tables through the revisions that they lack. The one module that knows Alembic, which takes
a while to import: `revising.py` asks for it only where there is something to do."""

from collections.abc import Callable
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: Connection, current: str | None, stamp: Callable[[str], None]) -> list[str]:
    """Apply what comes after `current` (all of it for `None`), `stamp` each; returns what was applied."""
    context = MigrationContext.configure(connection)
    applied = []
    for script in reversed(list(ScriptDirectory(str(FOLDER)).iterate_revisions("head", current or "base"))):
        with Operations.context(context):
            script.module.upgrade()
        stamp(script.revision)
        applied.append(script.revision)
    return applied

"""Which revision the tables are of, and bringing them to ours: new ones are made, older ones migrated.

The one rule: tables that are newer than this code are not touched. Two servers that start at once don't
meet: on SQLite the transaction holds the file, on MySQL a lock is named for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Column, Connection, MetaData, String, Table, delete, insert, inspect, select, text

from text2sql_ws.storage.migrations import REVISIONS
from text2sql_ws.storage.tables import metadata

log = structlog.get_logger()

LOCK_SECONDS = 60

versions = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own table, in its own form, so that its command line works on our storage too."""


class NewerTables(Exception):
    """The tables were made by a later version of this code."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"its tables are of revision {revision[:32]}, and this version of text2sql-ws knows revisions up "
            f"to {REVISIONS[-1]}: run the newer version, or restore a backup from before it"
        )


class Busy(Exception):
    """Somebody else holds the lock for longer than a start can wait."""

    def __init__(self) -> None:
        super().__init__(f"another server has been changing its tables for {LOCK_SECONDS} s")


def is_current(connection: Connection) -> bool:
    """Whether there is nothing to do. Raises `NewerTables`."""
    return _revision(connection) == REVISIONS[-1]


def revise(connection: Connection) -> None:
    """Bring the tables to our revision, in the caller's transaction. Raises `NewerTables`, `Busy`."""
    with _alone(connection):
        current = _revision(connection)
        if current == REVISIONS[-1]:
            return
        if current is None and not set(inspect(connection).get_table_names()) & _OURS:
            metadata.create_all(connection)
            _stamp(connection, REVISIONS[-1])
            return
        # Alembic is imported where it is needed and not before: that takes longer than most starts may.
        from text2sql_ws.storage.migrating import migrate

        applied = migrate(connection, current, lambda revision: _stamp(connection, revision))
        log.info("storage_migrated", before=current or "no revision", applied=applied)


def _revision(connection: Connection) -> str | None:
    """`None` for tables that were made before there were revisions, and for none at all."""
    if not inspect(connection).has_table(versions.name):
        return None
    current = connection.scalar(select(versions.c.version_num))
    if current is not None and current not in REVISIONS:
        raise NewerTables(current)
    return current


def _stamp(connection: Connection, revision: str) -> None:
    versions.create(connection, checkfirst=True)
    connection.execute(delete(versions))
    connection.execute(insert(versions).values(version_num=revision))


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))
        yield
        return
    lock = {"name": "text2sql-ws tables", "seconds": LOCK_SECONDS}
    if connection.scalar(text("SELECT GET_LOCK(CONCAT(DATABASE(), ' ', :name), :seconds)"), lock) != 1:
        raise Busy
    try:
        yield
    finally:
        connection.execute(text("DO RELEASE_LOCK(CONCAT(DATABASE(), ' ', :name))"), lock)


_OURS = {*metadata.tables, "conversation_turns"}
"""And what an earlier checkout had."""

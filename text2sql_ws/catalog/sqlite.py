"""The structure of a SQLite database, by SQLAlchemy's inspector and the CREATE statements' text. [sqlalchemy]

Types come from `PRAGMA table_xinfo`, because the inspector turns them into SQLAlchemy's own. Blocking: call
it in `run_sync`.
"""

from collections.abc import Iterator, Mapping

import structlog
from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.exc import OperationalError

from text2sql_ws.catalog.comments import Comments, read_comments
from text2sql_ws.catalog.structure import Structure
from text2sql_ws.schema import Column, ForeignKey, Table

log = structlog.get_logger()

CREATE_STATEMENTS = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
# `hidden` is 1 for the hidden columns of virtual tables (https://www.sqlite.org/pragma.html#pragma_table_xinfo).
COLUMNS = 'SELECT name, type, "notnull" AS required, pk FROM pragma_table_xinfo(:name) WHERE hidden <> 1'
# What a column without a type holds, as STRICT tables call it (https://www.sqlite.org/stricttables.html).
ANY = "ANY"
SHADOWS = "SELECT name FROM pragma_table_list WHERE type = 'shadow'"


def read_structure(connection: Connection) -> Structure:
    """Every table and view, but SQLite's own and those behind virtual tables. A view that has become invalid
    is left out. Raises SQLAlchemy's exceptions.
    """
    inspector: Inspector = inspect(connection)
    views = frozenset(inspector.get_view_names())
    shadows = set(connection.execute(text(SHADOWS)).scalars())
    names = sorted(views.union(inspector.get_table_names()) - shadows)
    comments = {name: read_comments(sql or "") for name, sql in connection.execute(text(CREATE_STATEMENTS))}
    version = str(connection.execute(text("SELECT sqlite_version()")).scalar_one())
    return Structure(version, tuple(_tables(inspector, connection, names, comments)), views)


def _tables(
    inspector: Inspector, connection: Connection, names: list[str], comments: Mapping[str, Comments]
) -> Iterator[Table]:
    for name in names:
        try:
            columns = _columns(connection, name, comments.get(name, Comments()))
        except OperationalError:
            log.warning("table_left_out", table=name, reason="its columns can't be read")
            continue
        yield Table(name, columns, comments.get(name, Comments()).table, _foreign_keys(inspector, name))


def _columns(connection: Connection, table: str, comments: Comments) -> tuple[Column, ...]:
    rows = connection.execute(text(COLUMNS), {"name": table}).mappings()
    return tuple(
        Column(
            name=row["name"],
            type=row["type"] or ANY,
            comment=comments.columns.get(row["name"], ""),
            nullable=not row["required"] and not row["pk"],
            primary_key=row["pk"] > 0,
        )
        for row in rows
    )


def _foreign_keys(inspector: Inspector, table: str) -> tuple[ForeignKey, ...]:
    return tuple(
        ForeignKey(tuple(key["constrained_columns"]), key["referred_table"], tuple(key["referred_columns"]))
        for key in inspector.get_foreign_keys(table)
    )

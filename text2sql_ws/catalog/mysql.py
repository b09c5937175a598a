"""The structure of a MySQL database, or of one that speaks its protocol. [sqlalchemy]

Asked of `information_schema` in four statements, not of SQLAlchemy's inspector: that one sends SHOW CREATE
TABLE for every table, which an account with SELECT alone may not do for a view, which other servers of this
protocol answer in words of their own, and which costs a round trip each. Blocking: call it in `run_sync`.
"""

import re
from collections import defaultdict

from sqlalchemy import Connection, RowMapping, text

from text2sql_ws.catalog.structure import Structure
from text2sql_ws.schema import Column, ForeignKey, Table

TABLES = """
    SELECT table_name AS name, table_type AS kind, table_comment AS comment
    FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name
"""
COLUMNS = """
    SELECT table_name AS owner, column_name AS name, column_type AS type, column_comment AS comment,
           is_nullable AS nullable, column_key AS key_kind
    FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position
"""
FOREIGN_KEYS = """
    SELECT table_name AS owner, constraint_name AS name, column_name AS column_name,
           referenced_table_name AS referred_table, referenced_column_name AS referred_column
    FROM information_schema.key_column_usage
    WHERE table_schema = DATABASE() AND referenced_table_schema = DATABASE()
    ORDER BY table_name, constraint_name, ordinal_position
"""
VALUE = re.compile(r"'((?:[^']|'')*)'")
# Says nothing of the values, but for tinyint(1), which is how this database spells boolean.
DISPLAY_WIDTH = re.compile(r"^(?!tinyint\(1\))((?:tiny|small|medium|big)?int)\(\d+\)", re.IGNORECASE)
SHOWN_VALUES = 20


def read_structure(connection: Connection) -> Structure:
    """Every table and view of the connection's database. A view that has become invalid has no columns and
    is left out. Raises SQLAlchemy's exceptions.
    """
    version = str(connection.execute(text("SELECT VERSION()")).scalar_one())
    columns = _columns(connection)
    foreign_keys = _foreign_keys(connection)
    rows = connection.execute(text(TABLES)).mappings().all()
    tables = [
        Table(row["name"], tuple(columns[row["name"]]), _table_comment(row), tuple(foreign_keys[row["name"]]))
        for row in rows
        if row["name"] in columns
    ]
    return Structure(version, tuple(tables), frozenset(row["name"] for row in rows if _is_view(row)))


def _columns(connection: Connection) -> defaultdict[str, list[Column]]:
    columns: defaultdict[str, list[Column]] = defaultdict(list)
    for row in connection.execute(text(COLUMNS)).mappings():
        columns[row["owner"]].append(_column(row))
    return columns


def _column(row: RowMapping) -> Column:
    # BINARY columns in information_schema come as bytes from some servers.
    declared = _text(row["type"])
    return Column(
        name=row["name"],
        type=DISPLAY_WIDTH.sub(r"\1", declared),
        comment=_text(row["comment"]),
        nullable=row["nullable"] == "YES",
        primary_key=row["key_kind"] == "PRI",
        examples=_listed_values(declared),
    )


def _foreign_keys(connection: Connection) -> defaultdict[str, list[ForeignKey]]:
    parts: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for row in connection.execute(text(FOREIGN_KEYS)).mappings():
        key = (row["owner"], row["name"], row["referred_table"])
        parts.setdefault(key, []).append((row["column_name"], row["referred_column"]))
    keys: defaultdict[str, list[ForeignKey]] = defaultdict(list)
    for (owner, _, referred_table), pairs in parts.items():
        columns, referred = zip(*pairs, strict=True)
        keys[owner].append(ForeignKey(columns, referred_table, referred))
    return keys


def _listed_values(declared: str) -> tuple[str, ...]:
    """The values of an ENUM or SET, which its type lists."""
    if not declared.lower().startswith(("enum(", "set(")):
        return ()
    return tuple(value.replace("''", "'") for value in VALUE.findall(declared))[:SHOWN_VALUES]


def _is_view(row: RowMapping) -> bool:
    return "VIEW" in str(row["kind"]).upper()


def _table_comment(row: RowMapping) -> str:
    """A view's "comment" is the word VIEW, or a complaint that it is invalid."""
    return "" if _is_view(row) else _text(row["comment"])


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")

"""Which tables and databases may be named, and the names that are never tables of the user's.

The one rule: a name is judged as it is written, without asking the database what it stands for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals
from text2sql_ws.sql.functions import listed

# Virtual tables of SQLite (sqlite.org/vtablist.html) that tell about the file, the server's disk or the
# statements, or that make rows without end; every name that starts with sqlite_ or pragma_ is refused too.
_SQLITE_INTERNAL = listed("""
    bytecode carray completion csv dbstat explain fsdir fts3aux fts3tokenize fts5vocab generate_series lines
    memstat prefixes series stmt swarmvtab tables_used unionvtab vtablog wholenumber zipfile
""")
# MariaDB's sequence engine: seq_1_to_1000000000 is a table of that many rows.
_SEQUENCE = re.compile(r"seq_(\d{1,20})_to_(\d{1,20})(?:_step_(\d{1,20}))?", re.IGNORECASE)
_SEQUENCE_ROWS = 100_000
# Tables that aren't: MySQL's empty FROM, and the functions that stand as a table.
_NO_TABLES = frozenset({"dual"})


@dataclass(frozen=True, slots=True)
class Reach:
    """What of a database may be read. `tables`: `None` is all of `database`; names compare without case."""

    dialect: SqlDialect
    database: str
    tables: frozenset[str] | None
    schema: Mapping[str, Sequence[str]]
    _known: dict[str, str] = field(init=False)
    _allowed: frozenset[str] | None = field(init=False)

    def __post_init__(self) -> None:
        allowed = None if self.tables is None else frozenset(name.casefold() for name in self.tables)
        object.__setattr__(self, "_allowed", allowed)
        object.__setattr__(self, "_known", {name.casefold(): name for name in self.schema})

    def table(self, database: str, name: str) -> str:
        """The table's name as the schema has it (else as written). Raises `Fault` when it may not be read."""
        if database:
            self.check_database(database)
        folded = name.casefold()
        if not database and self._is_no_table(folded):
            return ""
        if self.dialect == "sqlite" and self._is_internal(folded):
            raise refusals.not_permitted("system_table", name=name)
        if self._allowed is not None and folded not in self._allowed:
            raise refusals.not_permitted("table", name=name)
        return self._known.get(folded, name)

    def check_database(self, name: str) -> None:
        """Raise `Fault` unless `name` is the data source's own database."""
        own = name.casefold() == "main" if self.dialect == "sqlite" else name == self.database
        if not own or not name:
            raise refusals.not_permitted("database", name=name)

    def columns(self, table: str) -> Sequence[str]:
        """The columns of a table as the schema has them, in order; empty where it is not known."""
        return self.schema.get(self._known.get(table.casefold(), table), ())

    def _is_internal(self, folded: str) -> bool:
        reserved = folded.startswith(("sqlite_", "pragma_"))
        return reserved or (folded in _SQLITE_INTERNAL and folded not in self._known)

    def _is_no_table(self, folded: str) -> bool:
        if self.dialect == "sqlite":
            return False
        return folded in _NO_TABLES or (folded not in self._known and _is_short_sequence(folded))


def _is_short_sequence(name: str) -> bool:
    found = _SEQUENCE.fullmatch(name)
    if found is None:
        return False
    first, last, step = int(found[1]), int(found[2]), max(1, int(found[3] or 1))
    if abs(last - first) // step > _SEQUENCE_ROWS:
        raise refusals.not_read_only("sequence_table", name=name, limit=_SEQUENCE_ROWS)
    return True

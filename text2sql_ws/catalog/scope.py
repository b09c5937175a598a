"""What of a database may be seen: the operator's allow-list of tables and the denied columns. Pure.

Names compare without case, as most databases compare them. A foreign key goes with either of its ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from text2sql_ws.schema import ForeignKey, Table
from text2sql_ws.settings import DataSource


@dataclass(frozen=True, slots=True)
class Scope:
    """`tables` empty means all; `denied` holds (table, column) pairs. Both case-folded."""

    tables: frozenset[str]
    denied: frozenset[tuple[str, str]]

    def trim(self, tables: Iterable[Table]) -> tuple[Table, ...]:
        """The tables that may be seen, in the given order, without what is denied and what points at it."""
        kept = [self._trim_columns(table) for table in tables if self._allows(table.name)]
        columns = {
            (table.name.casefold(), column.name.casefold()) for table in kept for column in table.columns
        }
        return tuple(_trim_keys(table, columns) for table in kept if table.columns)

    def _allows(self, table: str) -> bool:
        return not self.tables or table.casefold() in self.tables

    def _trim_columns(self, table: Table) -> Table:
        columns = (
            column
            for column in table.columns
            if (table.name.casefold(), column.name.casefold()) not in self.denied
        )
        return replace(table, columns=tuple(columns))


def scope_of(datasource: DataSource) -> Scope:
    """What the settings of a data source allow; `settings.py` has checked that denied columns have a dot."""
    denied = (name.casefold().split(".") for name in datasource.denied_columns)
    return Scope(
        tables=frozenset(name.casefold() for name in datasource.tables),
        denied=frozenset((table, column) for table, column in denied),
    )


def _trim_keys(table: Table, known: set[tuple[str, str]]) -> Table:
    return replace(
        table, foreign_keys=tuple(key for key in table.foreign_keys if _is_whole(table.name, key, known))
    )


def _is_whole(table: str, key: ForeignKey, known: set[tuple[str, str]]) -> bool:
    ends = [(table, column) for column in key.columns]
    ends += [(key.referred_table, column) for column in key.referred_columns]
    return all((owner.casefold(), column.casefold()) in known for owner, column in ends)

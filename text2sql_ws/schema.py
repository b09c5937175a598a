"""What a database looks like to the rest of the product: tables, columns, keys. Values only, no I/O."""

from dataclasses import dataclass, replace
from typing import Literal

SqlDialect = Literal["mysql", "sqlite", "starrocks", "doris", "tidb"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `type` is the database's own words (`VARCHAR(20)`); `examples` are values it holds."""

    name: str
    type: str
    comment: str = ""
    nullable: bool = True
    primary_key: bool = False
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of the table that holds it point at `referred_columns` of `referred_table`."""

    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    comment: str = ""
    foreign_keys: tuple[ForeignKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables a question may use, in a stable order, and the database they live in.

    `version` is the server's own version text, such as `10.11.6-MariaDB` or `3.45.1`.
    """

    datasource: str
    dialect: SqlDialect
    version: str
    tables: tuple[Table, ...]

    def without_values(self) -> "Schema":
        """The same, except that it says nothing of what the columns hold."""
        tables = [
            replace(table, columns=tuple(replace(column, examples=()) for column in table.columns))
            for table in self.tables
        ]
        return replace(self, tables=tuple(tables))

"""A SELECT under construction, and what differs between dialects. Writes text; decides nothing.

Joins are added when a column is asked for along its path, once each; names are quoted where they need it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from text2sql_ws.llm.offline.calendar import Grain
from text2sql_ws.llm.offline.database import Field, Step
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.tokens import listed

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    listed(
        "add all alter and as asc between by case check column condition create cross "
        "current_date current_time database default delete desc distinct div drop else end except "
        "exists explain false for foreign from full function group groups having if in index "
        "inner insert intersect interval into is join key keys kill lead left like limit lock "
        "match mod natural not null of offset on or order outer over partition primary procedure "
        "range rank read recursive references regexp rename repeat replace return right row rows "
        "row_number schema select set show signal sql table then to trigger true union unique "
        "update usage use using values virtual when where while window with write xor year_month "
        "system lag ntile option plan count sum avg min max date time timestamp year month day "
        "quarter week hour minute second char character number text status type name"
    )
) - {
    "status",
    "type",
    "name",
    "date",
    "time",
    "year",
    "month",
    "day",
    "text",
    "count",
    "number",
    "quarter",
    "week",
}


def quoted(name: str) -> str:
    """A name as it may stand in a statement, in backticks where it must."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return "`" + name.replace("`", "``") + "`"


def alias(text: str) -> str:
    """What a column of the result is called: always quoted, never empty, never long."""
    return "`" + (" ".join(text.replace("`", "").split())[:60] or "value") + "`"


def literal(value: object) -> str:
    """A value as SQL. Text doubles its quotes; backslashes are `Select.escaped`'s."""
    match value:
        case None:
            return "NULL"
        case date():
            return f"'{value.isoformat()}'"
        case Decimal():
            return format(value.normalize(), "f")
        case int() | float():
            return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def bucket(dialect: str, grain: Grain, column: str) -> str:
    """The day, week, month, quarter or year of a date, as a text or number that sorts in time."""
    if dialect == "sqlite":
        quarter = f"strftime('%Y', {column}) || '-Q' || ((CAST(strftime('%m', {column}) AS INTEGER) + 2) / 3)"
        return {
            "day": f"date({column})",
            "week": f"date({column}, '-6 days', 'weekday 1')",
            "month": f"strftime('%Y-%m', {column})",
            "quarter": quarter,
            "year": f"strftime('%Y', {column})",
        }[grain]
    return {
        "day": f"DATE({column})",
        "week": f"DATE(DATE_SUB({column}, INTERVAL WEEKDAY({column}) DAY))",
        "month": f"DATE_FORMAT({column}, '%Y-%m')",
        "quarter": f"CONCAT(YEAR({column}), '-Q', QUARTER({column}))",
        "year": f"YEAR({column})",
    }[grain]


def part(dialect: str, grain: Grain, column: str) -> str:
    """The month or quarter within its year, as a number."""
    if dialect == "sqlite":
        month = f"CAST(strftime('%m', {column}) AS INTEGER)"
        return month if grain == "month" else f"(({month} + 2) / 3)"
    return f"MONTH({column})" if grain == "month" else f"QUARTER({column})"


def joined_text(dialect: str, parts: Sequence[str]) -> str:
    """Texts one after the other, a space between."""
    if len(parts) == 1:
        return parts[0]
    return " || ' ' || ".join(parts) if dialect == "sqlite" else f"CONCAT_WS(' ', {', '.join(parts)})"


@dataclass(slots=True)
class Select:
    """One SELECT. Columns are asked for by their path from `base`; the joins follow from that."""

    base: str
    dialect: str
    columns: list[tuple[str, str]] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    having: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    limit: int | None = None
    distinct: bool = False
    outer: bool = False
    taken: set[str] = field(default_factory=set)
    _joins: dict[Path, tuple[str, str]] = field(default_factory=dict)
    _own: str = ""

    def __post_init__(self) -> None:
        self._own = self._fresh(self.base)

    def column(self, path: Path, name: str) -> str:
        """`name` of the table at the end of `path`, joined when it is not yet."""
        return f"{self.table(path)}.{quoted(name)}"

    def value(self, path: Path, item: Field) -> str:
        """The column of a field, or the product that it stands for."""
        if item.factors is None:
            return self.column(path, item.name)
        return " * ".join(self.column(path, name) for name in item.factors)

    def table(self, path: Path) -> str:
        """The short name of the table at the end of `path`."""
        if not path:
            return self._own
        if path not in self._joins:
            before, step = self.table(path[:-1]), path[-1]
            mine = self._fresh(step.other)
            how = "LEFT JOIN" if self.outer else "JOIN"
            self._joins[path] = (mine, f"{how} {quoted(step.other)} AS {mine} ON {_on(before, step, mine)}")
        return self._joins[path][0]

    def escaped(self, condition: str) -> str:
        """A condition with the backslashes of its texts as this dialect wants them: SQLite keeps them as
        they are.
        """
        return condition if self.dialect == "sqlite" else condition.replace("\\", "\\\\")

    def show(self, expression: str, name: str) -> None:
        """Add a column to the result; a name that is taken gets a number."""
        names = {shown for _, shown in self.columns}
        fresh, number = name, 2
        while fresh in names:
            fresh, number = f"{name} {number}", number + 1
        self.columns.append((expression, fresh))

    def text(self) -> str:
        """The statement, one clause a line."""
        shown = ", ".join(f"{sql} AS {alias(name)}" for sql, name in self.columns)
        return "\n".join(self._clauses(f"SELECT {'DISTINCT ' if self.distinct else ''}{shown}", "\n  AND "))

    def existence(self) -> str:
        """The statement on one line, for asking whether it has any row."""
        return " ".join(self._clauses("SELECT 1", " AND "))

    def _clauses(self, opening: str, conjunction: str) -> list[str]:
        lines = [opening, f"FROM {quoted(self.base)} AS {self._own}"]
        lines += [join for _, join in self._joins.values()]
        clauses = (
            ("WHERE", self.where, conjunction),
            ("GROUP BY", self.groups, ", "),
            ("HAVING", self.having, conjunction),
            ("ORDER BY", self.order, ", "),
        )
        lines += [f"{word} {glue.join(dict.fromkeys(parts))}" for word, parts, glue in clauses if parts]
        return lines if self.limit is None else [*lines, f"LIMIT {self.limit}"]

    def tables(self) -> list[str]:
        """The tables read, in order."""
        return [self.base, *(path[-1].other for path in self._joins)]

    def _fresh(self, table: str) -> str:
        words = re.findall(r"[A-Za-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", table))
        short = "".join(word[0] for word in words).lower()[:3] or "t"
        name, number = short, 2
        while name in self.taken or name in _RESERVED:
            name, number = f"{short}{number}", number + 1
        self.taken.add(name)
        return name


def _on(before: str, step: Step, mine: str) -> str:
    pairs = zip(step.columns, step.others, strict=True)
    return " AND ".join(f"{mine}.{quoted(there)} = {before}.{quoted(here)}" for here, there in pairs)

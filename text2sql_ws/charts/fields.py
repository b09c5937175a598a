"""What each column of a result is to a chart: a measure, a point in time, a category, an identifier. Pure.

Names and types propose, values decide: a text column whose values all read `2025-03` is a month.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from text2sql_ws.events import ResultColumn

Role = Literal["measure", "period", "sequence", "category", "identifier", "other"]
Grain = Literal["year", "quarter", "month", "date", "datetime"]

NUMERIC = frozenset({"integer", "number", "decimal"})
YEAR = r"(?:19|20)\d\d"
GRAINS: tuple[tuple[Grain, re.Pattern[str]], ...] = (
    ("year", re.compile(rf"{YEAR}年?")),
    ("quarter", re.compile(rf"{YEAR}[-/ 年]?(?:[Qq][1-4]|第?[1-4]季度?)")),
    ("month", re.compile(rf"{YEAR}(?:[-/.年](?:0?[1-9]|1[0-2])月?|(?:0[1-9]|1[0-2]))")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d(?:T00:00:00)?")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?")),
)
SEQUENCE_NAME = re.compile(
    r"month|quarter|week|hour|(?<![a-z])day|月|季|周|星期|小时|时段|几号", re.IGNORECASE
)
SEQUENCE_VALUE = re.compile(r"[Qq第]?\d{1,2}(?:月份?|季度?|[日号时点周])?")
YEAR_NAME = re.compile(r"year|年", re.IGNORECASE)
IDENTIFIER_NAME = re.compile(
    r"(?<![A-Za-z])(?:id|no|code|sku|zip|phone|rank|ranking|rn|row_number)$|(?-i:[a-z]I[Dd])$|编号|编码|代码|单号|序号|号码"
    r"|主键|排名|名次|邮编|电话|手机|^id\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One column with its values, in the rows' order. `grain` is given for periods only.

    `alias` is a name that no column has, for what a chart calculates from this one.
    """

    name: str
    alias: str
    role: Role
    values: tuple[Any, ...]
    grain: Grain | None = None

    @property
    def distinct(self) -> int:
        return len({_key(value) for value in self.values})

    @property
    def is_unique(self) -> bool:
        return self.distinct == len(self.values)

    @property
    def numbers(self) -> list[float]:
        """The values that are numbers, decimals and big integers read from their strings; NULLs left out."""
        return [number for value in self.values if (number := _number(value)) is not None]


def read_fields(columns: Sequence[ResultColumn], rows: Sequence[Sequence[Any]]) -> tuple[Field, ...]:
    """A field for every column, in order."""
    leading = (len(column.name) - len(column.name.lstrip("c")) for column in columns)
    prefix = "c" * (1 + max(leading, default=0))
    return tuple(
        _field(f"{prefix}{index}", column, tuple(row[index] for row in rows))
        for index, column in enumerate(columns)
    )


def are_unique_together(*fields: Field) -> bool:
    """Does no combination of the fields' values occur in two rows?"""
    combined = list(zip(*(map(_key, field.values) for field in fields), strict=True))
    return len(set(combined)) == len(combined)


def _field(alias: str, column: ResultColumn, values: tuple[Any, ...]) -> Field:
    grain = _grain(column, values)
    role: Role = "period" if grain else _role(column, values)
    return Field(column.name, alias, role, values, grain)


def _role(column: ResultColumn, values: Sequence[Any]) -> Role:
    if column.type in ("binary", "json", "time"):
        return "other"
    if _is_sequence(column, values):
        return "sequence"
    if IDENTIFIER_NAME.search(column.name):
        return "identifier"
    return "measure" if column.type in NUMERIC else "category"


def _grain(column: ResultColumn, values: Sequence[Any]) -> Grain | None:
    """The one pattern of time that all values share. A bare number is a year only if its name says so."""
    if column.type not in ("string", "date", "datetime", "integer"):
        return None
    if column.type == "integer" and not YEAR_NAME.search(column.name):
        return None
    texts = [str(value) for value in values if value is not None]
    known = GRAINS[:1] if column.type == "integer" else GRAINS
    return next((grain for grain, form in known if texts and all(map(form.fullmatch, texts))), None)


def _is_sequence(column: ResultColumn, values: Sequence[Any]) -> bool:
    """Months, weekdays, hours as bare numbers: they have an order, and are no measure."""
    return bool(SEQUENCE_NAME.search(column.name)) and all(
        value is None or SEQUENCE_VALUE.fullmatch(str(value)) for value in values
    )


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _key(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else str(value)

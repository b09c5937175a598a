"""What a stretch of a question was found to be: kinds, links into the schema, and the mark that carries them.

Each kind is one letter, so that a question read is a string of letters and a rule of reading is a regular
expression over it (`reductions.py`). Values only; nothing is decided here.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from text2sql_ws.llm.offline.calendar import Period

NAMED_AFTER = 0.02
"""How much less a column scores than the table that is named after it."""

Comparison = Literal["=", "<>", ">", ">=", "<", "<="]


class Kind(StrEnum):
    TABLE = "T"
    MEASURE = "N"  # a column of numbers that may be summed or compared
    COLUMN = "D"  # any other column: text, code, flag, key
    DATE = "d"
    VALUE = "V"
    PERIOD = "P"
    NUMBER = "n"
    VERB = "v"  # "入职", "ordered": hints at a table or a date column
    HOW_MANY = "H"
    COUNTED = "U"  # a suffix that counts what stands before it: "订单数", "order count"
    SUM = "S"
    AVERAGE = "A"
    MAXIMUM = "x"
    MINIMUM = "y"
    MOST = "X"  # "最高", "lowest", "most expensive": payload is the direction, concept the implied column
    TOP = "K"  # "前5", "top 10": number is how many
    EACH = "G"
    BY = "B"
    GRAIN = "g"  # "月", "quarter"
    PERIODIC = "b"  # "每月", "monthly"
    TREND = "R"
    SHARE = "p"
    GROWTH = "q"  # payload: "yoy", "mom" or ""
    VERSUS = "M"
    COMPARE = "Z"  # before its number: "超过", "more than"
    BOUND = "z"  # after its number: "以上", "or more"
    BETWEEN = "w"
    NOT = "l"
    WITHOUT = "O"
    HAVING = "e"
    WHICH = "W"
    DISTINCT = "u"
    AND = "a"
    OR = "r"
    COMMA = "c"
    OF = "o"
    NULL = "j"
    SORT = "s"
    RATE = "f"  # "率" behind a noun
    LIKE = "k"
    QUOTED = "Q"
    STOP = "_"
    UNKNOWN = "i"


@dataclass(frozen=True, slots=True)
class Link:
    """A table, or a column of one, that words may mean; `score` is at most 1."""

    table: str
    column: str | None
    score: float


@dataclass(frozen=True, slots=True)
class ValueLink:
    """A condition that words may mean: `column = literal`; a literal of `None` is NULL, negated for "not".

    A vague literal may be short for what the column holds.
    """

    table: str
    column: str
    literal: str | int | None
    score: float
    negated: bool = False
    vague: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the language: `payload` depends on the kind (a direction, an operator, a grain)."""

    kind: Kind
    payload: str = ""
    concept: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the question, `start` to `end` in characters, and all that it may mean."""

    kind: Kind
    text: str
    start: int
    end: int
    links: tuple[Link, ...] = ()
    values: tuple[ValueLink, ...] = ()
    payload: str = ""
    concept: str = ""
    number: Decimal | None = None
    percent: bool = False
    period: Period | None = None
    same_period: bool = False

    def tables(self) -> tuple[str, ...]:
        """The tables it may name, the likeliest first."""
        return tuple(link.table for link in self.links if link.column is None)

    def amounts(self) -> tuple[Link, ...]:
        """The columns that a table is named after ("sales target"): as likely meant as the table itself."""
        best = max(self.links, key=lambda link: link.score, default=None)
        if best is None:
            return ()
        near = best.score - NAMED_AFTER
        return tuple(
            x for x in self.links if x.table == best.table and x.column is not None and x.score >= near
        )

    def columns(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.column is not None)

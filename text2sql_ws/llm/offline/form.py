"""What a question asks, before it is known which tables answer it: measures, groups, conditions, a ranking.

Values only. Links still carry all their candidates; `resolving.py` chooses among them.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from text2sql_ws.llm.offline.calendar import Grain
from text2sql_ws.llm.offline.marks import Comparison, Kind, Link, Mark, ValueLink

Aggregate = Literal["", "count", "distinct", "sum", "avg", "max", "min"]
Direction = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that has a number: a column, or how many rows. `aggregate` is "" where nobody said how.

    `per` is the thing of "average orders per customer"; `about` the table that was named beside it.
    """

    aggregate: Aggregate
    links: tuple[Link, ...]
    text: str
    per: tuple[Link, ...] = ()
    about: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A thing or an attribute to group by or to show."""

    links: tuple[Link, ...]
    text: str

    def amounts(self) -> tuple[Link, ...]:
        """The columns that the thing is named after, as `Mark.amounts` has them."""
        return self.links and Mark(Kind.TABLE, self.text, 0, 0, self.links).amounts()


@dataclass(frozen=True, slots=True)
class ValueIs:
    """One of `choices` (each with its candidates) holds, or none of them if negated."""

    choices: tuple[tuple[ValueLink, ...], ...]
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """The name of what `links` mean is, or holds, a text that the schema does not show."""

    links: tuple[Link, ...]
    literal: str
    exact: bool
    text: str
    negated: bool = False
    like: str = "contains"
    person: bool = False


@dataclass(frozen=True, slots=True)
class Bounded:
    operand: Operand
    bounds: tuple[tuple[Comparison, Decimal], ...]
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """One column against another of the same row."""

    left: tuple[Link, ...]
    comparison: Comparison
    right: tuple[Link, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A column is NULL (or is not, if negated)."""

    links: tuple[Link, ...]
    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """There is a row of one of these tables that belongs to it; there is none, if negated."""

    links: tuple[Link, ...]
    text: str
    negated: bool = False


Condition = ValueIs | Named | Bounded | Compared | Missing | Related


@dataclass(frozen=True, slots=True)
class Ranking:
    """Sort by `operand` (or by the question's measure) and keep `limit` (None: all). `within`: in each of
    these.
    """

    direction: Direction
    limit: int | None
    operand: Operand | None = None
    concept: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question read. What is in `unread` has no place in it: it must not be answered as if it had."""

    text: str
    locale: Literal["zh", "en"]
    measures: tuple[Operand, ...] = ()
    groups: tuple[Target, ...] = ()
    bucket: Grain | None = None
    conditions: tuple[Condition, ...] = ()
    periods: tuple[Mark, ...] = ()
    ranking: Ranking | None = None
    subject: Target | None = None
    shown: tuple[Target, ...] = ()
    dated: tuple[Link, ...] = ()
    nearby: tuple[Target, ...] = ()
    hints: tuple[Link, ...] = ()
    trend: bool = False
    share: bool = False
    rate: bool = False
    growth: str | None = None
    versus: bool = False
    distinct: bool = False
    sort: Direction | None = None
    everything: bool = False
    limit: int | None = None
    unread: tuple[str, ...] = field(default=())

    def but(self, **changes: object) -> "Question":
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Why a question is not answered: `reason` is a key of `talk.py`, `words` what it is about."""

    reason: str
    words: tuple[str, ...] = ()

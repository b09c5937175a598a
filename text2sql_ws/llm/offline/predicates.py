"""Conditions on one column as SQL text: a range of dates, values, bounds, a name that may be short. Pure."""

from collections.abc import Callable, Sequence

from text2sql_ws.llm.offline.calendar import Period
from text2sql_ws.llm.offline.database import Field
from text2sql_ws.llm.offline.form import Bounded
from text2sql_ws.llm.offline.holdings import MOST_SHOWN
from text2sql_ws.llm.offline.marks import ValueLink
from text2sql_ws.llm.offline.writing import literal


def within(column: str, period: Period) -> str:
    """A half-open range."""
    tests = [f"{column} >= {literal(period.start)}"] if period.start else []
    tests += [f"{column} < {literal(period.end)}"] if period.end else []
    return " AND ".join(tests)


def equal_test(values: Sequence[object], negations: Sequence[bool], negated: bool) -> Callable[[str], str]:
    if any(value is None for value in values):
        word = "IS NOT NULL" if negations[0] != negated else "IS NULL"
        return lambda column: f"{column} {word}"
    listed = ", ".join(literal(value) for value in dict.fromkeys(values))
    if len(values) == 1:
        return lambda column: f"{column} {'<>' if negated else '='} {listed}"
    return lambda column: f"{column} {'NOT IN' if negated else 'IN'} ({listed})"


def vague_test(texts: Sequence[str], negated: bool) -> Callable[[str], str]:
    """Equal to a text, or to something that it is short for: 财务部 for 财务管理部."""

    def test(column: str) -> str:
        either = " OR ".join(
            f"{column} = {literal(text)} OR {column} LIKE {literal('%'.join(text) + '%')}" for text in texts
        )
        return f"{'NOT ' if negated else ''}({either})"

    return test


def is_vague(text: str, fields: Sequence[Field]) -> bool:
    """A short Chinese text, for a column that does not show all that it holds."""
    return (
        len(fields) == 1
        and len(text) <= 4
        and not text.isascii()
        and len(fields[0].column.examples) >= MOST_SHOWN
    )


def said(values: Sequence[ValueLink], negated: bool) -> str:
    if values[0].literal is None:
        return "IS NOT NULL" if values[0].negated != negated else "IS NULL"
    return ("≠ " if negated else "= ") + ", ".join(str(value.literal) for value in values)


def bounds_test(condition: Bounded) -> Callable[[str], str]:
    return lambda column: " AND ".join(
        f"{column} {operator} {literal(value)}" for operator, value in condition.bounds
    )

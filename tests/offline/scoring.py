"""Whether an answer is right: its rows against those of the reference SQL, as a fair reader would compare.

Forgiven: other names and order of columns, extra columns (a label, an id), rounding to two decimals (four
below 1), the way a period is written. Not forgiven: a row too many or too few, another value, another order
where the question asks for one.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count, permutations

Cell = float | str | None
Row = tuple[Cell, ...]

TOLERANCE = 1e-9
MAX_ANSWER_COLUMNS = 12
MAX_ROWS = 5_000
TICK, MAX_TICKS = 100_000, 1_000
"""A statement may take `TICK` times `MAX_TICKS` steps of SQLite's virtual machine: some seconds."""


class Outcome(StrEnum):
    CORRECT = "correct"
    NOT_UNDERSTOOD = "not understood"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Question:
    """`sql` holds the reference statements, any of which is right; none: the answer is words, without SQL.

    More than one is there only where a person would accept either, such as a share of 0.25 or of 25 percent.
    """

    text: str
    locale: str
    sql: tuple[str, ...]
    ordered: bool


def judge(question: Question, content: str, database: sqlite3.Connection, today: str) -> Outcome:
    """Run the SQL of the answer `content` and compare; an SQL that the database refuses is wrong."""
    sql = sql_block(content)
    if sql is None:
        return Outcome.NOT_UNDERSTOOD if question.sql else Outcome.CORRECT
    if not question.sql:
        return Outcome.WRONG
    try:
        answer = fetch(database, sql, today)
    except sqlite3.Error:
        return Outcome.WRONG
    references = (fetch(database, reference, today) for reference in question.sql)
    right = any(agree(reference, answer, ordered=question.ordered) for reference in references)
    return Outcome.CORRECT if right else Outcome.WRONG


def sql_block(content: str) -> str | None:
    found = re.search(r"```sql\s*\n(.*?)```", content, re.DOTALL)
    return found[1].strip() if found else None


def fetch(database: sqlite3.Connection, sql: str, today: str) -> list[Row]:
    """The rows as `canonical` has them. Raises `sqlite3.Error`, also for a statement that takes too long."""
    parameters = {"today": today} if ":today" in sql else {}
    burnt = count()
    database.set_progress_handler(lambda: next(burnt) >= MAX_TICKS, TICK)
    rows = database.execute(sql, parameters).fetchmany(MAX_ROWS)
    return [tuple(map(canonical, row)) for row in rows]


def agree(reference: Sequence[Row], answer: Sequence[Row], *, ordered: bool) -> bool:
    """Is there a choice of as many different columns of the answer that gives the reference's rows?"""
    if len(reference) != len(answer):
        return False
    if not reference:
        return True
    same = _same_sequence if ordered else _same_multiset
    return any(
        same(reference, [tuple(row[place] for place in places) for row in answer])
        for places in _choices(reference, answer, same)
    )


def _choices(
    reference: Sequence[Row], answer: Sequence[Row], same: Callable[[Sequence[Row], Sequence[Row]], bool]
) -> Iterator[tuple[int, ...]]:
    """Ways to pick a column of the answer for each of the reference, each pick plausible on its own."""
    width, offered = len(reference[0]), len(answer[0])
    if offered > MAX_ANSWER_COLUMNS:
        raise ValueError(f"{offered} columns are too many to compare")
    alike = {
        (mine, theirs)
        for mine in range(width)
        for theirs in range(offered)
        if same([row[mine : mine + 1] for row in reference], [row[theirs : theirs + 1] for row in answer])
    }
    for places in permutations(range(offered), width):
        if all((mine, theirs) in alike for mine, theirs in enumerate(places)):
            yield places


def _same_sequence(reference: Sequence[Row], answer: Sequence[Row]) -> bool:
    return all(_same_row(mine, theirs) for mine, theirs in zip(reference, answer, strict=True))


def _same_multiset(reference: Sequence[Row], answer: Sequence[Row]) -> bool:
    """Numbers that are equal only within the tolerance sort next to each other, so sorting pairs them."""
    return _same_sequence(sorted(reference, key=_sort_key), sorted(answer, key=_sort_key))


def _sort_key(row: Row) -> list[tuple[int, str, float]]:
    """Text first and numbers last, so that noise in a number never reorders rows that differ in text."""
    texts = [(0, str(cell), 0.0) for cell in row if not isinstance(cell, float)]
    numbers = [(1, "", cell) for cell in row if isinstance(cell, float)]
    return texts + numbers


def _same_row(reference: Row, answer: Row) -> bool:
    return all(_same_cell(mine, theirs) for mine, theirs in zip(reference, answer, strict=True))


def _same_cell(reference: Cell, answer: Cell) -> bool:
    if isinstance(reference, float) and isinstance(answer, float):
        return _same_number(reference, answer)
    return reference == answer


def _same_number(reference: float, answer: float) -> bool:
    if abs(reference - answer) <= TOLERANCE * max(abs(reference), abs(answer)):
        return True
    return abs(reference - answer) <= (0.005 if abs(reference) >= 1 else 0.00005) and _is_rounded(answer)


def _is_rounded(number: float) -> bool:
    return round(number, 4) == number


def canonical(cell: object) -> Cell:
    """Numbers as floats, also those written as text; periods as `2025-03`, `2025-Q1`; other text as it is.

    A year or a month alone becomes a number: 2025 and "2025年" are the same, and so are 3, "03" and "3月".
    """
    match cell:
        case None:
            return None
        case bool() | int() | float():
            return float(cell)
        case bytes():
            return cell.hex()
    text = str(cell).strip()
    for pattern, period in _PERIODS:
        if found := pattern.fullmatch(text):
            return period(found)
    return _number_or_text(text)


def _number_or_text(text: str) -> Cell:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _month(found: re.Match[str]) -> Cell:
    return f"{found[1]}-{int(found[2]):02}"


def _day(found: re.Match[str]) -> Cell:
    return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"


def _quarter(found: re.Match[str]) -> Cell:
    return f"{found[1]}-Q{_QUARTERS.get(found[2], found[2])}"


def _alone(found: re.Match[str]) -> Cell:
    return float(_QUARTERS.get(found[1], found[1]))


_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_PERIODS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Cell]], ...] = (
    (re.compile(r"(\d{4})年"), _alone),
    (re.compile(r"(\d{1,2})月"), _alone),
    (re.compile(r"Q([1-4])"), _alone),
    (re.compile(r"第?([1-4一二三四])季度?"), _alone),
    (re.compile(r"(\d{4})[-/](\d{1,2})"), _month),
    (re.compile(r"(\d{4})年(\d{1,2})月"), _month),
    (re.compile(r"(\d{4})-(\d{2})-01"), _month),
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00:00)?"), _day),
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"), _day),
    (re.compile(r"(\d{4})[- ]?Q([1-4])"), _quarter),
    (re.compile(r"(\d{4})年?第?([1-4一二三四])季度?"), _quarter),
    (re.compile(r"(\d{4})年Q([1-4])"), _quarter),
)

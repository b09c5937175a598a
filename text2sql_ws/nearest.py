"""What a name that the database does not know may have meant: the nearest names that there are. Pure.

The database says what is wrong, this says what is there instead: to the person who asked, and to the model
that is asked to do better. Only what the catalogue shows is ever named.
"""

from collections.abc import Collection, Iterable, Iterator
from difflib import SequenceMatcher

from text2sql_ws.errors import Fault
from text2sql_ws.schema import Column, Schema, Table
from text2sql_ws.texts import say

MOST_NAMES = 3
ALIKE = 0.6
"""What `difflib` takes for alike, too."""


def with_nearest(fault: Fault, schema: Schema, read: Collection[str]) -> Fault:
    """`fault`, its message completed by the names that come nearest; itself where there are none.

    `read` has the tables that the statement reads: of names that are as near, theirs come first.
    """
    if fault.misnamed is None:
        return fault
    qualifier, _, name = fault.misnamed.name.rpartition(".")
    match fault.misnamed.kind:
        case "table":
            key, names = "sql.nearest_tables", _tables(name, schema.tables)
        case "column":
            near = {qualifier.casefold(), *(table.casefold() for table in read)}
            key, names = "sql.nearest_columns", _columns(name, schema.tables, near)
        case "ambiguous":
            key, names = "sql.ambiguous", _owners(name, schema.tables, read)
    if not names:
        return fault
    message = say(key, why=fault.message, names=", ".join(names))
    return Fault(fault.code, message, mendable=fault.mendable, misnamed=fault.misnamed)


def _tables(name: str, tables: Iterable[Table]) -> list[str]:
    likeness = _Likeness(name)
    scored = [(likeness.of((table.name, table.comment)), table.name) for table in tables]
    scored.sort(key=lambda each: -each[0])
    return [found for score, found in scored[:MOST_NAMES] if score]


def _columns(name: str, tables: Iterable[Table], near: Collection[str]) -> list[str]:
    """`near`: tables to prefer, case-folded."""
    likeness = _Likeness(name)
    scored = [
        (likeness.of(_spellings(table, column)), table.name.casefold() in near, f"{table.name}.{column.name}")
        for table in tables
        for column in table.columns
    ]
    scored.sort(key=lambda each: (-each[0], not each[1]))
    return [found for score, _, found in scored[:MOST_NAMES] if score]


def _spellings(table: Table, column: Column) -> Iterator[str]:
    """What a column may be called by who does not know it: `department_name` is `departments.name`."""
    yield column.name
    yield f"{table.name}_{column.name}"
    yield column.comment


def _owners(name: str, tables: Iterable[Table], read: Collection[str]) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if table.name in read and column.name.casefold() == name.casefold()
    ]


class _Likeness:
    """How like `name` other words are: 0, or from `ALIKE` to 1 for the same letters."""

    def __init__(self, name: str) -> None:
        self._matcher = SequenceMatcher(autojunk=False)
        self._matcher.set_seq2(name.casefold())

    def of(self, words: Iterable[str]) -> float:
        return max(map(self._ratio, words))

    def _ratio(self, word: str) -> float:
        self._matcher.set_seq1(word.casefold())
        bounds = (self._matcher.real_quick_ratio, self._matcher.quick_ratio, self._matcher.ratio)
        score = 0.0
        for bound in bounds:  # each costs more than the one before, and is never above it
            score = bound()
            if score < ALIKE:
                return 0.0
        return score

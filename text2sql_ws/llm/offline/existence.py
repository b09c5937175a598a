"""EXISTS over a way, and a period that is looked for at its end. Writes text; decides nothing but the
date.
"""

from collections.abc import Callable
from dataclasses import dataclass

from text2sql_ws.llm.offline.calendar import Period
from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.predicates import within
from text2sql_ws.llm.offline.views import View
from text2sql_ws.llm.offline.writing import Select, quoted

Test = Callable[[Select, Path], str]
"""A condition on the table at the end of a path, or an empty text."""


def exists(select: Select, path: Path, test: Test) -> str:
    """EXISTS over `path`: what is to one before the first step to many is joined outside."""
    outside = next((n for n, step in enumerate(path) if not step.to_one), len(path) - 1)
    step, inside = path[outside], path[outside + 1 :]
    outer = select.table(path[:outside])
    inner = Select(step.other, select.dialect, taken=select.taken)
    pairs = zip(step.columns, step.others, strict=True)
    on = [f"{inner.column((), there)} = {outer}.{quoted(here)}" for here, there in pairs]
    inner.where = [*on, *filter(None, [test(inner, inside)])]
    inner.table(inside)
    return f"EXISTS ({inner.existence()})"


@dataclass(frozen=True, slots=True)
class Axis:
    """A period on a date column, which is found from wherever the condition ends up."""

    database: Database
    period: Period
    dated: tuple[Link, ...]

    def write(self, select: Select, path: Path) -> str:
        end = path[-1].other if path else select.base
        found = View(self.database, end).axis(self.dated)
        if found is None:
            return ""
        return within(select.column((*path, *found[0]), found[1].name), self.period)

"""What all kinds of answers share: the base's places, the period's date, and the conditions written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from text2sql_ws.llm.offline import graph
from text2sql_ws.llm.offline.calendar import Period
from text2sql_ws.llm.offline.database import Database, Field
from text2sql_ws.llm.offline.existence import Axis
from text2sql_ws.llm.offline.form import Condition, NotUnderstood, Question, Related, Target
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.placing import IMPOSSIBLE, Place, place
from text2sql_ws.llm.offline.predicates import within
from text2sql_ws.llm.offline.views import View
from text2sql_ws.llm.offline.writing import Select

NO_DATE = 20.0
UNPLACED = 50.0


@dataclass(frozen=True, slots=True)
class Found:
    """A statement, and how the question was read: pairs of a key of `talk.py` and what it says."""

    sql: str
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """All conditions of a question as placed from one base, and the date its periods are about."""

    cost: float
    places: tuple[tuple[Condition, Place], ...]
    axis: tuple[Path, Field] | None
    dated: bool
    nearby: tuple[tuple[Target, Place | None], ...]

    def tables(self) -> set[str]:
        used = {place.table.lower() for _, place in self.places if place.table}
        return used | {place.table.lower() for _, place in self.nearby if place is not None and place.table}


class Solver:
    """One question over one schema."""

    def __init__(self, database: Database, question: Question, today: date) -> None:
        self.database = database
        self.question = question
        self.today = today
        self._views: dict[tuple[str, bool], View] = {}

    def view(self, base: str, *, may_exist: bool = True) -> View:
        """The schema as seen from `base`, made once."""
        known = (base.lower(), may_exist)
        if known not in self._views:
            self._views[known] = View(
                self.database, self.database.entity(base).name, may_exist=may_exist, text=self.question.text
            )
        return self._views[known]

    def filters(
        self,
        question: Question,
        base: str,
        *,
        may_exist: bool = True,
        needs_axis: bool = False,
        subject: Sequence[str] = (),
    ) -> Filters:
        """Place everything that filters. A period goes into "has (no) …" where that has a date of its own."""
        view = self.view(base, may_exist=may_exist)
        conditions, nearby = _with_nearby(question, view, may_exist)
        axis = view.axis(question.dated)
        inner = self._inner(question, conditions, axis, view)
        placed = [(condition, place(view, condition, inner, subject)) for condition in conditions]
        wants = needs_axis or (bool(question.periods) and inner is None)
        cost = sum(one.cost for _, one in placed) + (NO_DATE if wants and axis is None else 0)
        if wants and axis is not None:
            cost += 0.2 * len(axis[0])
        cost += sum(UNPLACED for _, one in nearby if one is not None and one.cost >= IMPOSSIBLE)
        return Filters(cost, tuple(placed), axis, wants and bool(question.periods), nearby)

    def _inner(
        self,
        question: Question,
        conditions: Iterable[Condition],
        axis: tuple[Path, Field] | None,
        view: View,
    ) -> Axis | None:
        """The period as a condition of a related table, where that is what it is about."""
        if not question.periods or question.periods[0].period is None:
            return None
        for condition in conditions:
            if not isinstance(condition, Related):
                continue
            table = condition.links[0].table
            if table.lower() == view.base.lower() or self.view(table).axis(question.dated) is None:
                continue
            explicit = (
                any(link.table.lower() == view.base.lower() for link in question.dated) and axis is not None
            )
            if not explicit:
                return Axis(self.database, question.periods[0].period, question.dated)
        return None

    def apply(
        self, select: Select, filters: Filters, question: Question, skip: Sequence[Condition] = ()
    ) -> None:
        """Write the conditions and the periods into `select`."""
        for condition, found in filters.places:
            if condition not in skip and (sql := found.write(select)):
                select.where.append(sql)
        if filters.dated and filters.axis is not None:
            column = select.column(filters.axis[0], filters.axis[1].name)
            select.where.append(between(column, [mark.period for mark in question.periods if mark.period]))

    def notes(self, filters: Filters, question: Question) -> list[tuple[str, str]]:
        """How the filters were read."""
        notes = [("filter", place.label) for _, place in filters.places if place.label]
        if question.periods:
            words = ", ".join(mark.text for mark in question.periods)
            ranges = ", ".join(_range(mark.period) for mark in question.periods if mark.period)
            what = f"{filters.axis[1].label}: " if filters.axis and filters.dated else ""
            notes.append(("period", f"{words} → {what}{ranges}"))
        return notes

    def blame(self, question: Question, filters: Filters | None) -> NotUnderstood:
        """Say which part found no place."""
        if filters is not None:
            for condition, place in filters.places:
                if place.cost >= IMPOSSIBLE:
                    return NotUnderstood("unplaced", (condition.text,))
            if question.periods and filters.axis is None:
                return NotUnderstood("no_date", tuple(mark.text for mark in question.periods))
            for target, spot in filters.nearby:
                if spot is not None and spot.cost >= IMPOSSIBLE:
                    return NotUnderstood("unplaced", (target.text,))
        return NotUnderstood(
            "unrelated", tuple(t.text for t in (*question.groups, *question.shown, *question.nearby))
        )


def between(column: str, periods: Sequence[Period]) -> str:
    """The periods as ranges; neighbours are one."""
    merged: list[Period] = []
    for period in sorted(periods, key=lambda p: p.start or date.min):
        if merged and merged[-1].end and period.start and merged[-1].end >= period.start:
            end = max(merged[-1].end, period.end) if period.end else None
            merged[-1] = Period(merged[-1].start, end, period.grain)
        else:
            merged.append(period)
    tests = [within(column, period) for period in merged]
    return tests[0] if len(tests) == 1 else "(" + " OR ".join(f"({test})" for test in tests) + ")"


def _with_nearby(
    question: Question, view: View, may_exist: bool
) -> tuple[list[Condition], tuple[tuple[Target, Place | None], ...]]:
    """Things that are named beside the subject: related rows must exist where they are many."""
    conditions = list(question.conditions)
    related = {link.table.lower() for c in conditions if isinstance(c, Related) for link in c.links}
    denied = {
        link.table.lower() for c in conditions if isinstance(c, Related) and c.negated for link in c.links[:1]
    }
    nearby: list[tuple[Target, Place | None]] = []
    for target in question.nearby:
        best = target.links[0].table.lower()
        if best == view.base.lower() or best in related or view.near(best) is not None:
            nearby.append((target, None))
            continue
        path = graph.anyhow(view.database, view.base, best)
        if any(step.other.lower() in denied for step in path or ()):
            nearby.append((target, None))
            continue
        tables = tuple(link for link in target.links if link.column is None)
        if may_exist and tables:
            conditions.append(Related(tables, target.text))
            nearby.append((target, None))
        else:
            nearby.append((target, Place(IMPOSSIBLE, lambda _: "")))
    return conditions, tuple(nearby)


def _range(period: Period) -> str:
    start = period.start.isoformat() if period.start else "…"
    end = period.end.isoformat() if period.end else "…"
    return f"[{start}, {end})"

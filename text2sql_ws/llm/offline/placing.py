"""Where each condition finds its column, seen from one base table, and what that costs.

A condition is placed at the cheapest candidate: well named, near, and without repeating rows. What lies
behind a step "to many" becomes EXISTS. No place at all is a place that costs `IMPOSSIBLE`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from text2sql_ws.llm.offline.columns import amounts, is_people, prices
from text2sql_ws.llm.offline.existence import Axis, exists
from text2sql_ws.llm.offline.form import (
    Bounded,
    Compared,
    Condition,
    Missing,
    Named,
    Related,
    Target,
    ValueIs,
)
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.marks import Link, ValueLink
from text2sql_ws.llm.offline.predicates import bounds_test, equal_test, is_vague, said, vague_test
from text2sql_ws.llm.offline.views import MISFIT, STEP, Shown, Spot, View
from text2sql_ws.llm.offline.writing import Select, literal

IMPOSSIBLE = 100.0
AS_GOOD = 0.1
"""Two readings whose costs differ by less are as good as each other."""

Writer = Callable[[Select], str]


@dataclass(frozen=True, slots=True)
class Place:
    """`write` gives the condition as SQL and adds the joins it needs. `label` says where it was placed."""

    cost: float
    write: Writer
    table: str = ""
    label: str = ""


NOWHERE = Place(IMPOSSIBLE, lambda _: "")
NOTHING_TO_SAY = ""


def place(view: View, condition: Condition, period: Axis | None = None, subject: Sequence[str] = ()) -> Place:
    """The cheapest place of a condition. `period` goes into a `Related` that has a date of its own.

    `subject` are the tables of what is asked for: a name without a noun is the name of such a thing.
    """
    match condition:
        case ValueIs():
            return _value(view, condition)
        case Named():
            return _named(view, condition, subject)
        case Bounded():
            return _bounded(view, condition)
        case Compared():
            return _compared(view, condition)
        case Missing():
            return _missing(view, condition)
        case Related():
            return _related(view, condition, period)


# --- values -------------------------------------------------------------------------------------------


def _value(view: View, condition: ValueIs) -> Place:
    best = NOWHERE
    for candidate in condition.choices[0]:
        values = _of_column(condition, candidate)
        for spot in view.spots([Link(candidate.table, candidate.column, candidate.score)]) if values else ():
            if spot.exists and len(values) > 1 and not condition.negated:
                continue  # "who speak A and B" is not "A or B", and no row holds both
            if spot.cost < best.cost:
                label = f"{spot.field.label} {said(values, condition.negated)}"
                best = Place(
                    spot.cost, _test(spot, _equal(values, condition.negated)), spot.field.table, label
                )
    return best


def _of_column(condition: ValueIs, candidate: ValueLink) -> list[ValueLink]:
    """What each choice is in the candidate's column; nothing, if one of them is not there."""
    column = (candidate.table, candidate.column)
    found = [next((v for v in values if (v.table, v.column) == column), None) for values in condition.choices]
    held = [value for value in found if value is not None]
    return held if len(held) == len(found) else []


def _equal(values: Sequence[ValueLink], negated: bool) -> Callable[[str], str]:
    if any(value.vague for value in values):
        return vague_test([str(value.literal) for value in values], negated)
    return equal_test([value.literal for value in values], [value.negated for value in values], negated)


def _test(spot: Spot, test: Callable[[str], str]) -> Writer:
    """A test of the column at a spot, wherever that is."""

    def on_column(select: Select, path: Path) -> str:
        return select.escaped(test(select.value(path, spot.field)))

    if spot.exists:
        return lambda select: exists(select, spot.path, on_column)
    return lambda select: on_column(select, spot.path)


# --- names --------------------------------------------------------------------------------------------


def _named(view: View, condition: Named, subject: Sequence[str]) -> Place:
    options = view.shown(Target(_bearers(view, condition, subject), ""))
    best = options[0] if options else None
    if best is None or (best.entity is None and not condition.links):
        return NOWHERE
    if best.entity is not None and not best.entity.naming:
        return NOWHERE
    if not condition.links and len(options) > 1 and options[1].cost - best.cost < AS_GOOD:
        return NOWHERE
    thing = best.entity or best.fields[0]
    return Place(
        best.cost, _name_test(condition, best), best.fields[0].table, f"{thing.label} = {condition.literal}"
    )


def _bearers(view: View, condition: Named, subject: Sequence[str]) -> tuple[Link, ...]:
    """What may bear the name: what was named with it, else what is asked for; a person's, only people."""
    if condition.links:
        best = [link for link in condition.links if link.score >= condition.links[0].score - AS_GOOD]
        return tuple([link for link in best if link.column is None][:1] or best[:3])
    tables = list(subject)
    if condition.person:
        tables = [table for table in tables if is_people(view.database.entity(table))]
    if not tables:
        tables = [table for table in view.neighbours() if is_people(view.database.entity(table))]
    return tuple(Link(table, None, 1.0) for table in tables)


def _name_test(condition: Named, best: Shown) -> Writer:
    vague = bool(condition.links) and _is_loose(condition) and is_vague(condition.literal, best.fields)
    operator, text = _likeness(condition)

    def write(select: Select) -> str:
        columns = [select.value(best.path, item) for item in best.fields]
        if vague:
            return select.escaped(vague_test([condition.literal], negated=False)(columns[0]))
        tests = [f"{column} {operator} {literal(text)}" for column in columns]
        return select.escaped(tests[0] if len(tests) == 1 else f"({' OR '.join(tests)})")

    return write


def _is_loose(condition: Named) -> bool:
    return condition.like == "contains" and not condition.exact and not condition.negated


def _likeness(condition: Named) -> tuple[str, str]:
    """The operator and the text: equal, or like."""
    if condition.exact:
        return "<>" if condition.negated else "=", condition.literal
    text = f"{condition.literal}%" if condition.like == "starts" else f"%{condition.literal}%"
    return "NOT LIKE" if condition.negated else "LIKE", text


# --- numbers, columns, NULL ---------------------------------------------------------------------------


def _bounded(view: View, condition: Bounded) -> Place:
    if condition.operand.aggregate:
        return NOWHERE
    implied = prices if condition.operand.text == "price" else amounts
    links = condition.operand.links or implied(view.database, condition.operand.about)
    for spot in view.spots(links):
        if spot.field.role in ("number", "key", "text") and not spot.exists:
            test = bounds_test(condition)
            return Place(spot.cost, _test(spot, test), spot.field.table, test(spot.field.label))
    return NOWHERE


def _compared(view: View, condition: Compared) -> Place:
    """Two columns of one row: only where both are at the end of the same way."""
    pairs = [
        (left, right)
        for left in view.spots(condition.left)
        for right in view.spots(condition.right)
        if left.path == right.path and left.field != right.field
    ]
    best = min(pairs, key=lambda pair: pair[0].cost + pair[1].cost, default=None)
    if best is None:
        return NOWHERE
    left, right = best
    label = f"{left.field.label} {condition.comparison} {right.field.label}"
    return Place(left.cost + right.cost, _comparison(*best, condition.comparison), left.field.table, label)


def _comparison(left: Spot, right: Spot, comparison: str) -> Writer:
    def on_columns(select: Select, path: Path) -> str:
        return f"{select.value(path, left.field)} {comparison} {select.value(path, right.field)}"

    if left.exists:
        return lambda select: exists(select, left.path, on_columns)
    return lambda select: on_columns(select, left.path)


def _missing(view: View, condition: Missing) -> Place:
    word = "IS NOT NULL" if condition.negated else "IS NULL"
    for spot in view.spots(condition.links):
        if not spot.exists:
            write = _test(spot, lambda column: f"{column} {word}")
            return Place(spot.cost, write, spot.field.table, f"{spot.field.label} {word}")
    return NOWHERE


# --- relations ----------------------------------------------------------------------------------------


def _related(view: View, condition: Related, period: Axis | None) -> Place:
    places = [one for link in condition.links if (one := _relation(view, link, condition, period))]
    return min(places, key=lambda one: one.cost, default=NOWHERE)


def _relation(view: View, link: Link, condition: Related, period: Axis | None) -> Place | None:
    path = view.way(link.table)
    if path is None or (not path and condition.negated):
        return None
    cost = (1 - link.score) * MISFIT + STEP * max(len(path) - 1, 0)
    word = "NOT EXISTS" if condition.negated else "EXISTS"
    label = f"{word} {view.database.entity(link.table).label}"
    if not path:
        return Place(cost, lambda _: NOTHING_TO_SAY, link.table, label)

    def within_period(inner: Select, end: Path) -> str:
        return period.write(inner, end) if period else NOTHING_TO_SAY

    denied = "NOT " if condition.negated else ""
    return Place(cost, lambda select: denied + exists(select, path, within_period), link.table, label)

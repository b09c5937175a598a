"""What a measure is in SQL, seen from a base table, and what that costs. Pure.

The one rule: no row is counted or summed twice. A sum is taken on the table that owns the column; things
met along a way "to one" are counted distinct.
"""

from dataclasses import dataclass

from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.form import Operand, Target
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.views import View
from text2sql_ws.llm.offline.writing import Select

_MISFIT = 3.0


@dataclass(frozen=True, slots=True)
class Measure:
    """An aggregate over rows of a base. `counted`: how many rows (or things at the end of `path`)."""

    operand: Operand
    aggregate: str
    path: Path
    field: Field | None
    entity: Entity
    cost: float
    per: Path | None = None

    def sql(self, select: Select, when: str = "") -> str:
        """The aggregate; with `when`, over the rows where that holds."""
        if self.aggregate == "count":
            return f"COUNT(CASE WHEN {when} THEN 1 END)" if when else "COUNT(*)"
        if self.aggregate == "per":
            rows = f"COUNT(CASE WHEN {when} THEN 1 END)" if when else "COUNT(*)"
            return f"ROUND({rows} * 1.0 / COUNT(DISTINCT {self._key(select, self.per or ())}), 2)"
        if self.field is None:
            value, function = self._key(select, self.path), "COUNT"
        else:
            value = select.value(self.path, self.field)
            function = {"distinct": "COUNT"}.get(self.aggregate, self.aggregate.upper())
        value = f"CASE WHEN {when} THEN {value} END" if when else value
        distinct = "DISTINCT " if function == "COUNT" else ""
        return f"{function}({distinct}{value})"

    def _key(self, select: Select, path: Path) -> str:
        """What tells the things at the end of `path` apart: the key on this side, where it is one column."""
        step = path[-1]
        return select.column(path[:-1], step.columns[0])

    def name(self, locale: str) -> str:
        """What to call it in the result."""
        text = self.operand.text.strip()
        if self.aggregate in ("count", "distinct") and (self.field is None or self.aggregate == "distinct"):
            thing = text or self.entity.label
            return _counted(thing, locale)
        if (
            self.aggregate == "avg"
            and locale == "zh"
            and not text.startswith(("平均", "人均"))
            and "平均" not in text
        ):
            return "平均" + text
        if (
            self.aggregate == "avg"
            and locale == "en"
            and "average" not in text.lower()
            and "avg" not in text.lower()
        ):
            return "average " + text
        return text or (self.field.label if self.field else self.entity.label)


def measure(operand: Operand, view: View, database: Database) -> Measure | None:
    """The cheapest reading of an operand from the base of `view`; None where there is none."""
    found = [
        one
        for link in operand.links
        for one in [_measure(operand, link.table, link.column, link.score, view, database)]
        if one
    ]
    return min(found, key=lambda one: one.cost, default=None)


def _measure(
    operand: Operand, table: str, column: str | None, score: float, view: View, database: Database
) -> Measure | None:
    path = view.near(table)
    if path is None:
        return None
    entity = database.entity(table)
    cost = (1 - score) * _MISFIT + 0.3 * len(path) + _strange(operand, table)
    if operand.aggregate == "avg" and operand.per:
        return _per(operand, entity, path, cost, view)
    if column is None:
        if operand.aggregate not in ("count", "distinct") or (path and not entity.primary_key):
            return None
        return Measure(
            operand, "distinct" if path else "count", path, None, entity, cost + (0.8 if path else 0)
        )
    item = database.field(table, column)
    if operand.aggregate in ("count", "distinct"):
        return Measure(operand, "distinct", path, item, entity, cost)
    if item.role == "date":
        return (
            Measure(operand, operand.aggregate, path, item, entity, cost)
            if operand.aggregate in ("min", "max")
            else None
        )
    if item.role != "number" or (path and operand.aggregate not in ("max", "min")):
        return None
    aggregate = operand.aggregate or ("sum" if item.additive else "")
    if not aggregate or (aggregate == "sum" and not item.additive and "price" in item.words):
        return None
    return Measure(operand, aggregate, path, item, entity, cost)


def _per(operand: Operand, entity: Entity, path: Path, cost: float, view: View) -> Measure | None:
    """ "Average orders per customer": rows of the base by distinct customers."""
    if path:
        return None
    options = [one for one in view.shown(Target(operand.per, "")) if one.entity is not None and one.path]
    if not options:
        return None
    return Measure(operand, "per", (), None, entity, cost + options[0].cost, options[0].path)


def _strange(operand: Operand, table: str) -> float:
    """A measure that was said to be of another thing is less likely meant."""
    named = [
        link.table.lower()
        for link in operand.about
        if link.column is None and link.score >= 0.9 and link.table
    ]
    return 0.0 if not named or table.lower() in named else 0.6


def _counted(thing: str, locale: str) -> str:
    if locale == "zh":
        return thing if thing.endswith(("数", "数量", "人数", "量", "次数")) else f"{thing}数"
    low = thing.lower()
    return thing if "number" in low or "count" in low else f"number of {thing}"

"""The schema as seen from one base table: which columns are near, what a thing is shown by, which date is
meant.

From a base one sees far: along ways "to one" freely, along others only through EXISTS. A table that two
equally short ways lead to is not seen at all, because nobody said which is meant.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from text2sql_ws.llm.offline import graph
from text2sql_ws.llm.offline.columns import plainness
from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.form import Target
from text2sql_ws.llm.offline.graph import Path
from text2sql_ws.llm.offline.marks import Link

MISFIT = 3.0
"""What a link costs that fits not at all; one that fits fully costs nothing."""

STEP = 0.3
EXISTS = 2.5
MOSTSTEPS_TO_DATE = 2

_KEY_ASKED = re.compile(r"\bids?$|编号$|\bcodes?$", re.I)
_TAKES_PART = re.compile(r"参加|参与|加入|成员|work|participat|take part|member|join|assign", re.I)
_LEADS = re.compile(r"负责|领导|主管|管理|带领|lead|manage|head|responsible|run", re.I)


class Spot(NamedTuple):
    """A column: a way "to one", or a way that needs EXISTS."""

    cost: float
    path: Path
    field: Field
    exists: bool


class Shown(NamedTuple):
    """What a thing or an attribute is shown by; `entity` is the thing's own table."""

    cost: float
    path: Path
    fields: tuple[Field, ...]
    entity: Entity | None


class View:
    """What can be seen from `base`. `text` is the question, whose verbs decide between ways."""

    def __init__(self, database: Database, base: str, *, may_exist: bool = True, text: str = "") -> None:
        self.database = database
        self.base = base
        self.text = text
        self._may_exist = may_exist
        ways = graph.to_one(database, base)
        self._near = {table: paths[0] for table, paths in ways.items() if len(paths) == 1}

    def near(self, table: str) -> Path | None:
        """The one way to the row of `table` that a row of the base has, or None."""
        return self._near.get(table.lower())

    def neighbours(self) -> list[str]:
        """The tables at most one step away, the base first."""
        return [table for table, path in self._near.items() if len(path) <= 1]

    def spots(self, links: Iterable[Link]) -> list[Spot]:
        """Where the columns of `links` are, the cheapest first. Links to tables are passed over."""
        found = (spot for link in links if link.column is not None for spot in self._spots(link))
        return sorted(found, key=lambda spot: spot.cost)

    def _spots(self, link: Link) -> Iterator[Spot]:
        item = self.database.field(link.table, link.column or "")
        misfit = (1 - link.score) * MISFIT
        path = self.near(link.table)
        if path is not None:
            yield Spot(misfit + _way(self.database, path), path, item, exists=False)
        elif self._may_exist and (around := graph.anyhow(self.database, self.base, link.table)):
            yield Spot(misfit + EXISTS + STEP * len(around), around, item, exists=True)

    def shown(self, target: Target) -> list[Shown]:
        """What a thing or attribute may be shown by, the cheapest first."""
        found = (one for link in target.links if (one := self._shown(link, target.text)) is not None)
        return sorted(found, key=lambda one: one.cost)

    def _shown(self, link: Link, text: str) -> Shown | None:
        path = self.near(link.table)
        if path is None:
            return None
        cost = (1 - link.score) * MISFIT + _way(self.database, path)
        if link.column is None:
            entity = self.database.entity(link.table)
            return Shown(cost, path, entity.naming or entity.identity, entity)
        item = self.database.field(link.table, link.column)
        step = graph.own_key(self.database, link.table, link.column)
        if step is None or _KEY_ASKED.search(text):
            extra = 0.0 if item.role != "key" else 0.1 if item.column.primary_key else 0.6
            return Shown(cost + extra, path, (item,), None)
        entity = self.database.entity(step.other)
        return Shown(cost + 0.15, (*path, step), entity.naming or entity.identity, entity)

    def axis(self, dated: Sequence[Link], *, strict: bool = True) -> tuple[Path, Field] | None:
        """The date that a period of the question is about: the one that was named, else the plain one.

        A date of birth or of leaving is never meant unless it is named: then there is none, and nobody
        guesses.
        """
        for spot in self.spots(dated):
            if not spot.exists and spot.field.role == "date":
                return spot.path, spot.field
        ranked = [
            (plainness(self.database.entity(table), item) - 2 * len(path), path, item)
            for table, path in self._near.items()
            if len(path) <= MOSTSTEPS_TO_DATE
            for item in self.database.entity(table).dates()
        ]
        plain = [one for one in ranked if one[0] > 0 or (not strict and one[0] > -1 and not one[1])]
        best = max(plain, key=lambda one: one[0], default=None)
        return (best[1], best[2]) if best else None

    def way(self, table: str) -> Path | None:
        """The way that "has" means. Where a key and a table between both relate the two, the verb decides."""
        path = graph.anyhow(self.database, self.base, table)
        if path is None or len(path) != 1:
            return path
        steps = self.database.links.get(self.base.lower(), ())
        if sum(step.other.lower() == table.lower() for step in steps) > 1:
            return None
        between = graph.bridge(self.database, self.base, table)
        if between is None:
            return path
        if _TAKES_PART.search(self.text):
            return between
        return path if _LEADS.search(self.text) else None

    def is_meant(self, counted: Entity, key: Shown) -> bool:
        """Where a key and a table between both relate two things, does the verb speak of this way?"""
        thing = key.entity
        if thing is None or thing is counted or not counted.naming:
            return True
        steps = self.database.links.get(counted.name.lower(), ())
        direct = any(step.to_one and step.other == thing.name for step in steps)
        if not direct or graph.bridge(self.database, thing.name, counted.name) is None:
            return True
        leads = counted.name.lower() == self.base.lower() and len(key.path) == 1
        return bool((_LEADS if leads else _TAKES_PART).search(self.text))


def _way(database: Database, path: Path) -> float:
    """What a way costs: its length, and a little for keys that may be missing or stand far down."""
    cost = 0.0
    for step in path:
        entity = database.entity(step.table)
        places = [name.lower() for name in entity.fields]
        item = entity.fields.get(step.columns[0].lower())
        cost += STEP + (0.05 if item and item.column.nullable else 0)
        cost += 0.001 * (places.index(step.columns[0].lower()) if step.columns[0].lower() in places else 0)
    return cost

"""All words under which a schema's tables, columns and values may be asked for, and how well each fits.

Made once a schema and kept. A score of 1 is the very name or label; synonyms, other languages and parts
of a name score less. Nothing under `WEAKEST` is kept: what hardly fits is better not understood.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from text2sql_ws.llm.offline.database import Database
from text2sql_ws.llm.offline.figures import dealings, levels, measures, people
from text2sql_ws.llm.offline.holdings import all_values, endings
from text2sql_ws.llm.offline.marks import Link, ValueLink
from text2sql_ws.llm.offline.names import WEAKEST, of_entity, of_field
from text2sql_ws.llm.offline.tokens import key


@dataclass(slots=True)
class Vocabulary:
    """Looked up by key. `longest` is the length of the longest key; `endings` are typical ends of names
    of things.
    """

    links: dict[str, tuple[Link, ...]]
    values: dict[str, tuple[ValueLink, ...]]
    endings: tuple[tuple[str, str, str], ...]
    longest: int


def build(database: Database) -> Vocabulary:
    """The vocabulary of one schema."""
    links: dict[str, dict[tuple[str, str | None], float]] = {}
    values: dict[str, dict[ValueLink, None]] = {}
    for phrase, link in _all_links(database):
        best = links.setdefault(key(phrase), {})
        best[link.table, link.column] = max(link.score, best.get((link.table, link.column), 0))
    for phrase, value in all_values(database):
        values.setdefault(key(phrase), {})[value] = None
    links.pop("", None)
    values.pop("", None)
    found = {k: _sorted(scores) for k, scores in links.items()}
    return Vocabulary(
        found,
        {k: tuple(sorted(v, key=lambda item: -item.score)) for k, v in values.items()},
        tuple(endings(database)),
        max((len(k) for k in [*found, *values]), default=0),
    )


def _sorted(scores: dict[tuple[str, str | None], float]) -> tuple[Link, ...]:
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0][1] is not None))
    return tuple(Link(table, column, score) for (table, column), score in ranked if score >= WEAKEST)


def _all_links(database: Database) -> Iterator[tuple[str, Link]]:
    for entity in database.entities.values():
        for phrase, score in of_entity(entity):
            yield phrase, Link(entity.name, None, score)
        for item in entity.fields.values():
            for phrase, score in of_field(entity, item):
                yield phrase, Link(entity.name, item.name, score)
    yield from measures(database)
    yield from people(database)
    yield from levels(database)
    yield from dealings(database)


# --- tables -------------------------------------------------------------------------------------------


# --- columns ------------------------------------------------------------------------------------------


# --- measures that no name tells ----------------------------------------------------------------------


# --- values -------------------------------------------------------------------------------------------

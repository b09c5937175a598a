"""Which tables a question needs, by BM25 over their names, comments, columns and example values. Pure.

A table's score also carries part of its neighbours' along foreign keys: what joins two likely tables is
likely itself, though the question never names it. `Index.relevant` is the one function behind which better
ways of choosing may come.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from text2sql_ws.catalog.words import words
from text2sql_ws.schema import Schema, Table

# Okapi BM25 (Robertson & Zaragoza 2009); long tables are punished less than long texts, hence a low B.
K1 = 1.2
B = 0.5

NAME_WEIGHT = 3.0
COMMENT_WEIGHT = 2.0
COLUMN_WEIGHT = 1.0
EXAMPLE_WEIGHT = 0.5
NEIGHBOUR_SHARE = 0.6
"""Of a table's score, how much is lent to each table joined to it."""


class Index:
    """The words of a schema's tables, counted once. Building it takes about 0.05 ms a table."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._terms = [_weighted_terms(table) for table in schema.tables]
        self._lengths = [sum(terms.values()) for terms in self._terms]
        self._mean_length = sum(self._lengths) / max(1, len(self._lengths)) or 1.0
        self._found_in = Counter(term for terms in self._terms for term in terms)
        self._neighbours = _neighbours(schema.tables)

    def relevant(self, question: str, budget_chars: int) -> Schema:
        """The likeliest tables that fit together, in the schema's order; always at least one."""
        chosen: list[str] = []
        left = budget_chars
        for table in self.ranking(question):
            if size(table) <= left or not chosen:
                chosen.append(table.name)
                left -= size(table)
        kept = set(chosen)
        return replace(self.schema, tables=tuple(table for table in self.schema.tables if table.name in kept))

    def ranking(self, question: str) -> list[Table]:
        """All tables, the likeliest first; equal ones in the schema's order."""
        scores = self._scores(question)
        order = sorted(range(len(scores)), key=lambda number: -scores[number])
        return [self.schema.tables[number] for number in order]

    def _scores(self, question: str) -> list[float]:
        asked = Counter(words(question))
        own = [self._bm25(number, asked) for number in range(len(self._terms))]
        return [
            score
            + NEIGHBOUR_SHARE
            * sum(sorted((own[other] for other in self._neighbours[number]), reverse=True)[:2])
            for number, score in enumerate(own)
        ]

    def _bm25(self, number: int, asked: Counter[str]) -> float:
        terms = self._terms[number]
        norm = K1 * (1 - B + B * self._lengths[number] / self._mean_length)
        return sum(
            self._rarity(term) * terms[term] * (K1 + 1) / (terms[term] + norm)
            for term in asked
            if term in terms
        )

    def _rarity(self, term: str) -> float:
        found_in = self._found_in[term]
        return math.log(1 + (len(self._terms) - found_in + 0.5) / (found_in + 0.5))


def size(table: Table) -> int:
    """About how many characters the table takes in a prompt."""
    columns = sum(
        len(column.name)
        + len(column.type)
        + len(column.comment)
        + sum(len(text) + 4 for text in column.examples)
        + 12
        for column in table.columns
    )
    keys = sum(
        45 + len(key.referred_table) + len("".join(key.columns + key.referred_columns))
        for key in table.foreign_keys
    )
    return 25 + len(table.name) + len(table.comment) + columns + keys


def fit(question: str, schema: Schema) -> float:
    """How well a question's words fit a data source: the share of them that its tables know, 0 to 1, where
    the name of a table counts more than that of a column.
    """
    asked = set(words(question))
    if not asked:
        return 0.0
    known = vocabulary(schema)
    return sum(known.get(term, 0.0) for term in asked) / len(asked)


@lru_cache(maxsize=32)
def vocabulary(schema: Schema) -> Mapping[str, float]:
    """How much each word tells that a question is for this schema, up to 1. 20 ms for 400 tables, once."""
    best: defaultdict[str, float] = defaultdict(float)
    for table in schema.tables:
        for term, weight in _weighted_terms(table).items():
            best[term] = max(best[term], min(weight, NAME_WEIGHT) / NAME_WEIGHT)
    return dict(best)


def _weighted_terms(table: Table) -> Counter[str]:
    """How much each word says of the table: its occurrences, weighted by where they stand."""
    terms: Counter[str] = Counter()
    for weight, text in _texts(table):
        for word in words(text):
            terms[word] += weight  # type: ignore[assignment]  # Counter holds floats just as well
    return terms


def _texts(table: Table) -> Iterable[tuple[float, str]]:
    yield NAME_WEIGHT, table.name
    yield COMMENT_WEIGHT, table.comment
    for column in table.columns:
        yield COLUMN_WEIGHT, f"{column.name} {column.comment}"
        yield EXAMPLE_WEIGHT, " ".join(column.examples)


def _neighbours(tables: tuple[Table, ...]) -> list[set[int]]:
    """For each table the numbers of those that a foreign key joins to it, either way."""
    numbers = {table.name.casefold(): number for number, table in enumerate(tables)}
    joined: list[set[int]] = [set() for _ in tables]
    for number, table in enumerate(tables):
        for key in table.foreign_keys:
            other = numbers.get(key.referred_table.casefold(), number)
            if other != number:
                joined[number].add(other)
                joined[other].add(number)
    return joined

"""SQL that answered a question, kept for when the same question comes again and nothing has changed.

A key holds all that the SQL depends on: who asks, what, of which data source and model, in which language, on
which day, after which earlier questions, and the schema as it is. Only SQL that ran is kept, and it is run
again: rows are never reused. Bounded; the one not used for longest goes first.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from text2sql_ws.commands import Ask
from text2sql_ws.errors import Fault
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.llm.providers import Choice
from text2sql_ws.schema import Schema, Table

KEPT = 1000

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The SQL, and the model's whole answer that it was found in."""

    sql: str
    text: str


class Reuse:
    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._versions: dict[str, tuple[Schema, str]] = {}

    def of(self, ask: Ask, choice: Choice, schema: Schema, history: Sequence[Turn], today: date) -> "Earlier":
        """What is kept for a question; `schema` is the whole of its data source.

        A question that may not be answered so has nothing, and what was kept for it is forgotten: whoever
        wants another answer doesn't want the old one back. The day is part of the key: what "last month"
        means changes with it.
        """
        if ask.datasource.details or not (ask.cache or self._kept):
            return Earlier(self, None)
        told = _digest([(turn.question, turn.sql) for turn in history])
        chosen = (schema.datasource, self._version(schema), choice.provider, choice.name)
        key = (ask.asker, ask.question, ask.locale, *chosen, told, today.isoformat())
        if not ask.cache:
            self.forget(key)
            return Earlier(self, None)
        return Earlier(self, key)

    def find(self, key: Key) -> Kept | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: Key, kept: Kept) -> None:
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, key: Key) -> None:
        self._kept.pop(key, None)

    def _version(self, schema: Schema) -> str:
        """What can be told apart of a schema, but for sampled values: they change with the rows."""
        known = self._versions.get(schema.datasource)
        if known is None or known[0] is not schema:
            version = _digest([schema.dialect, schema.version, *map(_structure, schema.tables)])
            known = self._versions[schema.datasource] = (schema, version)
        return known[1]


class Earlier:
    """What is kept for one question; without a `key` nothing is, and nothing will be."""

    def __init__(self, reuse: Reuse, key: Key | None) -> None:
        self._reuse = reuse
        self._key = key

    def find(self) -> Kept | None:
        return self._reuse.find(self._key) if self._key is not None else None

    def keep(self, sql: str | None, text: str) -> None:
        if self._key is not None and sql is not None:
            self._reuse.keep(self._key, Kept(sql, text))

    @contextmanager
    def forgotten_unless_it_runs(self) -> Iterator[None]:
        """SQL that its database refuses, or that is refused to whoever asks, isn't offered again."""
        try:
            yield
        except Fault:
            if self._key is not None:
                self._reuse.forget(self._key)
            raise


def _structure(table: Table) -> object:
    columns = [(c.name, c.type, c.comment, c.nullable, c.primary_key) for c in table.columns]
    return (table.name, table.comment, columns, table.foreign_keys)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()

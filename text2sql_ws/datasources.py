"""The data sources by name, each with its engine and its catalogue; and which of them a question goes to.

It stands between the pipeline and the rooms it joins (engines, catalogue), which don't know each other.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from text2sql_ws.catalog import Catalog, fit
from text2sql_ws.commands import DataSourceChoice
from text2sql_ws.engines.engine import Engine
from text2sql_ws.errors import Code, Fault
from text2sql_ws.settings import DataSource as DataSourceSettings
from text2sql_ws.texts import Locale, say

FITTING_SECONDS = 5.0
"""A data source whose schema can't be had by then is not considered for a question that names none."""


@dataclass(frozen=True, slots=True)
class DataSource:
    name: str
    settings: DataSourceSettings
    engine: Engine
    catalog: Catalog
    examples_by_locale: Mapping[Locale, Sequence[str]] = field(default_factory=dict)

    def examples(self, locale: Locale) -> Sequence[str]:
        """Questions worth asking: the operator's, else those that came with the data source."""
        return self.settings.examples or self.examples_by_locale.get(locale, ())

    async def aclose(self) -> None:
        await self.catalog.aclose()
        await self.engine.close()


Open = Callable[[str, DataSourceSettings], DataSource]


class DataSources:
    """`adhoc_hosts` is `None` where clients may not bring connection details of their own."""

    def __init__(
        self,
        sources: Mapping[str, DataSource],
        open_source: Open,
        adhoc_hosts: frozenset[str] | None = None,
    ) -> None:
        self._sources = sources
        self._open = open_source
        self._adhoc_hosts = adhoc_hosts
        self._lent: Counter[int] = Counter()
        self._retired: dict[int, DataSource] = {}
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def by_name(self) -> Mapping[str, DataSource]:
        return self._sources

    def settings_of(self, name: str) -> DataSourceSettings | None:
        """Of a configured one, as they are now."""
        return self._sources[name].settings if name in self._sources else None

    def replace(self, sources: Mapping[str, DataSource]) -> None:
        """From now on these are chosen among. Those that are not among them close when nobody uses them."""
        staying = {id(source) for source in sources.values()}
        leaving = [source for source in self if id(source) not in staying]
        self._sources = sources
        for source in leaving:
            self._retired[id(source)] = source
            self._close_if_unused(source)

    def __iter__(self) -> Iterator[DataSource]:
        return iter(self._sources.values())

    def check(self, choice: DataSourceChoice) -> None:
        """Refuse what no client may choose: connection details of its own, unless the operator allows them.

        Raises `Fault` INSUFFICIENT_PERMISSIONS or INVALID_MESSAGE.
        """
        if not choice.details:
            return
        fields = ", ".join(name for name, _ in choice.details)
        if self._adhoc_hosts is None:
            raise Fault(Code.INSUFFICIENT_PERMISSIONS, say("datasource.adhoc_refused", fields=fields))
        host = dict(choice.details).get("host", "")
        if choice.type != "mysql" or host not in self._adhoc_hosts:
            raise Fault(Code.INSUFFICIENT_PERMISSIONS, say("datasource.adhoc_host", host=host))
        _adhoc_settings(choice)

    @asynccontextmanager
    async def chosen(self, choice: DataSourceChoice, question: str) -> AsyncIterator[DataSource]:
        """The data source for a question: named, else of the named type, else the one that fits best.

        One that was opened for this question alone is closed at the end. Raises `Fault` DATASOURCE_NOT_FOUND.
        """
        self.check(choice)
        if not choice.details:
            source = await self._configured(choice, question)
            with self._using(source):
                yield source
            return
        source = self._open("adhoc", _adhoc_settings(choice))
        try:
            yield source
        finally:
            await source.aclose()

    @contextmanager
    def _using(self, source: DataSource) -> Iterator[None]:
        self._lent[id(source)] += 1
        try:
            yield
        finally:
            self._lent[id(source)] -= 1
            self._close_if_unused(source)

    def _close_if_unused(self, source: DataSource) -> None:
        """By a task of our own: whoever used it last may be cancelled any time."""
        if self._lent[id(source)]:
            return
        del self._lent[id(source)]
        if self._retired.pop(id(source), None) is not None:
            task = asyncio.create_task(source.aclose(), name=f"close {source.name}")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _configured(self, choice: DataSourceChoice, question: str) -> DataSource:
        if choice.name is not None:
            return self._named(choice.name)
        if choice.type is not None:
            return self._of_type(choice.type)
        candidates = list(self)
        if len(candidates) == 1:
            return candidates[0]
        fits = await asyncio.gather(*(_fit(source, question) for source in candidates))
        return candidates[fits.index(max(fits))]

    def _named(self, name: str) -> DataSource:
        if name not in self._sources:
            known = ", ".join(self._sources)
            raise Fault(Code.DATASOURCE_NOT_FOUND, say("datasource.unknown", name=name[:100], known=known))
        return self._sources[name]

    def _of_type(self, kind: str) -> DataSource:
        for source in self:
            if source.settings.type == kind:
                return source
        known = ", ".join(f"{source.name} ({source.settings.type})" for source in self)
        raise Fault(Code.DATASOURCE_NOT_FOUND, say("datasource.unknown_type", type=kind[:100], known=known))

    async def aclose(self) -> None:
        closing = [source.aclose() for source in [*self, *self._retired.values()]]
        await asyncio.gather(*closing, *self._closing)


async def _fit(source: DataSource, question: str) -> float:
    """How well the question's words fit this source's tables; one that is down fits nothing."""
    try:
        async with asyncio.timeout(FITTING_SECONDS):
            return fit(question, await source.catalog.schema())
    except (Fault, TimeoutError):
        return -1.0


def _adhoc_settings(choice: DataSourceChoice) -> DataSourceSettings:
    """Raises `Fault` INVALID_MESSAGE that names what is missing or wrong."""
    given: dict[str, Any] = dict(choice.details)
    if "username" in given:
        given.setdefault("user", given.pop("username"))
    given.pop("path", None)
    try:
        return DataSourceSettings(type="mysql", pool_size=1, **given)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        field = ".".join(["database_config", *map(str, first["loc"])])
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field=field, why=first["msg"])) from None

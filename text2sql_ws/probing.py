"""Looks at data sources and model providers every now and then, and tells when one goes down or comes back.

A data source is asked for a connection. A provider is asked for its list of models, which costs nothing; and
what real questions meet there counts as well. It takes several failures in a row to be down, and several
successes to be up again, so that a hiccup alarms nobody.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Protocol, Self, runtime_checkable

import structlog

from text2sql_ws.clock import Clock
from text2sql_ws.datasources import DataSource, DataSources
from text2sql_ws.errors import Fault
from text2sql_ws.happenings import Bulletin, Happening, QueryOver, Service, ServiceCameBack, ServiceWentDown
from text2sql_ws.llm.faults import (
    AuthenticationRefused,
    ConnectionFailed,
    NotFound,
    PermissionRefused,
    ProtocolBroken,
    QuotaExhausted,
    ServerFailed,
    TimedOut,
)
from text2sql_ws.llm.metering import Call
from text2sql_ws.llm.providers import Providers
from text2sql_ws.texts import say

log = structlog.get_logger()

PROBE_SECONDS = 5.0
"""Who hasn't answered by then has failed."""

TRUSTED_SECONDS = 600.0
"""So long a real question's failure outweighs a list of models: the list may come where answers don't."""

AT_ONCE = 16
State = Literal["up", "down"]

UNREACHABLE = (ConnectionFailed, ServerFailed, TimedOut, ProtocolBroken)
UNUSABLE = (AuthenticationRefused, PermissionRefused, NotFound, QuotaExhausted)


@runtime_checkable
class Reachable(Protocol):
    """A model that can be asked whether it is there, for nothing."""

    async def is_there(self) -> bool | None:
        """`None` where its answer tells nothing. Raises `Fault` when it can't be reached."""
        ...


@dataclass(slots=True)
class Health:
    """One service's: `state` is `None` until it is known; `streak` counts what contradicts it."""

    state: State | None = None
    streak: int = 0
    last: State | None = None
    at: float = 0.0
    since: float = 0.0
    distrusted_until: float = 0.0

    def note(self, seen: State, now: float, failures: int, successes: int) -> bool:
        """Take in what was seen; whether the state changed by it, from one that was told or could be."""
        self.last, self.at = seen, now
        if self.state is None and seen == "up":
            self.state = "up"
            return False
        if seen == self.state:
            self.streak = 0
            return False
        self.streak += 1
        if self.streak < (failures if seen == "down" else successes):
            return False
        self.state, self.streak = seen, 0
        return True


class Prober:
    """`interval` in seconds; so many `failures` in a row are down, so many `successes` up again."""

    def __init__(
        self,
        sources: DataSources,
        providers: Providers,
        bulletin: Bulletin,
        clock: Clock,
        interval: float,
        failures: int,
        successes: int,
    ) -> None:
        self._sources = sources
        self._providers = providers
        self._bulletin = bulletin
        self._clock = clock
        self._interval = interval
        self._failures = failures
        self._successes = successes
        self._healths: dict[tuple[Service, str], Health] = {}
        self._at_once = asyncio.Semaphore(AT_ONCE)

    def state(self, service: Service, name: str) -> State | None:
        """As far as is known by now; `None` where nothing is, or it was long ago."""
        health, now = self._healths.get((service, name)), self._clock.monotonic()
        if health is None:
            return None
        is_fresh = now - health.at <= 2 * self._interval + PROBE_SECONDS or now < health.distrusted_until
        return (health.state or health.last) if is_fresh else None

    def states(self) -> Mapping[tuple[Service, str], State]:
        """Of all that was ever seen, as it was then: a source too busy to be looked at is no unknown one."""
        known = ((key, health.state or health.last) for key, health in self._healths.items())
        return {key: state for key, state in known if state is not None}

    def hear(self, happening: Happening) -> None:
        """A listener of the bulletin: what real questions met at the models."""
        if isinstance(happening, QueryOver):
            for call in happening.query.calls:
                self._learn(call)

    @asynccontextmanager
    async def probing(self) -> AsyncIterator[Self]:
        """Look while the block runs, first after one interval: at the start others look."""
        task = asyncio.create_task(self._probe_on(), name="prober")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def probe(self) -> None:
        """Look at everything once, at the same time."""
        names = [("datasource", name) for name in self._sources.by_name]
        models = self._providers.models()
        known = {*names, *(("provider", name) for name in models)}
        for gone in [key for key in self._healths if key not in known]:
            del self._healths[gone]
        looks = [self._look_at_source(source) for source in self._sources]
        looks += [self._look_at_model(name, model) for name, model in models.items()]
        await asyncio.gather(*looks)

    # --- inside ---------------------------------------------------------------------------------

    async def _probe_on(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            await self.probe()

    async def _look_at_source(self, source: DataSource) -> None:
        lent, size = source.engine.in_use
        if lent >= size:
            return  # all its connections are at work: to wait for one would only look like a failure
        async with self._at_once:
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    await source.engine.connect()
            except (Fault, TimeoutError) as error:
                self._note("datasource", source.name, "down", _why(error))
            else:
                self._note("datasource", source.name, "up")

    async def _look_at_model(self, name: str, model: object) -> None:
        if not isinstance(model, Reachable):
            return
        async with self._at_once:
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    is_there = await model.is_there()
            except (Fault, TimeoutError) as error:
                self._note("provider", name, "down", _why(error))
                return
        if is_there is not None and not self._distrusts(name):
            self._note("provider", name, "up" if is_there else "down", say("probe.server_failed").en)

    def _learn(self, call: Call) -> None:
        """A call that was refused for its own sake, or cancelled, says nothing of the provider."""
        health = self._health("provider", call.provider)
        if call.whole:
            health.distrusted_until = 0.0
            self._note("provider", call.provider, "up")
        elif isinstance(call.fault, UNREACHABLE + UNUSABLE):
            health.distrusted_until = self._clock.monotonic() + TRUSTED_SECONDS
            self._note("provider", call.provider, "down", call.fault.message.en)

    def _distrusts(self, name: str) -> bool:
        return self._clock.monotonic() < self._health("provider", name).distrusted_until

    def _note(self, service: Service, name: str, seen: State, why: str = "") -> None:
        health, now = self._health(service, name), self._clock.monotonic()
        if not health.note(seen, now, self._failures, self._successes):
            return
        seconds, health.since = now - health.since, now
        if seen == "down":
            log.error("service_down", service=service, name=name, why=why)
            self._bulletin.tell(ServiceWentDown(service, name, why))
        else:
            log.info("service_back", service=service, name=name, seconds=round(seconds, 1))
            self._bulletin.tell(ServiceCameBack(service, name, seconds))

    def _health(self, service: Service, name: str) -> Health:
        return self._healths.setdefault((service, name), Health())


def _why(error: Fault | TimeoutError) -> str:
    if isinstance(error, Fault):
        return error.message.en
    return say("probe.silent", seconds=f"{PROBE_SECONDS:g}").en

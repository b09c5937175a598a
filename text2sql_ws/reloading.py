"""SIGHUP: the settings read again, and what can be changed while the server runs, changed.

That is the data sources, the model providers, the abbreviations and the log's level. Queries that run keep
what they started with. The one rule: settings that can't be used change nothing at all; the log says what
changed, what needs a restart, or why nothing changed, by the names of settings and never by their values.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import BaseModel

from text2sql_ws.datasources import DataSources
from text2sql_ws.demo import DEMO_ABBREVIATIONS
from text2sql_ws.llm.providers import Providers
from text2sql_ws.logs import set_level
from text2sql_ws.opening import Opening
from text2sql_ws.pipeline import Pipeline
from text2sql_ws.preparing import prepare
from text2sql_ws.running import Dictionaries
from text2sql_ws.settings import Misconfigured, Settings
from text2sql_ws.systemd import Systemd, ready_again, reloading_now
from text2sql_ws.withheld import Withheld, secrets_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reloads:
    """`read` gives the settings as they are now, checked like those of a start; it raises `Misconfigured`."""

    read: Callable[[], Settings]
    systemd: Systemd


def dictionaries_of(settings: Settings) -> Dictionaries:
    """The configured abbreviations; the demo database brings its own."""
    return settings.abbreviations or ({} if settings.datasources else DEMO_ABBREVIATIONS)


@dataclass(frozen=True, slots=True)
class Changeable:
    """What may change while the server runs."""

    opening: Opening
    sources: DataSources
    providers: Providers
    pipeline: Pipeline
    withheld: Withheld


class Reloading:
    """One at a time: whoever calls `reload` waits for it."""

    def __init__(self, settings: Settings, rooms: Changeable, reloads: Reloads) -> None:
        self._settings = settings
        self._rooms = rooms
        self._read = reloads.read
        self._systemd = reloads.systemd

    @asynccontextmanager
    async def on(self, number: signal.Signals) -> AsyncIterator[None]:
        """While the block runs, reload at this signal; afterwards it is ignored: the server is leaving."""
        loop, wanted = asyncio.get_running_loop(), asyncio.Event()
        loop.add_signal_handler(number, wanted.set)
        task = asyncio.create_task(self._serve(wanted), name="reload")
        try:
            yield
        finally:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)
            task.cancel()
            await asyncio.wait({task})

    async def _serve(self, wanted: asyncio.Event) -> None:
        while True:
            await wanted.wait()
            wanted.clear()
            self._systemd.say(reloading_now())
            self._systemd.say(ready_again(await self.reload()))

    async def reload(self) -> str:
        """Read, and change what has changed. Doesn't raise; the log tells, and in a sentence what comes back:
        why nothing changed, or what needs a restart; nothing where all is well."""
        try:
            wanted = self._read()
            changed, fixed = _told_apart(differences(self._settings, wanted))
            opened = await self._rooms.opening.open_sources(wanted, self._rooms.sources.by_name)
        except Misconfigured as misconfigured:
            log.error("reload_refused", problems=misconfigured.problems, kept="all settings as they were")
            return f"reload refused: {'; '.join(misconfigured.problems)}"
        self._rooms.withheld.learn(secrets_of(wanted))
        before = set(map(id, self._rooms.sources))
        self._rooms.sources.replace(opened)
        self._rooms.providers.replace(*self._rooms.opening.open_providers(wanted))
        self._rooms.pipeline.use(dictionaries_of(wanted))
        self._settings = _with_changes(self._settings, wanted)
        set_level(self._settings.log.level)
        log.info("reloaded", changed=changed)
        if fixed:
            log.warning("restart_needed", unchanged=fixed)
        await self._rooms.opening.retire()
        new = [source for source in self._rooms.sources if id(source) not in before]
        await prepare(new, wanted.limits.max_examined_rows)
        return f"restart needed for {', '.join(fixed)}" if fixed else ""


def differences(before: Settings, after: Settings) -> list[str]:
    """The dotted names of the settings that differ; a table that came or went is named as a whole."""
    return sorted(_differing(_plain(before), _plain(after), ""))


def _plain(value: Any) -> Any:
    """Models as dicts; secrets stay wrapped."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _differing(before: Any, after: Any, name: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            path = f"{name}.{key}" if name else str(key)
            yield from _differing(before.get(key), after.get(key), path)
    elif before != after:
        yield name


def _told_apart(names: list[str]) -> tuple[list[str], list[str]]:
    """Those that can change now, and those that need a restart."""
    now = [name for name in names if _can_change(name)]
    return now, [name for name in names if name not in now]


def _can_change(name: str) -> bool:
    return name in CHANGEABLE or name.split(".")[0] in CHANGEABLE


def _with_changes(before: Settings, after: Settings) -> Settings:
    """`before` but for what can change: what could not is named again next time."""
    taken = {"datasources": after.datasources, "llm": after.llm, "abbreviations": after.abbreviations}
    level = before.log.model_copy(update={"level": after.log.level})
    return before.model_copy(update={**taken, "log": level})


CHANGEABLE = frozenset({"datasources", "llm", "abbreviations", "log.level"})
"""Sections, and single settings by their whole name."""

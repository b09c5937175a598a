"""What this process holds: tasks, descriptors, threads. The one rule: after a test, no more than before.

`free` is a fixture; a conftest that has it used has every test of its folder checked.
"""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

import pytest

SECONDS = 3.0
POOLED = ("asyncio_",)
"""Threads of a loop's own pool: they end with the loop."""


@dataclass(frozen=True)
class Holdings:
    """Counted by name, so that a test that fails says what was left."""

    things: Counter[str]

    @classmethod
    def now(cls) -> Self:
        return cls(Counter([*_tasks(), *_descriptors(), *_threads()]))

    def beyond(self, before: "Holdings", kept: Mapping[str, int]) -> dict[str, int]:
        """What is more than it was, and more than may be `kept` besides."""
        return dict(self.things - before.things - Counter(kept))


async def freed(
    before: Holdings, *, kept: Mapping[str, int] = MappingProxyType({}), seconds: float = SECONDS
) -> None:
    """Return as soon as nothing is held beyond `before`; fail with what is, after `seconds`.

    `kept`: how many of which things may be more: idle connections of a pool.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while left := Holdings.now().beyond(before, kept):
        assert asyncio.get_running_loop().time() < deadline, f"left behind: {left}"
        await asyncio.sleep(0.02)


@pytest.fixture
async def free() -> AsyncIterator[None]:
    """After the test, and after its other fixtures: no task, descriptor or thread more than before."""
    before = Holdings.now()
    yield
    await freed(before)


def _tasks() -> list[str]:
    current = asyncio.current_task()
    return [f"task {_code(task)}" for task in asyncio.all_tasks() if task is not current]


def _code(task: asyncio.Task[object]) -> str:
    return str(getattr(task.get_coro(), "__qualname__", task.get_name()))


def _descriptors() -> list[str]:
    """Sockets and pipes by kind, files by path."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(entry.readlink()).partition(":[")[0])
        except FileNotFoundError:
            continue  # the descriptor that was listing the folder
    return found


def _threads() -> list[str]:
    # Without their numbers: a pool that gives up one connection and makes another has no more than before.
    names = [re.sub(r"-\d+", "", thread.name) for thread in threading.enumerate()]
    return [f"thread {name}" for name in names if not name.startswith(POOLED)]

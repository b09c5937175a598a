"""Event hooks, for who embeds the application in Python: a handler for each kind of happening.

The one rule: a handler that fails, dawdles or hangs harms nobody. Each is called by a task of its own, one
call at a time in the order of what happened, with a time limit, from a queue that is bounded: what it can't
keep up with is counted, logged and left out. See `docs/embedding.md`.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar, get_args

import structlog

from text2sql_ws.happenings import Bulletin, Happening
from text2sql_ws.threads import in_thread

log = structlog.get_logger()

HANDLER_SECONDS = 10.0
WAITING = 1000
SETTLING_SECONDS = 2.0
STOPPING_SECONDS = 1.0

HappeningT = TypeVar("HappeningT", bound=Happening)
Handler = Callable[[HappeningT], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Hook:
    kind: type[Any]
    handler: Handler[Any]
    seconds: float
    waiting: int

    @property
    def name(self) -> str:
        return getattr(self.handler, "__qualname__", type(self.handler).__qualname__)


class Hooks:
    """What is registered before the server starts; one `Hooks` may serve several servers."""

    def __init__(self) -> None:
        self._hooks: list[Hook] = []

    def on(
        self,
        kind: type[HappeningT],
        handler: Handler[HappeningT],
        *,
        seconds: float = HANDLER_SECONDS,
        waiting: int = WAITING,
    ) -> None:
        """Call `handler` with each happening of this kind, for at most `seconds`; so many may wait for it.

        An `async def` runs in the server's event loop and must not block it; anything else runs in a thread.
        """
        if kind not in get_args(Happening):
            raise TypeError(f"{kind!r} is no happening; see text2sql_ws.happenings")
        self._hooks.append(Hook(kind, handler, seconds, waiting))

    @asynccontextmanager
    async def called(self, bulletin: Bulletin) -> AsyncIterator[None]:
        """Call the handlers while the block runs, and for a moment after it for what happened at its end."""
        callers = [_Caller(hook) for hook in self._hooks]
        for caller in callers:
            bulletin.listen(caller.hear)
        tasks = [asyncio.create_task(caller.call_on(), name=f"hook {caller.hook.name}") for caller in callers]
        try:
            yield
            if callers:
                idle = [asyncio.create_task(caller.settled()) for caller in callers]
                tasks += idle
                await asyncio.wait(idle, timeout=SETTLING_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=SETTLING_SECONDS)


class _Caller:
    def __init__(self, hook: Hook) -> None:
        self.hook = hook
        self.idle = asyncio.Event()
        self.idle.set()
        self._pending: deque[Happening] = deque()
        self._wanted = asyncio.Event()
        self._missed = 0

    def hear(self, happening: Happening) -> None:
        if not isinstance(happening, self.hook.kind):
            return
        if len(self._pending) >= self.hook.waiting:
            self._missed += 1
            if self._missed.bit_count() == 1:  # 1, 2, 4, 8…
                log.warning("hook_behind", handler=self.hook.name, missed=self._missed)
            return
        self._pending.append(happening)
        self.idle.clear()
        self._wanted.set()

    async def settled(self) -> None:
        """Wait until the handler has had all that it heard of."""
        await self.idle.wait()

    async def call_on(self) -> None:
        while True:
            await self._wanted.wait()
            while self._pending:
                await self._call(self._pending.popleft())
            self._wanted.clear()
            self.idle.set()

    async def _call(self, happening: Happening) -> None:
        """Once. Who is over time is told to stop, and not called again before it did."""
        call = self._begin(happening)
        try:
            done, _ = await asyncio.wait({call}, timeout=self.hook.seconds)
            if not done:
                log.warning("hook_too_slow", handler=self.hook.name, seconds=self.hook.seconds)
                if isinstance(call, asyncio.Task):  # a thread can't be stopped, only waited for
                    call.cancel()
                await asyncio.wait({call})
        finally:
            await _ended(call)
        if not call.cancelled() and (error := call.exception()) is not None:
            log.error("hook_failed", handler=self.hook.name, exc_info=error)

    def _begin(self, happening: Happening) -> "asyncio.Future[Any]":
        handler: Callable[..., Any] = self.hook.handler
        if _is_async(handler):
            return asyncio.create_task(handler(happening), name=self.hook.name)
        return in_thread(handler, happening)


def _is_async(handler: Callable[..., Any]) -> bool:
    """A coroutine function, a `partial` of one, or an object whose `__call__` is one."""
    function = handler.func if isinstance(handler, partial) else handler
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)


async def _ended(call: "asyncio.Future[Any]") -> None:
    """Nobody waits for it any more: a task is stopped, and given a moment for that."""
    call.cancel()
    if isinstance(call, asyncio.Task):
        await asyncio.wait({call}, timeout=STOPPING_SECONDS)

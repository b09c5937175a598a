"""What happens that people should know of without asking, as notifications: services that went down or came
back, budgets, logins that fail again and again.

Heard from the bulletin, sent by one task: whoever tells it never waits. Warnings of logins are bounded by
time, for who guesses from many addresses must not fill mailboxes.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal, Self

import structlog

from text2sql_ws.clock import Clock, iso
from text2sql_ws.errors import Fault
from text2sql_ws.happenings import BudgetReached, Happening, LoginFailed, ServiceCameBack, ServiceWentDown
from text2sql_ws.notifications import Channel, Kind, Notifications
from text2sql_ws.texts import Locale, Text, say

log = structlog.get_logger()

PENDING = 256
FAILURES = 5
"""Failed logins of one address that are worth a warning."""

WARNING_SECONDS = 600.0
RETRY_SECONDS = 5.0
SETTLING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Announcement:
    to: tuple[str, ...] | Literal["administrators"]
    title: Text
    message: Text
    type: Kind


class Announcer:
    """`locale` is the language of what is kept for several people at once."""

    def __init__(self, notifications: Notifications, clock: Clock, locale: Locale) -> None:
        self._notifications = notifications
        self._clock = clock
        self._locale: Locale = locale
        self._pending: deque[Announcement] = deque()
        self._wanted = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._warned_at: float | None = None
        self._failures_since = 0

    def hear(self, happening: Happening) -> None:
        """A listener of the bulletin."""
        announcement = self._announcement(happening)
        if announcement is None:
            return
        if len(self._pending) >= PENDING:
            log.error("notification_lost", title=announcement.title.en)
            return
        self._pending.append(announcement)
        self._idle.clear()
        self._wanted.set()

    @asynccontextmanager
    async def announcing(self) -> AsyncIterator[Self]:
        """Send while the block runs, and what is left of it at its end."""
        task = asyncio.create_task(self._send_on(), name="announcer")
        try:
            yield self
            await self.settled()
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def settled(self) -> None:
        """Wait until all is sent, or for so long as a server that is stopping can."""
        try:
            async with asyncio.timeout(SETTLING_SECONDS):
                await self._idle.wait()
        except TimeoutError:
            log.error("notifications_lost", count=len(self._pending))

    async def _send_on(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                await self._send(self._pending[0])
            except Fault:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            self._pending.popleft()
            if not self._pending:
                self._wanted.clear()
                self._idle.set()

    async def _send(self, one: Announcement) -> None:
        """To administrators by every channel there is; to a user where they are."""
        channels: Sequence[Channel] = ("websocket",)
        if one.to == "administrators":
            channels = self._notifications.channels
        title, message = one.title.in_(self._locale), one.message.in_(self._locale)
        await self._notifications.send(one.to, title, message, one.type, channels)

    # --- what is said ---------------------------------------------------------------------------

    def _announcement(self, happening: Happening) -> Announcement | None:
        match happening:
            case ServiceWentDown(service, name, why):
                named = {"service": say(f"notify.{service}"), "name": name}
                title, message = say("notify.down.title", **named), say("notify.down", why=why, **named)
                return Announcement("administrators", title, message, "error")
            case ServiceCameBack(service, name, seconds):
                named = {"service": say(f"notify.{service}"), "name": name}
                minutes = f"{seconds / 60:.1f}"
                message = say("notify.up", minutes=minutes, **named)
                return Announcement("administrators", say("notify.up.title", **named), message, "success")
            case BudgetReached():
                return self._budget(happening)
            case LoginFailed(address, failures):
                return self._login(address, failures)
            case _:
                return None

    def _budget(self, reached: BudgetReached) -> Announcement:
        key = "notify.budget" if reached.user_id is None else "notify.budget_user"
        message = say(key, used=reached.used, budget=reached.budget)
        if reached.percent >= 100:
            over = say("notify.budget_over", again=self._tomorrow())
            message = Text(message.zh + over.zh, message.en + over.en)
        title = say("notify.budget.title", percent=reached.percent)
        kind: Kind = "urgent" if reached.percent >= 100 else "warning"
        if reached.user_id is None:
            return Announcement("administrators", title, message, kind)
        return Announcement((reached.user_id,), title, message, kind)

    def _tomorrow(self) -> str:
        return iso(datetime.combine(self._clock.now().date() + timedelta(days=1), time(), UTC))

    def _login(self, address: str, failures: int) -> Announcement | None:
        """At most one warning in `WARNING_SECONDS`; the next one counts what came meanwhile."""
        now = self._clock.monotonic()
        self._failures_since += 1
        warned_lately = self._warned_at is not None and now - self._warned_at < WARNING_SECONDS
        if failures < FAILURES or warned_lately:
            return None
        others = max(0, self._failures_since - failures)
        self._warned_at, self._failures_since = now, 0
        message = say("notify.login", address=address, failures=failures, others=others)
        return Announcement("administrators", say("notify.login.title"), message, "warning")

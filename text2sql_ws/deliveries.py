"""What has to go out by e-mail, SMS and push, from the stored `deliveries`; until it went or is given up.

Each service has a task of its own, so that a dead one holds up no other, and one attempt at a time, in a
thread that nobody waits for. Attempts are stored: a restart goes on where it was. What was being sent when
the process died is sent again: nothing is lost, and something may come twice.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import structlog
from sqlalchemy import and_, not_, or_, select, update

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Fault
from text2sql_ws.posting import Posted, post
from text2sql_ws.settings import Notifications as NotificationSettings
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import deliveries
from text2sql_ws.threads import in_thread

log = structlog.get_logger()

FIRST_RETRY_SECONDS = 10.0
LONGEST_RETRY_SECONDS = 1800.0
STORAGE_SECONDS = 5.0
"""Until the storage is asked again after it failed."""

LEAVING_SECONDS = 2.0
"""For an attempt that runs when the server stops; then it is made again after the next start."""


@dataclass(frozen=True, slots=True)
class Service:
    """`name` is a digest of the URL, which holds secrets: it is said in logs, and stored."""

    channel: str
    name: str
    url: str


Post = Callable[[str, str, str, str, float], Posted]
"""Called in a thread with a service's URL, a title, a message, its type, and the seconds it may take."""


def services_of(settings: NotificationSettings) -> list[Service]:
    """Each configured service once."""
    found = {}
    for channel in ("email", "sms", "push"):
        for secret in getattr(settings, channel):
            url = secret.get_secret_value()
            name = hashlib.sha256(url.encode()).hexdigest()[:12]
            found[channel, name] = Service(channel, name, url)
    return list(found.values())


def names_of(services: Sequence[Service]) -> Mapping[str, list[str]]:
    """By channel, as `Notifications` takes them."""
    names: dict[str, list[str]] = {}
    for service in services:
        names.setdefault(service.channel, []).append(service.name)
    return names


class Deliveries:
    """`attempts` are made of each; one may take `seconds`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        services: Sequence[Service],
        attempts: int,
        seconds: float,
        post: Post = post,
    ) -> None:
        self._database = database
        self._clock = clock
        self._attempts = attempts
        self._seconds = seconds
        self._post = post
        self._services = {service: asyncio.Event() for service in services}
        self._attempting: set[asyncio.Future[Posted]] = set()

    def wake(self) -> None:
        """There is something new to send."""
        for event in self._services.values():
            event.set()

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[Self]:
        """Send while the block runs."""
        try:
            await self._give_up_the_unknown()
        except Fault:
            log.warning("deliveries_not_read")
        tasks = [
            asyncio.create_task(self._serve(service), name=f"deliveries by {service.channel}")
            for service in self._services
        ]
        try:
            yield self
            if self._attempting:
                await asyncio.wait(self._attempting, timeout=LEAVING_SECONDS)
                await asyncio.sleep(0)
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)

    # --- one service ----------------------------------------------------------------------------

    async def _serve(self, service: Service) -> None:
        wanted = self._services[service]
        while True:
            wanted.clear()
            try:
                row = await self._next(service)
                if row is None:
                    await wanted.wait()
                elif (seconds := (row.next_at - self._now()).total_seconds()) > 0:
                    await _within(seconds, wanted)
                else:
                    await self._attempt(service, row)
            except Fault:
                await asyncio.sleep(STORAGE_SECONDS)

    async def _next(self, service: Service) -> Any:
        """The delivery that is due first."""
        wanted = select(deliveries).where(_is_of(service), deliveries.c.status == "waiting")
        async with self._database.transaction() as connection:
            return (
                await connection.execute(wanted.order_by(deliveries.c.next_at, deliveries.c.id).limit(1))
            ).first()

    async def _attempt(self, service: Service, row: Any) -> None:
        """One attempt; the next one waits until its thread has ended, or two might send the same."""
        attempt = in_thread(self._post, service.url, row.title, row.message, row.type, self._seconds)
        attempt.add_done_callback(_outcome)  # also of one that nobody waits for any more
        self._attempting.add(attempt)
        try:
            done, _ = await asyncio.wait({attempt}, timeout=self._seconds)
            if not done:
                await self._failed(service, row, f"no answer within {self._seconds:g} s")
                await asyncio.wait({attempt})
            outcome = _outcome(attempt)
            if outcome.sent:
                await self._sent(service, row)
            elif done:
                await self._failed(service, row, outcome.why)
        finally:
            self._attempting.discard(attempt)

    async def _sent(self, service: Service, row: Any) -> None:
        await self._set(row, status="sent", attempts=row.attempts + 1, error=None)
        log.info("delivered", channel=service.channel, service=service.name, attempts=row.attempts + 1)

    async def _failed(self, service: Service, row: Any, why: str) -> None:
        attempts = row.attempts + 1
        if attempts >= self._attempts:
            await self._set(row, status="failed", attempts=attempts, error=why)
            log.error(
                "delivery_given_up", channel=service.channel, service=service.name, attempts=attempts, why=why
            )
            return
        seconds = min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS)
        await self._set(row, attempts=attempts, error=why, next_at=self._now() + timedelta(seconds=seconds))
        log.warning(
            "delivery_failed", channel=service.channel, service=service.name, attempts=attempts, why=why,
            again_in_seconds=seconds,
        )  # fmt: skip

    # --- the storage ----------------------------------------------------------------------------

    async def _set(self, row: Any, **values: Any) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(update(deliveries).where(deliveries.c.id == row.id).values(values))

    async def _give_up_the_unknown(self) -> None:
        """What was meant for a service that isn't configured any more can't be sent."""
        known = or_(*map(_is_of, self._services)) if self._services else deliveries.c.id.is_(None)
        lost = and_(deliveries.c.status == "waiting", not_(known))
        gone = update(deliveries).where(lost).values(status="failed", error="the service is not configured")
        async with self._database.transaction() as connection:
            count = (await connection.execute(gone)).rowcount
        if count:
            log.warning("deliveries_given_up", count=count, why="their service is not configured any more")

    def _now(self) -> Any:
        return self._clock.now().replace(tzinfo=None)


def _outcome(attempt: asyncio.Future[Posted]) -> Posted:
    """What became of it; an error of the library's own is a failure like any other."""
    error = attempt.exception()
    return attempt.result() if error is None else Posted(False, type(error).__name__)


def _is_of(service: Service) -> Any:
    return and_(deliveries.c.channel == service.channel, deliveries.c.service == service.name)


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Wait for the event, so long at most."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass

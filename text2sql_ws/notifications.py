"""Notifications: kept for whom they are for until they took them, and for whom they still have to reach.

Stored before anybody is told. Who is connected is told at once by the listeners (the web rooms); who is away
is told on their return (`waiting`). A notification for everyone is stored once; each takes it for himself.
What goes out by e-mail, SMS or push is stored with it, in the same transaction; `deliveries.py` sends it.
"""

import uuid
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, select, update

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.receipts import FIRST_RECEIPT, Receipts
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import deliveries, notification_receipts, notifications
from text2sql_ws.texts import say

Kind = Literal["info", "success", "warning", "error", "urgent"]
Channel = Literal["websocket", "email", "sms", "push"]

EVERYONE = ""
"""Whom a notification is for where it is for all users, whoever they may be."""

ADMINISTRATORS = "\x1fadministrators"
"""Whom it is for where it is for administrators: who is one, only a token says, when somebody comes."""

TO_SEVERAL = frozenset({EVERYONE, ADMINISTRATORS})

TITLE_CHARS = 200
WAITING = 100
"""So many are told to somebody who returns, the latest ones; all are there to be looked up."""

WAITING_DAYS = 30
"""What is older is not told any more; with what was meant for everyone a new user would begin in the past."""

PAGE_SIZE = 100
DUE = 10_000
"""Deliveries by e-mail, SMS and push that may wait; past it something is broken, and more would not help."""


@dataclass(frozen=True, slots=True)
class Notification:
    """`user_id` is `EVERYONE` where it is for all. `read` as far as whoever asked is concerned."""

    id: str
    user_id: str
    type: Kind
    title: str
    message: str
    created_at: datetime
    action_url: str | None = None
    auto_close: bool = False
    read: bool = False

    @property
    def whom(self) -> str:
        """Whom it is for, in words: a user's id, `*`, or `administrators`."""
        return {EVERYONE: "*", ADMINISTRATORS: "administrators"}.get(self.user_id, self.user_id)

    def is_for(self, user_id: str, is_admin: bool) -> bool:
        return self.user_id in _names_of(user_id, is_admin)


Listener = Callable[[Notification], None]
"""Tells a notification to whom of its users is connected. It returns at once and raises nothing; whoever
took it is reported by `delivered`."""


class Notifications:
    """`services`: of each channel besides `websocket` the names of its services, none where there are none.

    Methods that wait raise `Fault` UNKNOWN_ERROR when the storage fails.
    """

    def __init__(self, database: Database, clock: Clock, services: Mapping[str, Collection[str]]) -> None:
        self._database = database
        self._clock = clock
        self._services = services
        self._listeners: list[Listener] = []
        self._receipts = Receipts(database, clock)
        self.on_due: Callable[[], None] = lambda: None
        """Called when there is something new to go out by e-mail, SMS or push."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Those by which something can be sent."""
        outward: tuple[Channel, ...] = ("email", "sms", "push")
        return ("websocket", *(channel for channel in outward if self._services.get(channel)))

    # --- out ------------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    async def send(
        self,
        to: Sequence[str] | Literal["everyone", "administrators"],
        title: str,
        message: str,
        type: Kind = "info",
        channels: Sequence[Channel] = ("websocket",),
        action_url: str | None = None,
        auto_close: bool = False,
        *,
        quietly: bool = False,
    ) -> list[str]:
        """Store a notification for each of these users, or one for all; then tell who is connected.

        Returns their ids. E-mail, SMS and push go to the configured services, once, whoever it is for.
        `quietly`: the caller tells who is connected, in another way. Raises `Fault` INVALID_MESSAGE for a
        channel without services, RESOURCE_LIMIT_EXCEEDED where too much waits.
        """
        self._check(channels)
        users = _users(to)
        now = self._clock.now()
        title = title[:TITLE_CHARS]
        made = [
            Notification(uuid.uuid4().hex, user, type, title, message, now, action_url, auto_close)
            for user in (users if "websocket" in channels else ())
        ]
        rows = [
            _delivery_row(channel, service, title, message, type, now)
            for channel in dict.fromkeys(channels)
            for service in self._services.get(channel, ())
        ]
        await self._store([_row(one) for one in made], rows)
        for one in made if not quietly else ():
            for listener in self._listeners:
                listener(one)
        if rows:
            self.on_due()
        return [one.id for one in made]

    # --- what is asked of it --------------------------------------------------------------------

    async def waiting(self, user_id: str, is_admin: bool = False) -> list[Notification]:
        """What a user has not taken yet, oldest first."""
        since = _naive(self._clock.now() - timedelta(days=WAITING_DAYS))
        wanted = _of(user_id, is_admin).where(
            notification_receipts.c.notification_id.is_(None), notifications.c.created_at >= since
        )
        # Asked before: what is written down meanwhile is no longer noted, and the answer may not know it yet.
        noted = self._receipts.noted_of(user_id)
        async with self._database.transaction() as connection:
            rows = (
                await connection.execute(wanted.order_by(notifications.c.position.desc()).limit(WAITING))
            ).all()
        return [_notification(row) for row in reversed(rows) if row.id not in noted]

    async def page(
        self, user_id: str, page: int = 1, size: int = 20, is_admin: bool = False
    ) -> tuple[list[Notification], int, int]:
        """A user's own, unread first, then the latest first; how many in all, and how many are unread."""
        size = min(size, PAGE_SIZE)
        unread = notification_receipts.c.read_at.is_(None)
        counted = select(func.count(), func.sum(case((unread, 1), else_=0))).select_from(_joined(user_id))
        wanted = _of(user_id, is_admin).order_by(case((unread, 0), else_=1), notifications.c.position.desc())
        async with self._database.transaction() as connection:
            total, fresh = (await connection.execute(counted.where(_is_for(user_id, is_admin)))).one()
            rows = (await connection.execute(wanted.limit(size).offset((page - 1) * size))).all()
        return [_notification(row) for row in rows], total, int(fresh or 0)

    async def latest(self, limit: int = PAGE_SIZE) -> list[Notification]:
        """Everybody's, the latest first."""
        wanted = select(notifications).order_by(notifications.c.position.desc()).limit(min(limit, PAGE_SIZE))
        async with self._database.transaction() as connection:
            return [_notification(row) for row in (await connection.execute(wanted)).all()]

    async def read(self, user_id: str, notification_id: str, is_admin: bool = False) -> None:
        """A user has read one of theirs. Raises `Fault` QUERY_NOT_FOUND where there is none of that id."""
        mine = _is_for(user_id, is_admin) & (notifications.c.id == notification_id)
        now = _naive(self._clock.now())
        receipt = {"notification_id": notification_id, "user_id": user_id, "delivered_at": now}
        key = (notification_receipts.c.notification_id == notification_id) & (
            notification_receipts.c.user_id == user_id
        )
        async with self._database.transaction() as connection:
            if await connection.scalar(select(notifications.c.id).where(mine)) is None:
                raise Fault(Code.QUERY_NOT_FOUND, say("notification.not_found", id=notification_id[:100]))
            await connection.execute(FIRST_RECEIPT, [receipt])
            first = key & notification_receipts.c.read_at.is_(None)
            await connection.execute(update(notification_receipts).where(first).values(read_at=now))

    def delivered(self, user_id: str, ids: Sequence[str]) -> None:
        """A user took these: they are not told again. Written down soon, by a task; returns at once."""
        self._receipts.note(user_id, ids)

    # --- its life -------------------------------------------------------------------------------

    @asynccontextmanager
    async def marking(self) -> AsyncIterator[Self]:
        """Write down who took what while the block runs, and what is left of it at its end."""
        async with self._receipts.writing():
            yield self

    async def settled(self) -> None:
        """Wait until what was reported is written down, or for as long as a server that stops can."""
        await self._receipts.settled()

    # --- inside ---------------------------------------------------------------------------------

    def _check(self, channels: Sequence[Channel]) -> None:
        for channel in channels:
            if channel not in self.channels:
                why = say("notification.no_service", channel=channel)
                raise Fault(Code.INVALID_MESSAGE, say("message.field", field="channels", why=why))

    async def _store(self, made: Sequence[Mapping[str, Any]], due: Sequence[Mapping[str, Any]]) -> None:
        waiting = select(func.count()).select_from(deliveries).where(deliveries.c.status == "waiting")
        async with self._database.transaction() as connection:
            if made:
                await connection.execute(insert(notifications), made)
            if due:
                if (await connection.scalar(waiting) or 0) + len(due) > DUE:
                    raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("notification.too_many", limit=DUE))
                await connection.execute(insert(deliveries), due)


def _joined(user_id: str) -> Any:
    theirs = and_(
        notification_receipts.c.notification_id == notifications.c.id,
        notification_receipts.c.user_id == user_id,
    )
    return notifications.outerjoin(notification_receipts, theirs)


def _users(to: Sequence[str] | Literal["everyone", "administrators"]) -> list[str]:
    match to:
        case "everyone":
            return [EVERYONE]
        case "administrators":
            return [ADMINISTRATORS]
        case _:
            return list(dict.fromkeys(to))


def _names_of(user_id: str, is_admin: bool) -> set[str]:
    """What is for this user. Nobody gets what is for several by being called as they are."""
    return {EVERYONE} | ({user_id} - TO_SEVERAL) | ({ADMINISTRATORS} if is_admin else set())


def _is_for(user_id: str, is_admin: bool) -> ColumnElement[bool]:
    return notifications.c.user_id.in_(sorted(_names_of(user_id, is_admin)))


def _of(user_id: str, is_admin: bool) -> Select[Any]:
    wanted = select(notifications, notification_receipts.c.read_at).select_from(_joined(user_id))
    return wanted.where(_is_for(user_id, is_admin))


def _notification(row: Any) -> Notification:
    return Notification(
        row.id,
        row.user_id,
        row.type,
        row.title,
        row.message,
        row.created_at.replace(tzinfo=UTC),
        row.action_url,
        bool(row.auto_close),
        getattr(row, "read_at", None) is not None,
    )


def _row(one: Notification) -> dict[str, object]:
    return {
        "id": one.id, "user_id": one.user_id, "type": one.type, "title": one.title, "message": one.message,
        "action_url": one.action_url, "auto_close": one.auto_close, "created_at": _naive(one.created_at),
    }  # fmt: skip


def _delivery_row(
    channel: str, service: str, title: str, message: str, kind: str, now: datetime
) -> dict[str, object]:
    return {
        "channel": channel, "service": service, "title": title, "message": message, "type": kind,
        "attempts": 0, "status": "waiting", "created_at": _naive(now), "next_at": _naive(now),
    }  # fmt: skip


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)

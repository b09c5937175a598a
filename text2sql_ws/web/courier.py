"""Brings notifications to whoever is connected, and to who comes back what was kept meanwhile.

In `chat` a notification counts as delivered when the connection took it from its outbox; other dialects have
a frame for it, and no word of its arrival. The one rule: bringing never waits, and nobody is told twice.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from text2sql_ws.channel import Overwhelmed
from text2sql_ws.chat.outbox import Outbox
from text2sql_ws.dialects import flat
from text2sql_ws.errors import Fault
from text2sql_ws.events import Notified
from text2sql_ws.notifications import Notification, Notifications
from text2sql_ws.web.connections import Connections

log = structlog.get_logger()

TOLD_AT_ONCE = ("text2sql", "scm", "monitor")
"""Dialects whose connections are told as it happens. `plain` has no words for it, `steps` no connection."""


class _Recipient:
    """A `chat` connection. `told`: what it was given already, so that what waited is not given again."""

    def __init__(self, user_id: str, is_admin: bool, outbox: Outbox) -> None:
        self.user_id = user_id
        self.is_admin = is_admin
        self.outbox = outbox
        self.told: set[str] = set()


class Courier:
    def __init__(self, notifications: Notifications, connections: Connections) -> None:
        self._notifications = notifications
        self._connections = connections
        self._recipients: dict[_Recipient, None] = {}
        self._returns: set[asyncio.Task[None]] = set()
        notifications.listen(self.push)

    def push(self, one: Notification) -> None:
        """Tell it to those of its users who are connected now."""
        for recipient in [each for each in self._recipients if one.is_for(each.user_id, each.is_admin)]:
            self._bring(recipient, one)
        notice = notified(one)
        for connection in self._connections:
            if connection.dialect_name not in TOLD_AT_ONCE:
                continue
            is_meant = one.is_for(connection.user_id, connection.is_admin)
            if is_meant and connection.tell(notice):
                self._notifications.delivered(connection.user_id, [one.id])

    @contextmanager
    def attending(self, user_id: str, is_admin: bool, outbox: Outbox) -> Iterator[None]:
        """A `chat` connection, for as long as the block runs: it is told what waits, and all that comes."""
        recipient = _Recipient(user_id, is_admin, outbox)
        self._recipients[recipient] = None
        task = asyncio.create_task(self._bring_what_waits(recipient), name="waiting notifications")
        self._returns.add(task)
        task.add_done_callback(self._returns.discard)
        try:
            yield
        finally:
            del self._recipients[recipient]
            task.cancel()

    async def close(self) -> None:
        """Wait until nothing runs here any more."""
        if self._returns:
            await asyncio.wait(self._returns)

    async def _bring_what_waits(self, recipient: _Recipient) -> None:
        try:
            waiting = await self._notifications.waiting(recipient.user_id, recipient.is_admin)
        except Fault:
            log.warning("waiting_notifications_not_read", user_id=recipient.user_id)
            return
        for one in waiting:
            self._bring(recipient, one)

    def _bring(self, recipient: _Recipient, one: Notification) -> None:
        """Once to each; what an overwhelmed client doesn't take waits for its return."""
        if one.id in recipient.told:
            return
        recipient.told.add(one.id)

        def heard(taken: bool) -> None:
            if taken:
                self._notifications.delivered(recipient.user_id, [one.id])

        try:
            recipient.outbox.push(flat.notified(notified(one)), heard=heard)
        except Overwhelmed:
            log.warning("notification_not_taken", user_id=recipient.user_id)


def notified(one: Notification) -> Notified:
    return Notified(one.id, one.title, one.message, one.type, one.created_at, one.action_url, one.auto_close)

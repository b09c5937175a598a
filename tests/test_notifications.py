"""Notifications: kept until they were taken, each for whom it is for, on every storage."""

import asyncio

import pytest

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws.errors import Code, Fault
from text2sql_ws.notifications import ADMINISTRATORS, EVERYONE, WAITING, Notification, Notifications
from text2sql_ws.storage.database import Database

__all__ = ["database"]


async def ids(notifications: Notifications, user_id: str) -> list[str]:
    return [one.id for one in await notifications.waiting(user_id)]


async def test_what_is_sent_waits_for_whom_it_is_for_and_nobody_else(database: Database) -> None:
    notifications = Notifications(database, ManualClock(), {})
    sent = await notifications.send(["alice", "bob", "alice"], "标题", "内容", "warning", action_url="/x")
    assert len(sent) == 2
    (mine,) = await notifications.waiting("alice")
    assert mine == Notification(
        sent[0], "alice", "warning", "标题", "内容", ManualClock().now(), "/x", auto_close=False
    )
    assert await ids(notifications, "bob") == [sent[1]]
    assert await ids(notifications, "Alice") == []


async def test_one_for_everyone_is_taken_by_each_for_himself(database: Database) -> None:
    async with Notifications(database, ManualClock(), {}).marking() as notifications:
        (sent,) = await notifications.send("everyone", "维护", "今晚十点")
        assert (await notifications.waiting("alice"))[0].user_id == EVERYONE
        notifications.delivered("alice", [sent])
        assert await ids(notifications, "alice") == []
        await notifications.settled()
        assert await ids(notifications, "alice") == []
        assert await ids(notifications, "bob") == [sent]


async def test_one_for_administrators_is_for_whoever_comes_as_one(database: Database) -> None:
    notifications = Notifications(database, ManualClock(), {})
    (sent,) = await notifications.send("administrators", "数据源", "down", "error")
    assert await ids(notifications, "alice") == []
    assert await ids(notifications, ADMINISTRATORS) == []
    assert [one.id for one in await notifications.waiting("alice", is_admin=True)] == [sent]
    assert (await notifications.page("alice", is_admin=True))[1:] == (1, 1)
    with pytest.raises(Fault):
        await notifications.read(ADMINISTRATORS, sent)
    await notifications.read("alice", sent, is_admin=True)
    assert await notifications.waiting("alice", is_admin=True) == []


async def test_what_was_taken_stays_taken_after_a_restart(database: Database) -> None:
    async with Notifications(database, ManualClock(), {}).marking() as before:
        taken, kept = [(await before.send(["alice"], "t", str(n)))[0] for n in range(2)]
        before.delivered("alice", [taken, taken])
    again = Notifications(database, ManualClock(), {})
    assert await ids(again, "alice") == [kept]


async def test_who_returns_is_told_the_latest_oldest_first_and_nothing_stale(database: Database) -> None:
    clock = ManualClock()
    notifications = Notifications(database, clock, {})
    await notifications.send(["alice"], "t", "stale")
    clock.advance(31 * 86_400)
    sent = [(await notifications.send(["alice"], "t", str(n)))[0] for n in range(WAITING + 3)]
    assert await ids(notifications, "alice") == sent[3:]


async def test_a_page_has_the_unread_first_and_counts_them(database: Database) -> None:
    notifications = Notifications(database, ManualClock(), {})
    first, second, third = [(await notifications.send(["alice"], "t", str(n)))[0] for n in range(3)]
    await notifications.read("alice", second)
    await notifications.read("alice", second)
    found, total, unread = await notifications.page("alice")
    assert [(one.id, one.read) for one in found] == [(third, False), (first, False), (second, True)]
    assert (total, unread) == (3, 2)
    assert [one.id for one in (await notifications.page("alice", 2, 2))[0]] == [second]
    assert await notifications.page("nobody") == ([], 0, 0)
    assert second not in await ids(notifications, "alice")


async def test_nobody_reads_what_is_for_somebody_else(database: Database) -> None:
    notifications = Notifications(database, ManualClock(), {})
    (sent,) = await notifications.send(["alice"], "t", "m")
    with pytest.raises(Fault) as refused:
        await notifications.read("bob", sent)
    assert refused.value.code is Code.QUERY_NOT_FOUND


async def test_who_is_connected_is_told_after_it_was_stored(database: Database) -> None:
    notifications = Notifications(database, ManualClock(), {})
    told = list[Notification]()
    notifications.listen(told.append)
    sent = await notifications.send(["alice"], "t" * 300, "m")
    assert [one.id for one in told] == sent == await ids(notifications, "alice")
    assert len(told[0].title) == 200
    assert [one.id for one in await notifications.latest()] == sent


async def test_a_channel_without_services_is_refused_and_nothing_is_stored(database: Database) -> None:
    notifications = Notifications(database, ManualClock(), {"email": ["a", "b"], "sms": []})
    assert notifications.channels == ("websocket", "email")
    with pytest.raises(Fault) as refused:
        await notifications.send(["alice"], "t", "m", channels=["websocket", "sms"])
    assert refused.value.code is Code.INVALID_MESSAGE
    assert await notifications.latest() == []


async def test_receipts_of_notifications_that_are_gone_hold_up_nothing(database: Database) -> None:
    async with Notifications(database, ManualClock(), {}).marking() as notifications:
        (sent,) = await notifications.send(["alice"], "t", "m")
        notifications.delivered("alice", ["gone", sent])
        async with asyncio.timeout(5):
            await notifications.settled()
        assert await ids(notifications, "alice") == []

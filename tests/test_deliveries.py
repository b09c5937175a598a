"""E-mail goes out in the background: slow, dead and refusing servers lose nothing and hold up nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.support.fakes import ManualClock
from tests.support.mail_server import PASSWORD, USER, MailServer, mail_server
from tests.support.storage import database
from text2sql_ws.deliveries import FIRST_RETRY_SECONDS, Deliveries, Service, names_of, services_of
from text2sql_ws.notifications import Notifications
from text2sql_ws.posting import Posted, check_services, clean, post
from text2sql_ws.settings import Misconfigured, load
from text2sql_ws.settings import Notifications as Channels
from text2sql_ws.storage.database import Database
from text2sql_ws.storage.tables import deliveries as table

__all__ = ["database"]


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


class Office:
    """A service that sends by e-mail to one server."""

    def __init__(self, database: Database, url: str, seconds: float = 10.0, attempts: int = 3) -> None:
        self.clock = ManualClock()
        self.services = services_of(load(None, {"notifications": {"email": [url]}}).notifications)
        self.notifications = Notifications(database, self.clock, names_of(self.services))
        self.sender = Deliveries(database, self.clock, self.services, attempts, seconds)
        self.notifications.on_due = self.sender.wake
        self._database = database

    async def mail(self, title: str = "标题", message: str = "内容") -> None:
        await self.notifications.send(["me"], title, message, "warning", ["websocket", "email"])

    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.sender.wake()

    async def rows(self, fits: Callable[[Any], bool] = lambda row: True) -> list[Any]:
        """All deliveries, once each of them fits."""
        async with asyncio.timeout(20):
            while True:
                async with self._database.transaction() as connection:
                    rows = (await connection.execute(select(table).order_by(table.c.id))).all()
                if rows and all(map(fits, rows)):
                    return list(rows)
                await asyncio.sleep(0.02)


async def test_a_mail_goes_out_with_its_title_and_message(database: Database, mail: MailServer) -> None:
    office = Office(database, mail.url)
    async with office.sender.sending():
        await office.mail("服务中断", "数据源 sales 无法连接")
        await mail.until(1)
        (row,) = await office.rows(lambda row: row.status == "sent")
    assert row.attempts == 1
    ((subject, text),) = mail.mails
    assert subject == "服务中断"
    assert "数据源 sales 无法连接" in text


async def test_a_dead_server_gets_the_mail_once_when_it_is_back(database: Database, mail: MailServer) -> None:
    await mail.die()
    office = Office(database, mail.url)
    async with office.sender.sending():
        await office.mail()
        (row,) = await office.rows(lambda row: row.attempts == 1)
        assert row.status == "waiting"
        assert row.next_at > row.created_at
        await mail.open()
        office.wait(FIRST_RETRY_SECONDS)
        await mail.until(1)
        (row,) = await office.rows(lambda row: row.status == "sent")
    assert row.attempts == 2
    assert len(mail.mails) == 1


async def test_a_restart_goes_on_with_what_was_not_sent(database: Database, mail: MailServer) -> None:
    await mail.die()
    before = Office(database, mail.url)
    async with before.sender.sending():
        await before.mail()
        await before.rows(lambda row: row.attempts == 1)
    await mail.open()
    after = Office(database, mail.url)
    after.clock.advance(FIRST_RETRY_SECONDS)
    async with after.sender.sending():
        await mail.until(1)
        (row,) = await after.rows(lambda row: row.status == "sent")
    assert row.attempts == 2


async def test_a_silent_server_holds_up_nobody_and_is_tried_again(
    database: Database, mail: MailServer
) -> None:
    mail.silent = True
    office = Office(database, mail.url, seconds=0.6)
    async with office.sender.sending():
        async with asyncio.timeout(5):
            await office.mail()
        (row,) = await office.rows(lambda row: row.attempts == 1)
        assert row.status == "waiting"
        mail.silent = False
        mail.let_go()
        office.wait(FIRST_RETRY_SECONDS)
        await mail.until(1)
        await office.rows(lambda row: row.status == "sent")


async def test_a_mail_is_given_up_when_its_attempts_are_over_and_not_before(
    database: Database, mail: MailServer
) -> None:
    mail.refusing = True
    office = Office(database, mail.url, attempts=3)
    with capture_logs() as logged:
        async with office.sender.sending():
            await office.mail()
            for attempt in range(1, 4):
                (row,) = await office.rows(lambda row, n=attempt: row.attempts == n)  # type: ignore[misc]
                office.wait(3600)
            (row,) = await office.rows(lambda row: row.status == "failed")
    assert [entry["event"] for entry in logged] == ["delivery_failed", "delivery_failed", "delivery_given_up"]
    assert row.error
    assert mail.visits == 3
    assert PASSWORD not in repr(logged) + row.error
    assert USER not in repr(logged) + row.error


async def test_one_dead_service_holds_up_no_other(database: Database) -> None:
    clock, released, sent = ManualClock(), asyncio.Event(), list[str]()
    services = [Service("email", "dead", "x://dead"), Service("push", "well", "x://well")]
    loop = asyncio.get_running_loop()

    def post(url: str, title: str, message: str, kind: str, seconds: float) -> Posted:
        if url == "x://dead":
            asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        sent.append(url)
        return Posted(True)

    notifications = Notifications(database, clock, names_of(services))
    sender = Deliveries(database, clock, services, 3, 30.0, post)
    notifications.on_due = sender.wake
    async with sender.sending():
        for _ in range(3):
            await notifications.send(["me"], "t", "m", channels=["email", "push"])
        async with asyncio.timeout(10):
            while sent.count("x://well") < 3:
                await asyncio.sleep(0.01)
        assert "x://dead" not in sent
        released.set()


async def test_what_its_library_throws_is_a_failure_like_any_other(database: Database) -> None:
    def post(url: str, title: str, message: str, kind: str, seconds: float) -> Posted:
        raise ZeroDivisionError(url)

    service = Service("sms", "s", "x://secret")
    clock = ManualClock()
    notifications = Notifications(database, clock, names_of([service]))
    sender = Deliveries(database, clock, [service], 1, 5.0, post)
    notifications.on_due = sender.wake
    with capture_logs() as logged:
        async with sender.sending():
            await notifications.send("everyone", "t", "m", channels=["sms"])
            async with asyncio.timeout(10):
                while not logged:
                    await asyncio.sleep(0.01)
    assert (logged[0]["event"], logged[0]["why"]) == ("delivery_given_up", "ZeroDivisionError")


async def test_what_was_meant_for_a_service_that_is_gone_is_given_up(
    database: Database, mail: MailServer
) -> None:
    before = Office(database, mail.url)
    await before.mail()
    after = Office(database, "mailto://u:p@127.0.0.1:9?to=a@example.com")
    async with after.sender.sending():
        (row,) = await after.rows(lambda row: row.status == "failed")
    assert row.error == "the service is not configured"
    assert mail.mails == []


def test_a_url_that_apprise_does_not_know_says_so_without_quoting_it() -> None:
    posted = post("nosuch://u:s3cret@host/path", "t", "m", "info", 1.0)
    assert not posted.sent
    assert "s3cret" not in posted.why


def test_service_urls_are_tried_before_the_server_starts() -> None:
    good = "mailto://u:s3cret@mail.example.com?to=ops@example.com"
    check_services(Channels.model_validate({"email": [good]}))
    bad = {"email": [good, "mailtos://u:s3cret@"], "push": ["nosuch://u:s3cret@host/path"]}
    with pytest.raises(Misconfigured) as refused:
        check_services(Channels.model_validate(bad))
    first, second = refused.value.problems
    assert first.startswith("notifications.email: the 2. URL")
    assert second.startswith("notifications.push: the 1. URL")
    assert "s3cret" not in first + second


@pytest.mark.parametrize(
    ("said", "cleaned"),
    [
        ("as postman with p%40ss at mail.example.com", "as *** with *** at mail.example.com"),
        ("p@ss refused\n for key-123", "*** refused for ***"),
        ("token=abcdef", "***"),
    ],
)
def test_what_a_library_says_is_cleaned_of_all_that_stands_in_the_url(said: str, cleaned: str) -> None:
    assert clean(said, "mailtos://postman:p%40ss@mail.example.com/key-123?token=abcdef") == cleaned

"""What happens that people should know of reaches them as a notification, no more often than it should."""

from collections.abc import Sequence

import pytest

from tests.support.fakes import ManualClock
from tests.support.storage import database
from text2sql_ws.announcing import WARNING_SECONDS, Announcer
from text2sql_ws.happenings import (
    BudgetReached,
    Happening,
    LoginFailed,
    MessageReceived,
    ServiceCameBack,
    ServiceWentDown,
)
from text2sql_ws.notifications import Notification, Notifications
from text2sql_ws.storage.database import Database
from text2sql_ws.texts import Locale

__all__ = ["database"]


async def announced(
    database: Database, *happenings: Happening, locale: Locale = "en", clock: ManualClock | None = None
) -> Sequence[Notification]:
    """What was sent, the first first."""
    notifications = Notifications(database, clock or ManualClock(), {})
    async with Announcer(notifications, clock or ManualClock(), locale).announcing() as announcer:
        for happening in happenings:
            announcer.hear(happening)
    return list(reversed(await notifications.latest()))


async def test_administrators_learn_of_services_that_go_and_come(database: Database) -> None:
    sent = await announced(
        database,
        ServiceWentDown("datasource", "sales", "connection refused"),
        ServiceCameBack("provider", "main", 90.0),
        MessageReceived("s", "u", 3),
    )
    assert [(one.whom, one.type, one.title, one.message) for one in sent] == [
        ("administrators", "error", "Data source is down: sales",
         "Data source sales failed several times in a row: connection refused"),
        ("administrators", "success", "Model provider is back: main",
         "Model provider main is back after 1.5 minutes"),
    ]  # fmt: skip


async def test_a_users_budget_is_told_to_the_user_and_that_of_all_to_administrators(
    database: Database,
) -> None:
    sent = await announced(
        database, BudgetReached(80, "alice", 80, 100), BudgetReached(100, None, 1000, 1000), locale="zh"
    )
    assert [(one.whom, one.type) for one in sent] == [("alice", "warning"), ("administrators", "urgent")]
    assert sent[0].message == "您今天的 token 额度 100 已用 80"
    assert "2026-11-22T00:00:00.000Z" in sent[1].message


async def test_failed_logins_are_warned_of_when_they_repeat_and_not_again_and_again(
    database: Database,
) -> None:
    few = [LoginFailed("10.0.0.1", n) for n in range(1, 5)]
    assert await announced(database, *few) == []
    clock = ManualClock()
    notifications = Notifications(database, clock, {})
    async with Announcer(notifications, clock, "en").announcing() as announcer:
        for n in range(1, 50):
            announcer.hear(LoginFailed("10.0.0.1", n))
        await announcer.settled()
        (first,) = await notifications.latest()
        assert (first.whom, first.type) == ("administrators", "warning")
        assert "5 failed logins from 10.0.0.1" in first.message
        for n in range(200):
            announcer.hear(LoginFailed(f"10.1.0.{n}", 9))
        clock.advance(WARNING_SECONDS)
        announcer.hear(LoginFailed("10.9.9.9", 6))
        await announcer.settled()
    latest, _ = await notifications.latest()
    assert "6 failed logins from 10.9.9.9; 239 more" in latest.message


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_it_is_said_in_the_language_that_is_configured(database: Database, locale: Locale) -> None:
    (sent,) = await announced(database, ServiceWentDown("datasource", "sales", "x"), locale=locale)
    assert sent.title == {"zh": "数据源不可用：sales", "en": "Data source is down: sales"}[locale]

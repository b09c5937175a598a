"""The tally: who is here, what happened lately, and how many queries fail."""

from tests.support.fakes import Collected, ManualClock
from text2sql_ws.commands import Ask
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Ending, QueryCancelled, QueryFailed, Stage
from text2sql_ws.happenings import (
    ConnectionRefused,
    LoginFailed,
    MessageReceived,
    QueryOver,
    ServiceWentDown,
    UserConnected,
    UserGone,
)
from text2sql_ws.pipeline import Resume
from text2sql_ws.query import Owner, Query
from text2sql_ws.tally import LATEST, Rate, Tally
from text2sql_ws.texts import verbatim

WINDOW = 60.0
FAILED = QueryFailed(Fault(Code.TIMEOUT_ERROR, verbatim("late")), Stage.EXECUTING_SQL)


def over(clock: ManualClock, ending: Ending) -> QueryOver:
    query = Query("q", Owner("alice", "s"), Ask("?"), Resume(), clock.now(), clock.monotonic(), Collected())
    query.ending = ending
    return QueryOver(query)


def test_users_are_online_while_they_have_a_connection() -> None:
    tally = Tally(ManualClock(), WINDOW)
    for connection_id in ("1", "2"):
        tally.hear(UserConnected(connection_id, "alice", "chat", "s", "::1"))
    tally.hear(UserGone("1", "alice", "chat", "s", 1000, 1.5))
    assert tally.online == {"alice": 1}
    tally.hear(UserGone("2", "alice", "chat", "s", None, 1.5))
    assert tally.online == {}
    assert tally.disconnections == 2


def test_the_rate_is_that_of_the_window_and_cancelled_queries_count_for_nothing() -> None:
    clock = ManualClock()
    tally = Tally(clock, WINDOW)
    assert (tally.rate(), tally.rate().value) == (Rate(0, 0), 0.0)
    tally.hear(over(clock, FAILED))
    tally.hear(over(clock, QueryCancelled()))
    clock.advance(WINDOW / 2)
    tally.hear(over(clock, FAILED))
    assert tally.rate() == Rate(2, 2)
    clock.advance(WINDOW / 2 + 1)
    assert tally.rate() == Rate(1, 1)
    clock.advance(WINDOW)
    assert tally.rate() == Rate(0, 0)
    assert tally.errors == 2


def test_errors_say_what_they_were_and_only_the_latest_are_kept() -> None:
    clock = ManualClock()
    tally = Tally(clock, WINDOW)
    tally.hear(ConnectionRefused("bob", "4504"))
    tally.hear(LoginFailed("192.0.2.1", 3))
    tally.hear(ServiceWentDown("datasource", "sales", "refused"))
    tally.hear(MessageReceived("s", "alice", 100))
    tally.hear(over(clock, FAILED))
    assert [noted.facts["error"] for noted in tally.latest()] == [
        "query_failed", "service_down", "login_failed", "connection_refused",
    ]  # fmt: skip
    assert tally.latest()[0].facts["code"] == "TIMEOUT_ERROR"
    for _ in range(LATEST):
        tally.hear(LoginFailed("192.0.2.2", 1))
    assert len(tally.latest()) == LATEST
    assert {noted.facts["address"] for noted in tally.latest()} == {"192.0.2.2"}
    clock.advance(5)
    assert tally.uptime_seconds == 5

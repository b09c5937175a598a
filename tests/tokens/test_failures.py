"""Failed logins: slowed by address, told apart, forgotten, and in bounds."""

import pytest
import structlog

from tests.support.fakes import ManualClock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say
from text2sql_ws.tokens import failures
from text2sql_ws.tokens.failures import FREE_FAILURES, FailedLogins

BAD = Fault(Code.AUTHENTICATION_FAILED, say("login.expired"))


def nobody(address: str, failures: int) -> None:
    """Hears of it, and does nothing."""


def tried(failed: FailedLogins, address: str = "192.0.2.1") -> float | None:
    """How long the address has to wait after one more failure; `None` when it was heard."""
    answer = failed.add(address, BAD)
    if answer is BAD:
        return None
    assert answer.code is Code.RATE_LIMITED
    return answer.retry_after


def test_the_wait_grows_and_has_an_end() -> None:
    clock = ManualClock()
    failed = FailedLogins(clock, nobody)
    assert [tried(failed) for _ in range(FREE_FAILURES + 1)] == [None] * FREE_FAILURES + [1]
    waits = []
    for _ in range(9):
        clock.advance(tried(failed) or 0)
        assert tried(failed) is None
        waits.append(tried(failed))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_addresses_are_told_apart_but_not_within_one_network() -> None:
    failed = FailedLogins(ManualClock(), nobody)
    for number in range(FREE_FAILURES):
        assert tried(failed, f"2001:db8::{number:x}") is None
    assert tried(failed, "2001:db8::ffff:1") == 1
    assert tried(failed, "2001:db8:0:1::1") is None
    assert tried(failed, "192.0.2.7") is None
    assert tried(failed, "unknown") is None


def test_it_is_forgotten_after_a_while() -> None:
    clock = ManualClock()
    failed = FailedLogins(clock, nobody)
    while tried(failed) is None:
        pass
    clock.advance(failures.FORGOTTEN_SECONDS + 1)
    assert [tried(failed) for _ in range(FREE_FAILURES)] == [None] * FREE_FAILURES


def test_the_table_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "ADDRESSES", 3)
    failed = FailedLogins(ManualClock(), nobody)
    for _ in range(FREE_FAILURES):
        tried(failed, "192.0.2.1")
    assert tried(failed, "192.0.2.1") == 1
    for number in range(2, 5):
        tried(failed, f"192.0.2.{number}")
    assert len(failed._records) == 3
    assert tried(failed, "192.0.2.1") is None, "forgotten for the others"


def test_each_failure_that_is_heard_is_logged_once() -> None:
    failed = FailedLogins(ManualClock(), nobody)
    with structlog.testing.capture_logs() as logged:
        for _ in range(100):
            tried(failed)
    assert [entry["event"] for entry in logged] == ["login_failed"] * 4 + ["logins_fail_repeatedly"]
    assert all(entry["log_level"] == "warning" and entry["security"] for entry in logged)
    assert logged[-1]["failures"] == FREE_FAILURES


def test_each_failure_that_is_counted_is_told() -> None:
    told: list[tuple[str, int]] = []
    failed = FailedLogins(ManualClock(), lambda address, failures: told.append((address, failures)))
    for _ in range(FREE_FAILURES + 1):
        tried(failed)
    assert told == [("192.0.2.1", count) for count in range(1, FREE_FAILURES + 1)]

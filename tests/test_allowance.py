"""How much somebody may ask: a burst, then an even flow; and who is refused too often."""

import pytest

from text2sql_ws.allowance import Allowance, Allowances, Strikes


def test_a_burst_and_then_an_even_flow() -> None:
    allowance = Allowance(per_minute=60, burst=3)
    assert [allowance.take(0) for _ in range(3)] == [0, 0, 0]
    assert allowance.take(0) == 1
    assert allowance.take(0.25) == pytest.approx(0.75)
    assert allowance.take(1) == 0
    assert allowance.take(1) == 1


def test_no_more_is_saved_than_the_burst() -> None:
    allowance = Allowance(per_minute=60, burst=3)
    allowance.take(0)
    assert [allowance.take(1000) for _ in range(4)] == [0, 0, 0, 1]


def test_what_was_refused_costs_nothing() -> None:
    allowance = Allowance(per_minute=60, burst=1)
    allowance.take(0)
    for _ in range(100):
        assert allowance.take(0.5) == 0.5
    assert allowance.take(1) == 0


@pytest.mark.parametrize("per_minute", [1, 7, 100, 6000])
def test_over_a_long_time_it_is_the_rate(per_minute: int) -> None:
    allowance = Allowance(per_minute, per_minute)
    granted = sum(allowance.take(tick / 100) == 0 for tick in range(60_000))
    assert abs(granted - 11 * per_minute) <= 1 or granted == 60_000


def test_strikes_count_within_any_minute() -> None:
    strikes = Strikes(3)
    assert [strikes.add(now) for now in (0, 59, 60, 61)] == [False, False, False, True]
    strikes = Strikes(3)
    assert [strikes.add(now) for now in (0, 30, 59.9)] == [False, False, True]
    assert Strikes(1).add(0)


def test_each_name_has_a_bucket_of_its_own() -> None:
    allowances = Allowances(per_minute=2)
    assert [allowances.take("alice", 0) for _ in range(3)] == [0, 0, 30]
    assert allowances.take("bob", 0) == 0
    assert allowances.take("alice", 30) == 0


def test_who_has_said_nothing_for_a_minute_is_forgotten_and_has_lost_nothing_by_it() -> None:
    allowances = Allowances(per_minute=2)
    for number in range(1000):
        allowances.take(f"user {number}", number / 100)
    allowances.take("user 0", 30)
    assert len(allowances) == 1000
    allowances.take("alice", 70)
    assert len(allowances) == 2, "user 0 has asked since"
    assert [allowances.take("user 500", 70) for _ in range(3)] == [0, 0, 30]

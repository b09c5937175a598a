"""Words for periods, in both languages, are the right half-open ranges."""

from datetime import date

import pytest

from text2sql_ws.llm.offline.dates import periods

TODAY = date(2026, 11, 21)

CASES = (
    ("去年的销售额", "2025-01-01", "2026-01-01"),
    ("今年上半年", "2026-01-01", "2026-07-01"),
    ("上个月", "2026-10-01", "2026-11-01"),
    ("本季度", "2026-10-01", "2027-01-01"),
    ("最近三个月", "2026-08-21", "2026-11-22"),
    ("近30天", "2026-10-23", "2026-11-22"),
    ("昨天", "2026-11-20", "2026-11-21"),
    ("2025年3月", "2025-03-01", "2025-04-01"),
    ("2025年第二季度", "2025-04-01", "2025-07-01"),
    ("2025年1月到3月", "2025-01-01", "2025-04-01"),
    ("1到3月", "2026-01-01", "2026-04-01"),
    ("从2024年6月到2025年2月", "2024-06-01", "2025-03-01"),
    ("2024年11月到次年", "2024-11-01", "2024-12-01"),
    ("2023年以来", "2023-01-01", None),
    ("2024年以前", None, "2024-01-01"),
    ("2024年3月之后入职", "2024-04-01", None),
    ("12月", "2025-12-01", "2026-01-01"),
    ("2025年6月18日", "2025-06-18", "2025-06-19"),
    ("上周", "2026-11-09", "2026-11-16"),
    ("in Q2 2025", "2025-04-01", "2025-07-01"),
    ("since March 2025", "2025-03-01", None),
    ("between Jan and Mar 2025", "2025-01-01", "2025-04-01"),
    ("from March to May 2025", "2025-03-01", "2025-06-01"),
    ("last week", "2026-11-09", "2026-11-16"),
    ("the first half of 2025", "2025-01-01", "2025-07-01"),
    ("last year's Q4", "2025-10-01", "2026-01-01"),
    ("over the last 3 months", "2026-08-21", "2026-11-22"),
    ("this year to date", "2026-01-01", "2026-11-22"),
    ("before 2024", None, "2024-01-01"),
    ("on March 5, 2025", "2025-03-05", "2025-03-06"),
    ("2025-03-01 to 2025-03-31", "2025-03-01", "2025-04-01"),
    ("in May", "2026-05-01", "2026-06-01"),
)


@pytest.mark.parametrize(("text", "start", "end"), CASES)
def test_a_period_is_the_half_open_range(text: str, start: str | None, end: str | None) -> None:
    (found,) = periods(text, TODAY)
    day = [limit.isoformat() if limit else None for limit in (found.period.start, found.period.end)]
    assert day == [start, end]
    assert text[found.start : found.end]


@pytest.mark.parametrize(
    "text", ["三个月", "may I ask", "more than 2000 units", "between 1000 and 2000", "价格2000元", "2025元"]
)
def test_what_is_no_period_is_none(text: str) -> None:
    assert periods(text, TODAY) == []


def test_two_years_are_two_periods() -> None:
    assert [found.period.start for found in periods("2024 vs 2025", TODAY)] == [
        date(2024, 1, 1),
        date(2025, 1, 1),
    ]


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1)])
def test_the_edges_of_the_calendar_hold(today: date) -> None:
    (found,) = periods("last month", today)
    assert found.period.start is not None
    assert found.period.end == today.replace(day=1)

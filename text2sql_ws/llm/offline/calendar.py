"""Periods of the calendar as half-open ranges of dates: years, quarters, months, weeks. No language here."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "week", "month", "quarter", "year"]

MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`; `None` is open. `grain` is the unit that a person named."""

    start: date | None
    end: date | None
    grain: Grain
    words: str = ""

    def shifted(self, months: int) -> "Period":
        """The same period so many months earlier or later."""
        start, end = (None if day is None else add_months(day, months) for day in (self.start, self.end))
        return Period(start, end, self.grain)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it has no such day."""
    number = min(max(day.year * 12 + day.month - 1 + months, FIRST_YEAR * 12), LAST_YEAR * 12)
    first = date(number // 12, number % 12 + 1, 1)
    following = date((number + 1) // 12, (number + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def add_days(day: date, days: int) -> date:
    """`days` later; it stops at the ends of the calendar that anyone asks about."""
    lowest, highest = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    days = min(max(days, (lowest - day).days), (highest - day).days)
    return day + timedelta(days)


def year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number + 1, 1, 1), "year")


def part_of_year(number: int, unit: Literal["half", "quarter", "month"], index: int) -> Period:
    """The half, quarter or month `index` (from 1) of a year."""
    start = date(number, (index - 1) * MONTHS[unit] + 1, 1)
    return Period(start, add_months(start, MONTHS[unit]), "month" if unit == "month" else "quarter")


def day(of: date) -> Period:
    return Period(of, add_days(of, 1), "day")


def around(today: date, unit: Grain, steps: int) -> Period:
    """The day, week (from Monday), month, quarter or year that is `steps` from today's."""
    match unit:
        case "day":
            return day(add_days(today, steps))
        case "week":
            monday = add_days(today, 7 * steps - today.weekday())
            return Period(monday, add_days(monday, 7), "week")
        case "month":
            start = add_months(today.replace(day=1), steps)
            return Period(start, add_months(start, 1), "month")
        case "quarter":
            start = add_months(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), 3 * steps)
            return Period(start, add_months(start, 3), "quarter")
        case "year":
            return year(min(max(today.year + steps, FIRST_YEAR), LAST_YEAR))


def latest(today: date, count: int, unit: Grain) -> Period:
    """The last `count` days, weeks, months … up to and including today, counted back from today."""
    tomorrow = add_days(today, 1)
    if unit in ("day", "week"):
        days = count * (7 if unit == "week" else 1)
        return Period(add_days(today, 1 - days), tomorrow, unit)
    return Period(add_months(today, -count * MONTHS[unit]), tomorrow, unit)

"""How business rises and falls with the calendar in China: the weight of a day, and nothing of what is sold.

Every weight is a factor on an ordinary working day; they multiply.
"""

import math
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

YEARLY_GROWTH = 1.14

_WEEKDAYS = (1.1, 1.0, 1.0, 1.0, 1.05, 0.45, 0.35)
_NEW_MOON = 730126.09  # a mean new moon, 2000-01-07 in Beijing, as a proleptic ordinal with a fraction
_LUNATION_DAYS = 29.530588


@dataclass(frozen=True, slots=True)
class Period:
    """The company's recorded history: from `first`, the beginning of a month, up to and including `today`."""

    first: date
    today: date

    def days(self) -> list[date]:
        return [date.fromordinal(day) for day in range(self.first.toordinal(), self.today.toordinal() + 1)]

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def years_until(self, day: date) -> float:
        return (day - self.first).days / 365.25


def grown(factor: float, years: float) -> float:
    """What 1 becomes when it grows by `factor` a year."""
    return math.pow(factor, years)


def three_years(today: date) -> Period:
    """The month of `today` and the 36 before it."""
    return Period(date(today.year - 3, today.month, 1), today)


def months(first: date, last: date) -> list[date]:
    """The first days of all months from that of `first` to that of `last`."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def spring_festival(year: int) -> date:
    """The new moon between 21 January and 20 February, to within a day: the mean moon, not the true one."""
    earliest = date(year, 1, 21).toordinal()
    lunations = -((_NEW_MOON - earliest) // _LUNATION_DAYS)
    return date.fromordinal(int(_NEW_MOON + lunations * _LUNATION_DAYS))


def weight(day: date, festivals: Mapping[int, date]) -> float:
    """Weekday, holidays, shopping festivals and the end of a quarter; `festivals` is by year."""
    return _WEEKDAYS[day.weekday()] * _holiday(day, festivals[day.year]) * _shopping(day) * _quarter_end(day)


def _holiday(day: date, festival: date) -> float:
    away = (day - festival).days
    if -4 <= away <= 9:
        return 0.15
    if -20 <= away < -4 or (away > 9 and away <= 20):
        return 1.15 if away < 0 else 0.8
    return 0.3 if day.month == 10 and day.day <= 7 else 1.0


def _shopping(day: date) -> float:
    match day.month, day.day:
        case 11, 11:
            return 4.0
        case 11, number if number < 11:
            return 1.5
        case 6, 18:
            return 2.5
        case 6, number if 10 <= number < 18:
            return 1.4
        case 12, _:
            return 1.1
    return 1.0


def _quarter_end(day: date) -> float:
    return 1.35 if day.month % 3 == 0 and (month_end(day) - day) < timedelta(days=7) else 1.0

"""Finds the periods that a text names: "去年3月", "in Q2 2025", "最近三个月", "since March", "1月到3月".

Relative words count from `today`. A period that names no year takes the nearest such one that has begun.
Nothing here knows a column.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from text2sql_ws.llm.offline import calendar
from text2sql_ws.llm.offline import period_patterns as patterns
from text2sql_ws.llm.offline.calendar import FIRST_YEAR, LAST_YEAR, Grain, Period
from text2sql_ws.llm.offline.numbers import chinese

_ZH_UNITS: dict[str, Grain] = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month", "季度": "quarter",
    "季": "quarter", "年": "year", "年度": "year",
}  # fmt: skip
_EN_UNITS: dict[str, Grain] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


@dataclass(frozen=True, slots=True)
class Found:
    """A period and where it stands. `same_period` is 同期: the asked span, in that year."""

    period: Period
    start: int
    end: int
    open_year: bool = False
    same_period: bool = False
    is_range: bool = False


def periods(text: str, today: date) -> list[Found]:
    """The periods named in `text`, left to right, ranges joined and "since", "之前" applied."""
    return [_bounded(found, text) for found in _joined(_atoms(text, today), text)]


def _atoms(text: str, today: date) -> list[Found]:
    found: list[Found] = []
    spelled, offsets = _spelled_out(text)
    for match in patterns.PERIOD.finditer(spelled):
        if (atom := _atom(match, today, spelled)) is not None:
            start, end = offsets[match.start()], offsets[match.end() - 1] + 1
            found.append(replace(atom, start=start, end=max(end, start + 1)))
    return found


def _spelled_out(text: str) -> tuple[str, list[int]]:
    """ "1到3月" as "1月到3月", "Jan and Mar 2025" as "Jan 2025 and Mar 2025"; with their old places."""
    inserts: dict[int, str] = {}
    for match in patterns.MONTH_TO_MONTH.finditer(text):
        if not match[2]:
            inserts[match.end(1)] = "月"
    for match in patterns.MONTHS_OF_YEAR.finditer(text):
        inserts[match.end(1)] = f" {match[2]}"
    out: list[str] = []
    offsets: list[int] = []
    for place in range(len(text) + 1):
        for char in inserts.get(place, ""):
            out.append(char)
            offsets.append(max(place - 1, 0))
        if place < len(text):
            out.append(text[place])
            offsets.append(place)
    return "".join(out), [*offsets, len(text)]


def _atom(match: re.Match[str], today: date, text: str) -> Found | None:
    """One match as a period, or None where it is a word of another meaning ("may", "a mar")."""
    said = match.groupdict()
    period = _period(match, today, text)
    if period is None:
        return None
    part = said["zh_part"] or said["en_part"]
    open_year = bool(part) and not (said["zh_part_year"] or said["en_part_year"])
    words = replace(period, words=match[0].strip())
    return Found(words, *match.span(), open_year=open_year, same_period=said["zh_sub"] == "同期")


def _period(match: re.Match[str], today: date, text: str) -> Period | None:
    said = match.groupdict()
    if said["iso"]:
        return _iso(int(said["iy"]), int(said["im"]), said["id"])
    if said["half_year"]:
        return calendar.latest(today, 6, "month")
    if said["zh_last"]:
        return calendar.latest(today, _count(said["zh_last"]), _ZH_UNITS[said["zh_unit"]])
    if said["en_last"]:
        return calendar.latest(today, _count(said["en_last"]), _EN_UNITS[said["en_unit"].lower()])
    if said["zh_rel"]:
        return _relative_zh(said["zh_rel"], today)
    if said["zh_ytd"]:
        return Period(date(today.year, 1, 1), calendar.add_days(today, 1), "year")
    if said["en_rel"]:
        return _relative_en(said["en_rel"].lower(), said["rel_sub"], today)
    return _of_year(match, today, text)


def _of_year(match: re.Match[str], today: date, text: str) -> Period | None:
    """A year, or a part of one: of the year that is named, else of the nearest that has begun."""
    said = match.groupdict()
    if said["zh_year"]:
        number, part = _year(said["zh_year"], today), said["zh_sub"]
        return calendar.year(number) if part in (None, "同期") else _part(part, number)
    if said["en_year"]:
        if patterns.COMPARED.search(text[: match.start()]):
            return None
        number = int(said["en_year"])
        return _part(said["en_sub"], number) if said["en_sub"] else calendar.year(number)
    if said["en_part"] and _is_plain_word(match, text):
        return None
    part, year = said["zh_part"] or said["en_part"], said["zh_part_year"] or said["en_part_year"]
    return _part(part, _year(year, today)) if year else _nearest(part, today)


def _iso(year: int, month: int, day: str | None) -> Period | None:
    if not day:
        return calendar.part_of_year(year, "month", month)
    try:
        return calendar.day(date(year, month, int(day)))
    except ValueError:
        return None


def _relative_zh(word: str, today: date) -> Period:
    days = {"今天": 0, "今日": 0, "昨天": -1, "昨日": -1, "前天": -2}
    if word in days:
        return calendar.around(today, "day", days[word])
    unit = next(_ZH_UNITS[name] for name in ("星期", "礼拜", "周", "季", "月") if name in word)
    steps = -2 if word.startswith("上上") else -1 if word.startswith("上") else 0
    return calendar.around(today, unit, steps)


def _relative_en(word: str, part: str | None, today: date) -> Period | None:
    """ "last quarter", "this year to date", "last year's Q4"."""
    if word in ("today", "yesterday"):
        return calendar.around(today, "day", -1 if word == "yesterday" else 0)
    short = {"ytd": "year", "mtd": "month", "qtd": "quarter"}.get(word, word)
    unit = next(unit for name, unit in _EN_UNITS.items() if name in short and name != "day")
    period = calendar.around(today, unit, -1 if re.search("last|previous|past", word) else 0)
    if part and period.start:
        return _part(part, period.start.year)
    return replace(period, end=calendar.add_days(today, 1)) if "to date" in word or short != word else period


def _year(word: str | None, today: date) -> int:
    word = (word or "").lower()
    if digits := re.search(r"\d{4}", word):
        return int(digits[0])
    if "前年" in word:
        return today.year - 2
    return (
        today.year - 1
        if any(w in word for w in ("去年", "上年", "上一年", "last", "previous"))
        else today.year
    )


def _nearest(part: str, today: date) -> Period | None:
    period = _part(part, today.year)
    if period and period.start and period.start > today:
        return _part(part, today.year - 1)
    return period


def _part(part: str, year: int) -> Period | None:
    """A half, quarter, month or day of `year` from its words in either language."""
    low = re.sub(r"\s+", " ", part.lower().strip()).removeprefix("the ").removeprefix("in ")
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    if "半年" in low or "half" in low or re.fullmatch(r"h[12]", low):
        return calendar.part_of_year(
            year, "half", 2 if low.startswith(("下", "second", "2nd", "h2", "last")) else 1
        )
    if "季" in low or "quarter" in low or low.startswith("q"):
        return calendar.part_of_year(year, "quarter", _ordinal(low))
    if low[:3].isascii() and low[:3].isalpha():
        return _month_day(
            year, [m[:3] for m in patterns.MONTH_NAMES].index(low[:3]) + 1, re.search(r"\d{1,2}", low)
        )
    month, _, rest = low.partition("月")
    return _month_day(year, _count(month.strip()), re.search(r"\d{1,2}", rest))


def _month_day(year: int, month: int, day: re.Match[str] | None) -> Period | None:
    if day is None:
        return calendar.part_of_year(year, "month", month)
    try:
        return calendar.day(date(year, month, int(day[0])))
    except ValueError:
        return None


def _ordinal(word: str) -> int:
    if word.startswith("last"):
        return 4
    found = re.search(r"[1-4]|[一二三四]|first|second|third|fourth", word)
    token = found[0] if found else "1"
    return _ORDINALS.get(token) or _count(token)


def _count(word: str) -> int:
    low = word.lower()
    return int(low) if low.isdigit() else patterns.SMALL.get(low) or chinese(low)


def _is_plain_word(match: re.Match[str], text: str) -> bool:
    """ "may" and "march" are months only after a preposition, with a year, or in capitals."""
    word = (match["en_part"] or "").lower().strip(". ")
    if word not in (
        "may",
        "march",
        "mar",
        "jan",
        "jun",
        "dec",
        "sun",
        "oct",
        "sep",
        "last half",
        "first half",
    ):
        return False
    if match["en_part_year"] or (match["en_part"][0].isupper() and match.start() > 0 and word != "may"):
        return False
    return not re.search(
        r"(?:in|since|from|of|during|for|before|after|to|and|until|by|between)\s+$",
        text[: match.start()],
        re.I,
    )


def _joined(atoms: list[Found], text: str) -> Iterator[Found]:
    """Ranges: "A 到 B", "from A to B"; the second takes the first's year if it has none."""
    place = 0
    while place < len(atoms):
        first = atoms[place]
        second = atoms[place + 1] if place + 1 < len(atoms) else None
        joined = second and _range(first, second, text)
        yield joined or first
        place += 2 if joined else 1


def _range(first: Found, second: Found, text: str) -> Found | None:
    between = text[first.end : second.start]
    opened = patterns.BETWEEN.search(text[: first.start])
    if not patterns.JOINED.fullmatch(between) and not (opened and patterns.AND.fullmatch(between)):
        return None
    end = second.period
    if second.open_year and first.period.start and end.start and end.start < first.period.start:
        end = end.shifted(12 * (first.period.start.year - end.start.year))
        end = end.shifted(12) if end.start and end.start < first.period.start else end
    elif second.open_year and not first.open_year and first.period.start and end.start:
        end = end.shifted(12 * (first.period.start.year - end.start.year))
    if first.period.start is None or end.end is None or end.end <= first.period.start:
        return None
    before = patterns.OPENED.search(text[: first.start])
    start = before.start() if before else first.start
    words = text[start : second.end]
    return Found(Period(first.period.start, end.end, end.grain, words), start, second.end, is_range=True)


def _bounded(found: Found, text: str) -> Found:
    """ "Since", "after", "before" and their Chinese kin, taken into the span."""
    if found.is_range:
        return found
    before = patterns.BEFORE_PERIOD.search(text[: found.start])
    after = patterns.AFTER_PERIOD.match(text, found.end)
    how = (
        after.lastgroup
        if after
        else patterns.BEFORE[" ".join(before[0].lower().split()).removesuffix(" the")]
        if before
        else ""
    )
    if not how:
        return found
    start = before.start() if before else found.start
    end = after.end() if after else found.end
    period = found.period
    if how == "until":
        period = replace(period, start=None, end=period.start)
    elif how == "after":
        period = replace(period, start=period.end, end=None)
    else:
        period = replace(period, end=None)
    return replace(found, period=replace(period, words=text[start:end].strip()), start=start, end=end)

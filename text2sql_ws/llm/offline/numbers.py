"""Numbers as people write them: `1,000`, `1.5k`, `2 million`, `100万`, `三千五百`, `five`. Nothing of
dates.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from text2sql_ws.llm.offline.tokens import listed

_UNITS_ZH = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_UNITS_EN = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000, "mn": 1_000_000,
             "b": 1_000_000_000, "bn": 1_000_000_000, "billion": 1_000_000_000, "hundred": 100}  # fmt: skip
_DIGITS_ZH = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WORDS_EN = {
    word: value
    for value, word in enumerate(
        listed(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen twenty"
        )
    )
} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "a dozen": 12,
}

_ZH_DIGITS, _ZH_UNITS = "一二两三四五六七八九", "百千万亿"
_EN_WORDS = "|".join(sorted(_WORDS_EN, key=len, reverse=True))
_NUMBER = re.compile(
    rf"""
    (?P<digits>\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)
      (?:(?P<zh>\s*[十百千万亿]+)|\s*(?P<en>thousand|million|billion|hundred|mn|bn|[kmb])(?![A-Za-z]))?
      (?P<percent>\s*[%％])?
    | (?P<chinese>[零〇十{_ZH_DIGITS}{_ZH_UNITS}]*[十{_ZH_DIGITS}][零〇十{_ZH_DIGITS}{_ZH_UNITS}]*)
    | (?<![A-Za-z])(?P<word>{_EN_WORDS})(?![A-Za-z])
      (?:\s+(?P<wordunit>thousand|million|billion|hundred)(?![A-Za-z]))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands: offsets in the text. `20%` has the value 20 and is a percentage."""

    value: Decimal
    start: int
    end: int
    percent: bool = False


def numbers(text: str) -> Iterator[Number]:
    """The numbers in `text`, left to right. Digits without end are not taken for a number."""
    for found in _NUMBER.finditer(text):
        if found["digits"] and len(found["digits"]) > MAX_DIGITS:
            continue
        yield Number(_value(found), *found.span(), percent=bool(found["percent"]))


def _value(found: re.Match[str]) -> Decimal:
    if found["chinese"]:
        return Decimal(chinese(found["chinese"]))
    if found["word"]:
        return Decimal(_WORDS_EN[found["word"].lower()]) * _UNITS_EN.get((found["wordunit"] or "").lower(), 1)
    value = Decimal(found["digits"].replace(",", ""))
    for char in (found["zh"] or "").strip():
        value *= _UNITS_ZH[char]
    return value * _UNITS_EN.get((found["en"] or "").lower(), 1)


def chinese(text: str) -> int:
    """`三千五百` -> 3500, `十二` -> 12, `一百万` -> 1000000, `二五` -> 25."""
    whole, section, digit = 0, 0, 0
    for char in text:
        if char in _DIGITS_ZH:
            digit = digit * 10 + _DIGITS_ZH[char] if digit and char != "零" else _DIGITS_ZH[char]
        elif _UNITS_ZH[char] >= 10_000:
            whole = (whole + section + digit or 1) * _UNITS_ZH[char]
            section = digit = 0
        else:
            section += (digit or 1) * _UNITS_ZH[char]
            digit = 0
    return int(min(whole + section + digit, 10**MAX_DIGITS))

"""A result's cells as what Excel can hold exactly: numbers, dates and durations where it can, text elsewhere.

Pure. The one rule: an exact value that Excel would change (an id of 18 digits, a date of 1850) becomes text.
Limits: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from text2sql_ws.events import ColumnType

Value = None | bool | int | float | str | datetime | date | timedelta

DIGITS = 15
"""Excel keeps so many significant digits of a number, and silently makes zeros of the others."""

_LARGEST = 9.99999999999999e307
_FIRST_YEAR = 1900

_DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_TIME = re.compile(r"(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?", re.ASCII)


def excel_value(cell: Any, type_: ColumnType) -> Value:
    """What stands for `cell`, of a column of this type. Lines end as in Excel; binary is `base64:` text."""
    match cell:
        case None | bool():
            return cell
        case int():
            return cell if abs(cell) < 10**DIGITS else str(cell)
        case float():
            return cell if abs(cell) <= _LARGEST else repr(cell)
        case str() if type_ in _READERS:
            return _READERS[type_](cell)
        case str() if type_ != "json":
            return cell.replace("\r\n", "\n")
        case _:
            return orjson.dumps(cell).decode()


def _decimal(text: str) -> Value:
    digits = text.lstrip("-0.").replace(".", "")
    return float(text) if _DECIMAL.fullmatch(text) and len(digits) <= DIGITS else text


def _date(text: str) -> Value:
    moment = _moment(text) if _DATE.fullmatch(text) else None
    return moment.date() if moment else text


def _datetime(text: str) -> Value:
    return (_moment(text) if _DATETIME.fullmatch(text) else None) or text


def _moment(text: str) -> datetime | None:
    """`None` for what is no date (`0000-00-00`), and for what lies before Excel's calendar."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year >= _FIRST_YEAR else None


def _time(text: str) -> Value:
    """A duration; negative ones are text, since Excel shows them as `####`."""
    found = _TIME.fullmatch(text)
    if found is None or len(found[1]) > 4:
        return text
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=float(found[3] or 0))


_READERS: Mapping[ColumnType, Callable[[str], Value]] = {
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
}

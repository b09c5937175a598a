"""What Excel holds exactly is a number, a date, a duration; what it would change is text."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from text2sql_ws.events import ColumnType
from text2sql_ws.exporting.excel_values import Value, excel_value


def moment(*of_day: int) -> datetime:
    return datetime(2026, 2, 28, *of_day)  # noqa: DTZ001 (Excel has no zones)


@pytest.mark.parametrize(
    ("cell", "type_", "value"),
    [
        (None, "string", None),
        ("", "string", ""),
        ("two\r\nlines", "string", "two\nlines"),
        (True, "boolean", True),
        (-5, "integer", -5),
        (999_999_999_999_999, "integer", 999_999_999_999_999),
        (-2.5, "number", -2.5),
        ("-12.50", "decimal", -12.5),
        ("0.000000000000123", "decimal", 1.23e-13),
        ("123456789012345", "decimal", 123456789012345.0),
        ("2026-02-28", "date", date(2026, 2, 28)),
        ("1900-01-01", "date", date(1900, 1, 1)),
        ("9999-12-31", "date", date(9999, 12, 31)),
        ("2026-02-28T23:59:59", "datetime", moment(23, 59, 59)),
        ("2026-02-28T23:59:59.25", "datetime", moment(23, 59, 59, 250_000)),
        ("2026-02-28 08:00", "datetime", moment(8)),
        ("08:30:00", "time", timedelta(hours=8, minutes=30)),
        ("838:59:59", "time", timedelta(hours=838, minutes=59, seconds=59)),
        ("08:30:00.5", "time", timedelta(hours=8, minutes=30, seconds=0.5)),
        ("08:30", "time", timedelta(hours=8, minutes=30)),
        ({"城市": [1]}, "json", '{"城市":[1]}'),
        ([1], "json", "[1]"),
        ("=1", "json", '"=1"'),
        ("base64:AAE=", "binary", "base64:AAE="),
    ],
)
def test_what_excel_holds(cell: Any, type_: ColumnType, value: Value) -> None:
    got = excel_value(cell, type_)
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("cell", "type_"),
    [
        (1_000_000_000_000_000, "integer"),
        (-9_007_199_254_740_991, "integer"),
        ("9007199254740993", "integer"),
        (1e308, "number"),
        ("1234567890123456.78", "decimal"),
        ("0.1234567890123456", "decimal"),
        ("1e5", "decimal"),
        ("=1+1", "decimal"),
        ("٣.٣", "decimal"),
        ("0000-00-00", "date"),
        ("2026-00-10", "date"),
        ("2026-02-30", "date"),
        ("1899-12-31", "date"),
        ("20260228", "date"),
        ("=TODAY()", "date"),
        ("0000-00-00T00:00:00", "datetime"),
        ("1850-01-01T00:00:00", "datetime"),
        ("2026-02-28T08:00:00Z", "datetime"),
        ("2026-02-28T08:00:00+08:00", "datetime"),
        ("2026-02-28T24:30:00", "datetime"),
        ("-08:30:00", "time"),
        ("99999:00:00", "time"),
        ("noon", "time"),
        ("007", "string"),
        ("2026-02-28", "string"),
        ("https://example.com", "string"),
    ],
)
def test_what_excel_would_change_stays_text(cell: Any, type_: ColumnType) -> None:
    value = excel_value(cell, type_)
    assert isinstance(value, str)
    assert value == str(cell)

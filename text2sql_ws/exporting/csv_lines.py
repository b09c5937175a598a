"""A result as CSV (RFC 4180): UTF-8, a header, lines that end in CRLF. Pure.

The one rule: no cell may become a formula in the spreadsheet that opens the file. NULL and the empty string
look alike, as they do in a spreadsheet; JSON lines tell them apart.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from text2sql_ws.events import ResultColumn

BOM = b"\xef\xbb\xbf"
"""Without it Excel takes UTF-8 for the code page of the country."""

_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
"""What a spreadsheet reads as a formula's start, the full-width forms in East Asian locales
(https://owasp.org/www-community/attacks/CSV_Injection)."""

_NEGATIVE = re.compile(r"-\d+(\.\d+)?(e[+-]?\d+)?|-\d+:\d\d:\d\d(\.\d+)?", re.ASCII | re.IGNORECASE)


class CsvLines:
    """`bom`: start with a byte order mark, so that Excel reads Chinese."""

    def __init__(self, columns: Sequence[ResultColumn], *, bom: bool = False) -> None:
        self._columns = columns
        self._start = BOM if bom else b""
        self._documents = [index for index, column in enumerate(columns) if column.type == "json"]

    def header(self) -> bytes:
        return self._start + _written([[harmless(column.name) for column in self._columns]])

    def lines(self, rows_json: bytes) -> bytes:
        """The rows of a chunk, `[[…],…]`."""
        return _written(map(self._fields, orjson.loads(rows_json)))

    def _fields(self, row: list[Any]) -> list[Any]:
        for index in self._documents:
            if row[index] is not None:
                row[index] = orjson.dumps(row[index]).decode()
        return [harmless(cell) for cell in row]


def harmless(cell: Any) -> Any:
    """A cell as a field that no spreadsheet runs: what looks like a formula gets an apostrophe before
    it, but negative numbers stay numbers."""
    match cell:
        case str():
            is_formula = cell[:1] in _FORMULA_STARTS and not _NEGATIVE.fullmatch(cell)
            return f"'{cell}" if is_formula else cell
        case bool():
            return "true" if cell else "false"
        case _:
            return cell


def _written(rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()

"""One result as an XLSX file, written a row at a time with XlsxWriter.

The one rule: every cell is written by its type, never by what its text looks like: no text can become a
formula, a link or a number. Every call blocks (disk, CPU), so all of them belong into one thread, one after
the other.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime, timedelta
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import orjson
from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxFileError
from xlsxwriter.worksheet import Worksheet

from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import ColumnType, ResultColumn
from text2sql_ws.exporting.excel_values import Value, excel_value
from text2sql_ws.texts import Locale, say

SHEET_ROWS = 1_048_576
CELL_CHARACTERS = 32_767

MAX_BYTES = 1 << 30
"""Of the rows as JSON; what lies on disk while a file is made is a few times as much."""

_CUT = -2
_FORMATS: dict[ColumnType, str] = {
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm:ss",
    "time": "[h]:mm:ss",
}
_WIDTHS: dict[ColumnType, int] = {"date": 11, "datetime": 19}


class Spreadsheet:
    """`folder` is made where it is missing; what a killed process left there is removed after a while.

    A result longer than a sheet goes on in the next one. Memory: a chunk of rows. It ends with `finish` or
    `discard`. Raises `Fault` RESOURCE_LIMIT_EXCEEDED for too large a result, and a disk that takes no more.
    """

    def __init__(self, folder: Path, stale_seconds: float, sheet_rows: int = SHEET_ROWS) -> None:
        self._folder = folder
        self._stale_seconds = stale_seconds
        self._sheet_rows = sheet_rows
        self._leftovers = ExitStack()
        self._scratch = self._leftovers.enter_context(ExitStack())
        self._file: Any = None
        self._book: Any = None
        self._sheet: Any = None
        self._row = 0
        self._bytes = 0
        self._cut = 0

    def append(self, columns: Sequence[ResultColumn], rows_json: bytes) -> None:
        """Write the rows of a chunk, `[[…],…]`. The first call opens the file and writes the header."""
        self._bytes += len(rows_json)
        if self._bytes > MAX_BYTES:
            raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("export.too_large", limit=MAX_BYTES >> 20))
        with _faults():
            if self._sheet is None:
                self._open()
                self._start_sheet(columns)
            for row in orjson.loads(rows_json):
                if self._row == self._sheet_rows:
                    self._start_sheet(columns)
                self._write_row(columns, row)

    def finish(self, truncated_at: int | None, locale: Locale) -> RawIOBase:
        """The whole file, at its start; it has no name, and is gone once it is closed.

        What Excel or a limit has kept out of it is told on a sheet of its own.
        """
        with _faults(), self._sink:
            self._write_notes(truncated_at, locale)
            self._book.close()
            file: RawIOBase = self._file
            file.seek(0)
        self._scratch.close()
        return file

    def discard(self) -> None:
        """Close and remove everything; safe at any point, and to repeat."""
        self._leftovers.close()

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        _sweep(self._folder, self._stale_seconds)
        enter = self._leftovers.enter_context
        self._file = enter(TemporaryFile(buffering=0, dir=self._folder))  # noqa: SIM115 (`discard` closes it)
        scratch = TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True)
        tmpdir = self._scratch.enter_context(scratch)
        self._sink = _FailsOnce(self._file)
        self._book = Workbook(self._sink, {"constant_memory": True, "tmpdir": tmpdir})
        self._scratch.callback(self._close_sheets)
        self._bold = self._book.add_format({"bold": True})
        self._formats = {
            type_: self._book.add_format({"num_format": pattern}) for type_, pattern in _FORMATS.items()
        }

    def _close_sheets(self) -> None:
        """XlsxWriter itself closes them only after it has written the whole file."""
        for sheet in self._book.worksheets():
            with suppress(OSError):  # a full disk was complained of before
                sheet._opt_close()

    def _start_sheet(self, columns: Sequence[ResultColumn]) -> None:
        self._sheet = self._book.add_worksheet(worksheet_class=_PlainSheet)
        self._sheet.freeze_panes(1, 0)
        for index, column in enumerate(columns):
            self._sheet.write_string(0, index, column.name, self._bold)
            if column.type in _WIDTHS:
                self._sheet.set_column(index, index, _WIDTHS[column.type])
        self._row = 1

    def _write_row(self, columns: Sequence[ResultColumn], row: Sequence[Any]) -> None:
        for index, (column, cell) in enumerate(zip(columns, row, strict=True)):
            self._write_cell(index, excel_value(cell, column.type))
        self._row += 1

    def _write_cell(self, index: int, value: Value) -> None:
        match value:
            case None:
                pass
            case bool():
                self._sheet.write_boolean(self._row, index, value)
            case int() | float():
                self._sheet.write_number(self._row, index, value)
            case str():
                self._cut += self._sheet.write_string(self._row, index, value) == _CUT
            case datetime():
                self._sheet.write_datetime(self._row, index, value, self._formats["datetime"])
            case date():
                self._sheet.write_datetime(self._row, index, value, self._formats["date"])
            case timedelta():
                self._sheet.write_datetime(self._row, index, value, self._formats["time"])

    def _write_notes(self, truncated_at: int | None, locale: Locale) -> None:
        notes = []
        if truncated_at is not None:
            notes.append(say("export.truncated", count=truncated_at))
        if self._cut:
            notes.append(say("export.cells_cut", count=self._cut, limit=CELL_CHARACTERS))
        if notes:
            sheet = self._book.add_worksheet(say("export.note").in_(locale))
            for row, note in enumerate(notes):
                sheet.write_string(row, 0, note.in_(locale))


class _PlainSheet(Worksheet):  # type: ignore[misc]
    """XlsxWriter takes text from `<r>` to `</r>` for its own markup, and writes it into the sheet's XML as it
    is: a value in a table could add cells, with formulas. Ours have no markup."""

    def _xml_rich_inline_string(self, string: str, attributes: Any) -> None:
        self._xml_inline_string(string, True, attributes)


class _FailsOnce:
    """An unbuffered file to write to, whole pieces only. After a failure, its own or in its `with`, and once
    it is closed, it takes everything and keeps nothing: `ZipFile` still writes its end when it is collected,
    whenever the collector likes, and what then fails could only be printed."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file
        self._position = 0
        self._has_failed = False

    def __enter__(self) -> None: ...

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._has_failed |= failed is not None

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        while rest and not self._is_over:
            self._has_failed = True
            rest = rest[self._file.write(rest) :]
            self._has_failed = False
        self._position += len(data)
        return len(data)

    def seek(self, position: int) -> int:
        if not self._is_over:
            self._file.seek(position)
        self._position = position
        return position

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """There is nothing to flush."""

    @property
    def _is_over(self) -> bool:
        return self._has_failed or self._file.closed


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (OSError, XlsxFileError):
        raise Fault(Code.RESOURCE_LIMIT_EXCEEDED, say("export.no_room")) from None


def _sweep(folder: Path, stale_seconds: float) -> None:
    """Remove what a process that was killed has left: no export takes so long."""
    for left in folder.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > stale_seconds:
                shutil.rmtree(left, ignore_errors=True)

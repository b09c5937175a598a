"""The XLSX file as another library reads it; and that nothing of its making stays on disk."""

import gc
import itertools
import os
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import ResultColumn
from text2sql_ws.exporting import spreadsheet
from text2sql_ws.exporting.spreadsheet import Spreadsheet

TEXT = (ResultColumn("名称", "string"),)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "exports"


@pytest.fixture
def sheet(folder: Path) -> Iterator[Spreadsheet]:
    made = Spreadsheet(folder, stale_seconds=60, sheet_rows=4)
    yield made
    made.discard()
    assert not folder.exists() or not list(folder.iterdir())


def rows_of(book: Any, number: int = 0) -> list[tuple[Any, ...]]:
    return list(book.worksheets[number].iter_rows(values_only=True))


def test_each_value_has_its_type(sheet: Spreadsheet) -> None:
    columns = (
        ResultColumn("数", "integer"), ResultColumn("额", "decimal"), ResultColumn("日", "date"),
        ResultColumn("刻", "datetime"), ResultColumn("时", "time"), ResultColumn("真", "boolean"),
        ResultColumn("号", "integer"), ResultColumn("空", "string"),
    )  # fmt: skip
    row = [7, "-12.50", "2026-02-28", "2026-02-28T08:30:00", "25:00:00", True, "9007199254740993", None]
    sheet.append(columns, orjson.dumps([row]))
    book = openpyxl.load_workbook(sheet.finish(None, "zh"))
    header, read = book.worksheets[0].iter_rows()
    assert [cell.value for cell in header] == ["数", "额", "日", "刻", "时", "真", "号", "空"]
    assert [cell.value for cell in read[:2]] == [7, -12.5]
    assert (read[2].value.isoformat(), read[2].number_format) == ("2026-02-28T00:00:00", "yyyy-mm-dd")
    assert (read[3].value.isoformat(), read[3].number_format) == (
        "2026-02-28T08:30:00",
        "yyyy-mm-dd hh:mm:ss",
    )
    assert read[4].value.total_seconds() == 25 * 3600
    assert [cell.value for cell in read[5:]] == [True, "9007199254740993", None]
    assert len(book.worksheets) == 1


HOSTILE = [
    "=1+1", "=cmd|' /C calc'!A0", "{=1+1}", "+1", "@SUM(A1)", "http://example.com", "mailto:a@b.c",
    "internal:A!A1", "1", "<r>", "&amp;", "</t></is></c>", "_x0041_", "\x01\x02",
    "a\rb", " spaced ", "上海", "\ufffe\uffff", "<r><t>x</t></r>",
    "<r><t>x</t></r></is></c><c r=\"D9\"><f>1+1</f></c><c r=\"E9\"><is><r></r>",
]  # fmt: skip


def test_no_text_becomes_anything_but_itself(folder: Path) -> None:
    made = Spreadsheet(folder, stale_seconds=60)
    made.append(TEXT, orjson.dumps([[text] for text in HOSTILE]))
    book = openpyxl.load_workbook(made.finish(None, "zh"))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    made.discard()
    assert [_unescaped(cell.value) for cell in cells] == HOSTILE
    assert {cell.data_type for cell in cells} == {"s"}
    assert book.worksheets[0].dimensions == f"A1:A{len(HOSTILE) + 1}"
    assert not any(cell.hyperlink for cell in cells)


def _unescaped(text: str) -> str:
    """openpyxl leaves `_xHHHH_` as it stands in inline strings; Excel reads it as the character."""
    return openpyxl.utils.escape.unescape(text)


def test_a_result_longer_than_a_sheet_goes_on_in_the_next(sheet: Spreadsheet) -> None:
    sheet.append(TEXT, b'[["a"],["b"]]')
    sheet.append(TEXT, b'[["c"],["d"],["e"],["f"],["g"]]')
    book = openpyxl.load_workbook(sheet.finish(None, "zh"))
    assert [[row[0] for row in rows_of(book, number)] for number in range(3)] == [
        ["名称", "a", "b", "c"], ["名称", "d", "e", "f"], ["名称", "g"],
    ]  # fmt: skip


def test_no_rows_are_a_header(sheet: Spreadsheet) -> None:
    sheet.append(TEXT, b"[]")
    assert rows_of(openpyxl.load_workbook(sheet.finish(None, "zh"))) == [("名称",)]


def test_what_was_left_out_is_told_on_a_sheet_of_its_own(sheet: Spreadsheet) -> None:
    sheet.append(TEXT, orjson.dumps([["x" * 40_000], ["😀" * 20_000], ["ok"]]))
    book = openpyxl.load_workbook(sheet.finish(3, "en"))
    assert [len(row[0]) for row in rows_of(book)[1:]] == [32_767, 16_383, 2]
    assert book.sheetnames == ["Sheet1", "Note"]
    truncated, cut = (row[0] for row in rows_of(book, 1))
    assert "first 3 rows" in truncated
    assert cut.startswith("2 cells")


def test_the_file_starts_with_a_frozen_bold_header(sheet: Spreadsheet) -> None:
    sheet.append(TEXT, b'[["a"]]')
    first = openpyxl.load_workbook(sheet.finish(None, "zh")).worksheets[0]
    assert first.freeze_panes == "A2"
    assert first["A1"].font.bold


def test_discarding_half_a_file_leaves_nothing(folder: Path) -> None:
    made = Spreadsheet(folder, stale_seconds=60)
    made.append(TEXT, b'[["a"]]')
    assert list(folder.iterdir())
    made.discard()
    made.discard()
    assert not list(folder.iterdir())


def test_what_a_killed_process_left_is_removed_and_nothing_younger(folder: Path) -> None:
    for name, age in (("old", 100), ("young", 10)):
        (folder / name).mkdir(parents=True)
        (folder / name / "part").write_text("x")
        os.utime(folder / name, (time.time() - age, time.time() - age))
    made = Spreadsheet(folder, stale_seconds=60)
    made.append(TEXT, b"[]")
    made.discard()
    assert [left.name for left in folder.iterdir()] == ["young"]


def test_too_large_a_result_is_refused(sheet: Spreadsheet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_BYTES", 20)
    sheet.append(TEXT, b'[["a"],["b"]]')
    with pytest.raises(Fault) as raised:
        sheet.append(TEXT, b'[["a"],["b"]]')
    assert raised.value.code is Code.RESOURCE_LIMIT_EXCEEDED


def test_a_folder_that_cannot_be_written_is_a_fault_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    made = Spreadsheet(tmp_path / "file" / "exports", stale_seconds=60)
    with pytest.raises(Fault) as raised:
        made.append(TEXT, b"[]")
    made.discard()
    assert raised.value.code is Code.RESOURCE_LIMIT_EXCEEDED
    assert str(tmp_path) not in raised.value.message.en + raised.value.message.zh


@pytest.fixture
def disk_of() -> Iterator[Callable[[int], None]]:
    """Lets this process write no file beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # XlsxWriter's own, where it gives up
def test_a_disk_that_is_full_at_any_point_is_a_fault_and_leaves_nothing(
    folder: Path, disk_of: Callable[[int], None]
) -> None:
    rows = orjson.dumps([[f"text {number**3}"] for number in range(400)])
    codes = []
    for size in itertools.count(0, 3000):
        made = Spreadsheet(folder, stale_seconds=60)
        disk_of(size)
        try:
            for _ in range(4):
                made.append(TEXT, rows)
            made.finish(None, "zh")
            break
        except Fault as fault:
            codes.append(fault.code)
        finally:
            made.discard()
            assert not list(folder.iterdir())
    assert set(codes) == {Code.RESOURCE_LIMIT_EXCEEDED}
    assert len(codes) > 10
    gc.collect()  # whatever still wants to write would do so now


def test_a_whole_file_is_a_whole_zip(sheet: Spreadsheet) -> None:
    sheet.append(TEXT, b'[["a"]]')
    assert zipfile.ZipFile(sheet.finish(None, "zh")).testzip() is None

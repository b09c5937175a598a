"""CSV: RFC 4180, Chinese for Excel, and no cell that a spreadsheet would run."""

import csv
import io
from typing import Any

import orjson
import pytest

from text2sql_ws.events import ColumnType, ResultColumn
from text2sql_ws.exporting.csv_lines import CsvLines, harmless


def columns(*types: ColumnType) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(f"c{number}", type_) for number, type_ in enumerate(types))


def written(types: tuple[ColumnType, ...], *rows: list[Any]) -> str:
    return CsvLines(columns(*types)).lines(orjson.dumps(rows)).decode()


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_a_line_ends_in_crlf_and_needs_no_quotes() -> None:
    assert written(("integer", "string"), [1, "上海"], [2, "北京"]) == "1,上海\r\n2,北京\r\n"


@pytest.mark.parametrize(
    "text", ['say "hi"', "a,b", "two\nlines", "two\r\nlines", "\n", '"', " spaced ", "nul\0"]
)
def test_any_text_is_read_again_as_it_was(text: str) -> None:
    assert read(written(("string", "string"), [f"x{text}", "end"])) == [[f"x{text}", "end"]]


def test_quotes_are_doubled() -> None:
    assert written(("string",), ['say "hi", twice']) == '"say ""hi"", twice"\r\n'


HOSTILE = [
    "=1+1", "=cmd|' /C calc'!A0", "+1", "+8613800138000", "-1+cmd|' /C calc'!A0", "-", "--1", "-1-1", "-1e",
    "-a", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a", "=\"quoted\"", "=1,2",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("type_", ["string", "integer", "number", "decimal", "datetime", "time", "binary"])
def test_what_looks_like_a_formula_is_made_harmless_in_any_column(text: str, type_: ColumnType) -> None:
    assert read(written((type_, "string"), [text, "end"])) == [[f"'{text}", "end"]]


@pytest.mark.parametrize(
    "text", ["-1", "-12.50", "-9007199254740993", "-1e20", "-1.5E-7", "-838:59:59", "-0:00:01.5"]
)
def test_negative_numbers_and_times_stay_what_they_are(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("text", ["", "a=1", "1-1", "'=1", "2026-01-01", "上海"])
def test_other_text_is_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_a_columns_name_may_be_hostile_too() -> None:
    lines = CsvLines((ResultColumn("=HYPERLINK(1)", "string"), ResultColumn('a,"b"', "string")))
    assert read(lines.header().decode()) == [["'=HYPERLINK(1)", 'a,"b"']]


def test_numbers_are_written_as_they_came() -> None:
    row = [-5, -2.5, 1e20, 0.1, "9007199254740993", "-12.50", True, False]
    types: tuple[ColumnType, ...] = (
        "integer", "number", "number", "number", "integer", "decimal", "boolean", "boolean",
    )  # fmt: skip
    assert written(types, row) == "-5,-2.5,1e+20,0.1,9007199254740993,-12.50,true,false\r\n"


def test_null_and_the_empty_string_are_both_empty() -> None:
    assert written(("string", "string"), [None, ""]) == ",\r\n"


def test_a_row_of_one_null_is_not_an_empty_line() -> None:
    assert read(written(("string",), [None], ["a"])) == [[""], ["a"]]


def test_documents_are_json_text() -> None:
    text = written(("json", "json", "json"), [{"城市": [1, "=2"]}, "=1", None])
    assert read(text) == [['{"城市":[1,"=2"]}', '"=1"', ""]]


def test_the_byte_order_mark_comes_first_and_only_when_asked_for() -> None:
    named = (ResultColumn("城市", "string"),)
    assert CsvLines(named, bom=True).header() == b"\xef\xbb\xbf" + "城市\r\n".encode()
    assert CsvLines(named).header() == "城市\r\n".encode()


def test_a_chunk_without_rows_is_no_lines() -> None:
    assert CsvLines(columns("string")).lines(b"[]") == b""

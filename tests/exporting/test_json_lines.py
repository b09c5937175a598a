"""JSON lines: an object a row, with the values that the rows over WebSocket have."""

import orjson

from text2sql_ws.events import ResultColumn
from text2sql_ws.exporting.json_lines import JsonLines

COLUMNS = (ResultColumn("id", "integer"), ResultColumn("name", "string"), ResultColumn("id", "integer"))


def test_an_object_a_line_keyed_by_column_a_name_that_comes_again_numbered() -> None:
    lines = JsonLines(COLUMNS).lines('[[1,"上海",2],[3,null,4]]'.encode())
    assert lines == '{"id":1,"name":"上海","id_2":2}\n{"id":3,"name":null,"id_2":4}\n'.encode()


def test_nothing_in_a_value_ends_the_line() -> None:
    row = [1, "a\nb\r\u2028\u0085c", 2]
    lines = JsonLines(COLUMNS).lines(orjson.dumps([row]))
    assert lines.count(b"\n") == 1
    assert orjson.loads(lines)["name"] == row[1]


def test_values_are_as_they_came() -> None:
    row = b'["9007199254740993",{"b":1,"a":[true,null]},-1.5e-7]'
    assert JsonLines(COLUMNS).lines(b"[" + row + b"]") == (
        b'{"id":"9007199254740993","name":{"b":1,"a":[true,null]},"id_2":-1.5e-7}\n'
    )


def test_null_is_not_the_empty_string() -> None:
    assert JsonLines(COLUMNS[:1]).lines(b'[[null],[""]]') == b'{"id":null}\n{"id":""}\n'


def test_there_is_no_header_and_no_rows_are_no_lines() -> None:
    lines = JsonLines(COLUMNS)
    assert lines.header() + lines.lines(b"[]") == b""

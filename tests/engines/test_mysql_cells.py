"""Cells of every type as JSON; and that whole columns and single cells agree."""

from dataclasses import dataclass

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymysql.constants import FIELD_TYPE, FLAG

from text2sql_ws.engines.mysql_cells import Format, format_of, rows_json

UTF8, BINARY = 45, 63


@dataclass
class Field:
    type_code: int
    charsetnr: int = UTF8
    flags: int = 0
    name: str = "x"


def written(field: Field, *cells: bytes | None) -> object:
    return [row[0] for row in orjson.loads(rows_json([format_of(field)], list(cells)))]


CASES = [
    (Field(FIELD_TYPE.LONG), "integer", b"-42", -42),
    (Field(FIELD_TYPE.LONG, flags=FLAG.ZEROFILL), "integer", b"00042", 42),
    (Field(FIELD_TYPE.TINY), "integer", b"1", 1),
    (Field(FIELD_TYPE.YEAR), "integer", b"0000", 0),
    (Field(FIELD_TYPE.LONGLONG), "integer", b"9007199254740991", 9007199254740991),
    (Field(FIELD_TYPE.LONGLONG), "integer", b"9007199254740992", "9007199254740992"),
    (Field(FIELD_TYPE.LONGLONG), "integer", b"-9007199254740991", -9007199254740991),
    (Field(FIELD_TYPE.LONGLONG), "integer", b"-9007199254740992", "-9007199254740992"),
    (Field(FIELD_TYPE.LONGLONG), "integer", b"18446744073709551615", "18446744073709551615"),
    (Field(FIELD_TYPE.BIT), "integer", b"\x01", 1),
    (Field(FIELD_TYPE.BIT), "integer", b"\x80" + bytes(7), "9223372036854775808"),
    (Field(FIELD_TYPE.DOUBLE), "number", b"-1.5e-7", -1.5e-7),
    (Field(FIELD_TYPE.DOUBLE), "number", b"nan", None),
    (Field(FIELD_TYPE.DOUBLE), "number", b"-Infinity", None),
    (Field(FIELD_TYPE.NEWDECIMAL), "decimal", b"-0.10", "-0.10"),
    (Field(FIELD_TYPE.DATE), "date", b"2025-02-28", "2025-02-28"),
    (Field(FIELD_TYPE.DATE), "date", b"0000-00-00", "0000-00-00"),
    (Field(FIELD_TYPE.DATETIME), "datetime", b"2025-02-28 01:02:03", "2025-02-28T01:02:03"),
    (Field(FIELD_TYPE.TIMESTAMP), "datetime", b"2025-02-28 01:02:03.450", "2025-02-28T01:02:03.450"),
    (Field(FIELD_TYPE.TIME), "time", b"-838:59:59", "-838:59:59"),
    (Field(FIELD_TYPE.VAR_STRING), "string", '中"文\\\n\0'.encode(), '中"文\\\n\0'),
    (Field(FIELD_TYPE.VAR_STRING), "string", b"", ""),
    (Field(FIELD_TYPE.VAR_STRING), "string", b"a\xff\xfeb", "a\ufffd\ufffdb"),
    (Field(FIELD_TYPE.BLOB), "string", b"long text", "long text"),
    (Field(FIELD_TYPE.BLOB, BINARY), "binary", b"\x00\xff", "base64:AP8="),
    (Field(FIELD_TYPE.STRING, BINARY), "binary", b"abc", "base64:YWJj"),
    (Field(FIELD_TYPE.GEOMETRY, BINARY), "binary", b"", "base64:"),
    (Field(FIELD_TYPE.JSON, BINARY), "json", b'{"a": [1, null]}', {"a": [1, None]}),
    (Field(FIELD_TYPE.JSON, BINARY), "json", b"{broken", "{broken"),
    (Field(FIELD_TYPE.NULL, BINARY), "string", None, None),
    (Field(199), "string", b"a type of the future", "a type of the future"),
]


@pytest.mark.parametrize(("field", "type_", "cell", "value"), CASES)
def test_a_cell_alone_among_nulls_and_twice(
    field: Field, type_: str, cell: bytes | None, value: object
) -> None:
    assert format_of(field).type == type_
    assert written(field, cell) == [value]
    assert written(field, None, cell, None) == [None, value, None]
    assert written(field, cell, cell) == [value, value]


def test_a_row_of_every_type() -> None:
    formats = [format_of(field) for field, *_ in CASES]
    cells = [cell for _, _, cell, _ in CASES]
    values = [value for *_, value in CASES]
    nulls: list[bytes | None] = [None] * len(cells)
    assert orjson.loads(rows_json(formats, cells + nulls + cells)) == [values, nulls, values]


@pytest.mark.parametrize("field", [field for field, *_ in CASES])
@given(cells=st.lists(st.none() | st.binary(max_size=20), min_size=1, max_size=6))
def test_no_bytes_at_all_make_other_than_json(field: Field, cells: list[bytes | None]) -> None:
    if format_of(field).type in ("string", "binary", "json", "datetime", "date", "time", "decimal"):
        assert len(orjson.loads(rows_json([format_of(field)], cells))) == len(cells)


DIGITS = st.integers().map(str)
TEXTS = {
    FIELD_TYPE.LONGLONG: DIGITS,
    FIELD_TYPE.DOUBLE: st.floats().map(str),
    FIELD_TYPE.NEWDECIMAL: st.decimals(allow_nan=False, allow_infinity=False).map("{:f}".format),
    FIELD_TYPE.DATETIME: st.datetimes().map(str),
    FIELD_TYPE.VAR_STRING: st.text(),
}


@pytest.mark.parametrize("code", TEXTS)
@given(data=st.data())
def test_a_whole_column_is_written_as_its_cells_are(code: int, data: st.DataObject) -> None:
    cells = [text.encode() for text in data.draw(st.lists(TEXTS[code], min_size=1))]
    form: Format = format_of(Field(code))
    assert orjson.loads(rows_json([form], list(cells))) == [[orjson.loads(form.exactly(c))] for c in cells]

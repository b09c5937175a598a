"""Cells of MySQL's text protocol as JSON, a column at a time. Pure.

The one rule: no Python object for a cell that only wants to be printed again. What the server writes for
most types is JSON already, or lacks only its quotes; whole columns are checked and translated by a few calls
that run in C. A column with anything unusual in it is written cell by cell, exactly.
"""

from binascii import b2a_base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from math import isfinite
from typing import Protocol, cast

import orjson
from pymysql.constants import FIELD_TYPE, FLAG

from text2sql_ws.engines.cells import SAFE_INTEGER, base64_text
from text2sql_ws.engines.mysql_packets import Cells
from text2sql_ws.events import ColumnType

_BINARY_CHARSET = 63
_EXACT_DIGITS = 15
"""Integers of so many digits are below 2^53 whatever the digits."""


class Field(Protocol):
    """What a column definition packet says of a column."""

    name: str
    type_code: int
    charsetnr: int
    flags: int


@dataclass(frozen=True, slots=True)
class Format:
    """How the cells of a column become JSON.

    `in_bulk` takes a whole column without NULLs, and answers with JSON that lacks its quotes if `quoted`, or
    with `None` where a cell is unusual. `exactly` takes any one cell and answers with its JSON.
    """

    type: ColumnType
    in_bulk: Callable[[list[bytes]], list[bytes] | None]
    exactly: Callable[[bytes], bytes]
    quoted: bool


def format_of(field: Field) -> Format:
    """Never fails: a type that nobody told us of is text, or binary if the server says so."""
    if field.type_code in _BY_TYPE:
        return _BY_TYPE[field.type_code] if not field.flags & FLAG.ZEROFILL else _zero_filled(field)
    if field.charsetnr == _BINARY_CHARSET and field.type_code != FIELD_TYPE.NULL:
        return BINARY
    return TEXT


def rows_json(formats: Sequence[Format], cells: Cells) -> bytes:
    """`[[…],…]` of a flat list of cells, row after row; there is at least one row."""
    width = len(formats)
    columns = [_column(form, cells[index::width]) for index, form in enumerate(formats)]
    pieces = _frame([quoted for _, quoted in columns]) * (len(cells) // width)
    stride = 2 * width + 1
    for index, (column, _) in enumerate(columns):
        pieces[2 * index + 1 :: stride] = column
    pieces[-1] = pieces[-1][:-1]
    return b"".join((b"[", *pieces, b"]"))


def _frame(quoted: list[bool]) -> list[bytes]:
    """A row of pieces: what stands before, between and after the cells, and empty places for them."""
    quotes = [b'"' if each else b"" for each in quoted]
    between = [closing + b"," + opening for closing, opening in pairwise(quotes)]
    before = [b"[" + quotes[0], *between]
    return [*chain.from_iterable((each, b"") for each in before), quotes[-1] + b"],"]


def _column(form: Format, cells: Cells) -> tuple[list[bytes], bool]:
    """A column's JSON, and whether it lacks its quotes."""
    try:
        written = form.in_bulk(cast("list[bytes]", cells))
    except TypeError:  # a NULL, which bytes.join refuses: to look for one beforehand costs more than the join
        return _column_with_nulls(form, cells), False
    if written is None:
        return [b"null" if cell is None else form.exactly(cell) for cell in cells], False
    return written, form.quoted


def _column_with_nulls(form: Format, cells: Cells) -> list[bytes]:
    present = [cell for cell in cells if cell is not None]
    written = form.in_bulk(present) if present else []
    if written is None:
        return [b"null" if cell is None else form.exactly(cell) for cell in cells]
    whole = iter([b'"%b"' % each for each in written] if form.quoted else written)
    return [b"null" if cell is None else next(whole) for cell in cells]


# --- in bulk -------------------------------------------------------------------------------------


def _made_of(characters: bytes) -> Callable[[list[bytes]], list[bytes] | None]:
    """Cells that stand as they are, if they hold these characters only."""

    def in_bulk(cells: list[bytes]) -> list[bytes] | None:
        return None if b"".join(cells).translate(None, characters) else cells

    return in_bulk


def _big_integers(cells: list[bytes]) -> list[bytes] | None:
    if b"".join(cells).translate(None, b"0123456789-") or max(map(len, cells)) > _EXACT_DIGITS:
        return None
    return cells


def _datetimes(cells: list[bytes]) -> list[bytes] | None:
    joined = b"\0".join(cells)
    written = joined.replace(b" ", b"T").split(b"\0")
    return None if joined.translate(None, b"0123456789-: .\0") or len(written) != len(cells) else written


def _texts(cells: list[bytes]) -> list[bytes] | None:
    """All cells escaped by one call, cut apart where their separator was escaped."""
    escaped = orjson.dumps(b"\0".join(cells).decode("utf-8", "replace"))[1:-1].split(b"\\u0000")
    return escaped if len(escaped) == len(cells) else None


def _binaries(cells: list[bytes]) -> list[bytes] | None:
    return [b"base64:" + b2a_base64(cell, newline=False) for cell in cells]


def _never(cells: list[bytes]) -> list[bytes] | None:
    """For types that are written cell by cell."""
    return None


# --- exactly ---------------------------------------------------------------------------------------


def _text(cell: bytes) -> bytes:
    return orjson.dumps(cell.decode("utf-8", "replace"))


def _datetime(cell: bytes) -> bytes:
    return _text(cell.replace(b" ", b"T", 1))


def _binary(cell: bytes) -> bytes:
    return orjson.dumps(base64_text(cell))


def _integer(cell: bytes) -> bytes:
    return _whole(int(cell)) if cell.removeprefix(b"-").isdigit() else _text(cell)


def _bits(cell: bytes) -> bytes:
    return _whole(int.from_bytes(cell, "big"))


def _whole(number: int) -> bytes:
    return b"%d" % number if abs(number) <= SAFE_INTEGER else b'"%d"' % number


def _number(cell: bytes) -> bytes:
    try:
        number = float(cell)
    except ValueError:
        return _text(cell)
    return orjson.dumps(number) if isfinite(number) else b"null"


def _document(cell: bytes) -> bytes:
    """A JSON document stands as the server wrote it; what is none (NaN, half a surrogate) is text."""
    try:
        orjson.loads(cell)
    except orjson.JSONDecodeError:
        return _text(cell)
    return cell


def _zero_filled(field: Field) -> Format:
    """ZEROFILL writes `00042`, which is no JSON number."""
    form = _BY_TYPE[field.type_code]
    return Format(form.type, in_bulk=_never, exactly=form.exactly, quoted=False)


_DECIMAL_CHARACTERS = b"0123456789-.+eE"

TEXT = Format("string", _texts, _text, quoted=True)
BINARY = Format("binary", _binaries, _binary, quoted=True)
_INTEGER = Format("integer", _made_of(b"0123456789-"), _integer, quoted=False)
_BIG_INTEGER = Format("integer", _big_integers, _integer, quoted=False)
_YEAR = Format("integer", _never, _integer, quoted=False)
_BITS = Format("integer", _never, _bits, quoted=False)
_NUMBER = Format("number", _made_of(_DECIMAL_CHARACTERS), _number, quoted=False)
_DECIMAL = Format("decimal", _made_of(_DECIMAL_CHARACTERS), _text, quoted=True)
_DATE = Format("date", _made_of(b"0123456789-"), _text, quoted=True)
_TIME = Format("time", _made_of(b"0123456789-:."), _text, quoted=True)
_DATETIME = Format("datetime", _datetimes, _datetime, quoted=True)
_DOCUMENT = Format("json", _never, _document, quoted=False)

_BY_TYPE: dict[int, Format] = {
    FIELD_TYPE.TINY: _INTEGER,
    FIELD_TYPE.SHORT: _INTEGER,
    FIELD_TYPE.INT24: _INTEGER,
    FIELD_TYPE.LONG: _INTEGER,
    FIELD_TYPE.LONGLONG: _BIG_INTEGER,
    FIELD_TYPE.YEAR: _YEAR,  # the year zero is written 0000
    FIELD_TYPE.BIT: _BITS,
    FIELD_TYPE.FLOAT: _NUMBER,
    FIELD_TYPE.DOUBLE: _NUMBER,
    FIELD_TYPE.DECIMAL: _DECIMAL,
    FIELD_TYPE.NEWDECIMAL: _DECIMAL,
    FIELD_TYPE.DATE: _DATE,
    FIELD_TYPE.NEWDATE: _DATE,
    FIELD_TYPE.TIME: _TIME,
    FIELD_TYPE.DATETIME: _DATETIME,
    FIELD_TYPE.TIMESTAMP: _DATETIME,
    FIELD_TYPE.JSON: _DOCUMENT,
}

"""SQLite's values as JSON, and what type a column has in a database whose cells each have their own. Pure.

A column's type is decided once, by the values it starts with; what was declared decides only where they leave
it open (no values, 0 and 1, JSON). SQLite has no decimals: a column declared DECIMAL holds floats, and says
`number`.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from text2sql_ws.engines.cells import SAFE_INTEGER, base64_text
from text2sql_ws.events import ColumnType

Cell = int | float | str | bytes | None
Row = Sequence[Cell]
Encode = Callable[[Row], bytes]

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?", re.ASCII)


def column_type(declared: str, cells: Sequence[Cell]) -> ColumnType:
    """The type of a column that was declared so (empty: not a table's column) and starts with these cells."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return _declared_type(declared)
    if kinds == {int}:
        is_flag = _declared_type(declared) == "boolean" and set(cells) <= {0, 1, None}
        return "boolean" if is_flag else "integer"
    if kinds <= {int, float}:
        return "number"
    if kinds == {bytes}:
        return "binary"
    if kinds == {str}:
        return _text_type(declared, [str(cell) for cell in cells if cell is not None])
    return "string"


def row_encoder(types: Sequence[ColumnType]) -> Encode:
    """What writes a row of columns of these types as a JSON array."""
    mended = [(index, _MENDED[type_]) for index, type_ in enumerate(types) if type_ in _MENDED]
    if not mended:
        return encode

    def encode_mended(row: Row) -> bytes:
        cells: list[Any] = list(row)
        for index, mend in mended:
            cells[index] = mend(cells[index])
        return encode(cells)

    return encode_mended


def encode(row: Sequence[Any]) -> bytes:
    """A row as a JSON array: integers beyond 2^53-1 and binary as strings, infinities as null."""
    try:
        return orjson.dumps(row, _unknown, orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:
        return orjson.dumps([_exact(cell) for cell in row], _unknown)


def _unknown(cell: object) -> str:
    if isinstance(cell, bytes):
        return base64_text(cell)
    raise TypeError(type(cell).__name__)


def _exact(cell: Any) -> Any:
    return str(cell) if type(cell) is int and abs(cell) > SAFE_INTEGER else cell


def _text_type(declared: str, texts: list[str]) -> ColumnType:
    if all(map(_DATE.fullmatch, texts)):
        return "date"
    if all(map(_DATETIME.fullmatch, texts)):
        return "datetime"
    if all(map(_TIME.fullmatch, texts)):
        return "time"
    if _declared_type(declared) == "json" and all(map(_is_document, texts)):
        return "json"
    return "string"


def _declared_type(declared: str) -> ColumnType:
    upper = declared.upper()
    return next((type_ for word, type_ in _BY_WORD if word in upper), "string")


def _is_document(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _document(cell: Cell) -> Any:
    return orjson.Fragment(cell) if isinstance(cell, str) and _is_document(cell) else cell


def _datetime(cell: Cell) -> Cell:
    return cell.replace(" ", "T", 1) if isinstance(cell, str) and _DATETIME.fullmatch(cell) else cell


def _flag(cell: Cell) -> Any:
    return bool(cell) if cell in (0, 1) else cell


_MENDED: dict[ColumnType, Callable[[Cell], Any]] = {
    "datetime": _datetime,
    "json": _document,
    "boolean": _flag,
}

_BY_WORD: tuple[tuple[str, ColumnType], ...] = (
    ("INT", "integer"),
    ("BOOL", "boolean"),
    ("DATETIME", "datetime"),
    ("TIMESTAMP", "datetime"),
    ("DATE", "date"),
    ("TIME", "time"),
    ("JSON", "json"),
    ("BLOB", "binary"),
    ("BINARY", "binary"),
    ("REAL", "number"),
    ("FLOA", "number"),
    ("DOUB", "number"),
    ("DEC", "number"),
    ("NUMERIC", "number"),
)

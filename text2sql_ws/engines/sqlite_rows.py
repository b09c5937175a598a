"""The rows of one SQLite cursor, as JSON, some at a time. It blocks: for the connection's own thread."""

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic

from text2sql_ws.engines.outflow import CHUNK_BYTES, FIRST_ROWS
from text2sql_ws.engines.sqlite_cells import Encode, Row, column_type, encode, row_encoder
from text2sql_ws.events import ResultColumn

LINGER_SECONDS = 0.25
"""A chunk with rows in it doesn't wait longer for more of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a result. `has_more` is a guess where fewer rows came than were asked for, but only `True`
    may prove wrong."""

    rows_json: bytes
    row_count: int
    has_more: bool


class Rows:
    """`declared` has a declared type for each column, or nothing. Raises what `sqlite3` raises."""

    def __init__(self, cursor: sqlite3.Cursor, names: Sequence[str], declared: Sequence[str]) -> None:
        self._cursor = cursor
        self._is_exhausted = False
        self._ahead: deque[Row] = deque(self._first_rows())
        cells = list(zip(*self._ahead, strict=True)) or [()] * len(names)
        types = [column_type(each, column) for each, column in zip(declared, cells, strict=True)]
        self.columns = tuple(map(ResultColumn, names, types))
        self._encode: Encode = row_encoder(types)

    def take(self, most_rows: int) -> Part:
        """The next rows: 128 KiB at most, or a single row that is larger."""
        written: list[bytes] = []
        size, until = 0, monotonic() + LINGER_SECONDS
        while len(written) < most_rows and self._look_ahead():
            row = self._encode(self._ahead[0])
            size += len(row) + len(b"[,")
            if written and size > CHUNK_BYTES:
                break
            written.append(row)
            self._ahead.popleft()
            if monotonic() > until:
                break
        is_cut_short = len(written) < most_rows and not self._is_exhausted
        return Part(b"[%b]" % b",".join(written), len(written), is_cut_short or self._look_ahead())

    def _look_ahead(self) -> bool:
        """Whether there is another row; it may have to be waited for."""
        if not self._ahead:
            self._ahead.extend(islice(self._cursor, 1))
            self._is_exhausted = not self._ahead
        return bool(self._ahead)

    def _first_rows(self) -> Iterator[Row]:
        """The rows that decide about the types: as many as a first chunk takes, in rows, bytes and time."""
        size, until = 0, monotonic() + LINGER_SECONDS
        for row in islice(self._cursor, FIRST_ROWS):
            yield row
            size += len(encode(row))
            if size > CHUNK_BYTES or monotonic() > until:
                return

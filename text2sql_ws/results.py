"""What is kept of a result while its rows stream past: its head, for chart, explanation and record."""

from collections.abc import Sequence
from typing import Any

import orjson

from text2sql_ws.columns import object_keys
from text2sql_ws.engines.engine import Chunk, Total
from text2sql_ws.events import ResultColumn, Results

RECORDED_ROWS = 100
"""Rows that `query_complete` repeats as objects (`wire.md` 2)."""

CHARTED_ROWS = 1000

HEAD_BYTES = 4 << 20
"""The head stops growing here, so that a thousand rows of long texts are not held for a chart."""


class Head:
    """The first rows of a result, decoded: at most `CHARTED_ROWS`, and at most about `HEAD_BYTES`."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._bytes = 0

    def take(self, chunk: Chunk) -> None:
        """Keep what is still wanted of `chunk`."""
        wanted = CHARTED_ROWS - len(self.rows)
        if wanted > 0 and self._bytes < HEAD_BYTES:
            self.rows += orjson.loads(chunk.rows_json)[:wanted]
            self._bytes += len(chunk.rows_json)

    def results(self, total: Total) -> Results:
        """The record of the whole result, with the first rows as objects."""
        keys = object_keys(total.columns)
        data = [dict(zip(keys, row, strict=True)) for row in self.rows[:RECORDED_ROWS]]
        return Results(total.columns, total.row_count, total.truncated, total.chunks, data)


def as_text(columns: Sequence[ResultColumn], rows: Sequence[Sequence[Any]], cell_chars: int = 100) -> str:
    """Rows as tab-separated text with a header, for a model to read; long cells are cut."""
    lines = ["\t".join(column.name for column in columns)]
    lines += ["\t".join(_cell(value)[:cell_chars] for value in row) for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case str():
            return " ".join(value.split())
        case _:
            return orjson.dumps(value).decode()

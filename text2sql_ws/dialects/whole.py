"""A result in one piece, for the dialects that send it so: rows as JSON, gathered chunk by chunk. Pure.

Bounded: what a client lets itself be sent whole stands in memory until it is sent.
"""

import orjson

from text2sql_ws.columns import object_keys
from text2sql_ws.events import ResultColumn, RowsReady


class WholeRows:
    """The rows of one result, at most `limit_bytes` of them as JSON; as objects, or as lists of cells."""

    def __init__(self, limit_bytes: int, *, as_objects: bool = True) -> None:
        self._limit = limit_bytes
        self._as_objects = as_objects
        self._pieces: list[bytes] = []
        self._bytes = 0
        self.columns: tuple[ResultColumn, ...] = ()
        self.is_whole = True

    def take(self, event: RowsReady) -> None:
        """Add a chunk. The first that doesn't fit, and all that follow, are left out."""
        self.columns = event.columns
        if not event.row_count or not self.is_whole:
            return
        piece = self._objects(event) if self._as_objects else event.rows_json[1:-1]
        self.is_whole = self._bytes + len(piece) < self._limit
        if self.is_whole:
            self._pieces.append(piece)
            self._bytes += len(piece) + 1

    def json(self) -> bytes:
        """`[…]`: every row that was kept."""
        return b"[" + b",".join(self._pieces) + b"]"

    def _objects(self, event: RowsReady) -> bytes:
        keys = object_keys(event.columns)
        rows = orjson.loads(event.rows_json)
        return orjson.dumps([dict(zip(keys, row, strict=True)) for row in rows])[1:-1]

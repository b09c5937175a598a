"""A result as JSON lines: an object a row, keys as in `query_complete`, values as `wire.md` 2 has them. Pure.

The one rule: a value is the one that the rows over WebSocket have. Only numbers inside JSON documents that no
64 bits hold are rounded.
"""

from collections.abc import Sequence

import orjson

from text2sql_ws.columns import object_keys
from text2sql_ws.events import ResultColumn


class JsonLines:
    def __init__(self, columns: Sequence[ResultColumn]) -> None:
        self._keys = object_keys(columns)

    def header(self) -> bytes:
        return b""

    def lines(self, rows_json: bytes) -> bytes:
        """The rows of a chunk, `[[…],…]`."""
        objects = (dict(zip(self._keys, row, strict=True)) for row in orjson.loads(rows_json))
        return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in objects)

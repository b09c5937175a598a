"""JSON as model servers write it, broken UTF-8 and all. Pure.

The one rule: whatever the bytes are, the outcome is a value or `Malformed`, and nothing else.
"""

import json
from typing import Any

import orjson


class Malformed(ValueError):
    """The bytes are not JSON."""


def parse(data: bytes) -> Any:
    """The JSON value in `data`; bytes that are not UTF-8 become U+FFFD, lone surrogates are kept.

    orjson is fast and strict; the slow way is for what it refuses and servers send all the same.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        raise Malformed(data[:300].decode("utf-8", "replace")) from None

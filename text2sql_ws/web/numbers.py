"""Whole numbers in the query of an address, such as `?page=2`."""

import re

from aiohttp import web

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say


def number_of(request: web.Request, field: str, default: int, most: int) -> int:
    """From 1 to `most`. Raises `Fault` INVALID_MESSAGE."""
    given = request.query.get(field)
    if given is None:
        return default
    if not re.fullmatch(r"\d{1,16}", given, re.ASCII) or not 1 <= int(given) <= most:
        why = say("field.whole_number", most=most)
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field=field, why=why))
    return int(given)

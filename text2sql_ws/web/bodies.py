"""Reading a request's body: within a time, which aiohttp itself doesn't bound, and as text."""

import asyncio

from aiohttp import web

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say

BODY_SECONDS = 5.0


async def read_text(request: web.Request) -> str:
    """The body as text. Raises `Fault` INVALID_MESSAGE when it is late or isn't text."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.text()
    except (TimeoutError, UnicodeDecodeError, LookupError) as error:
        why = say("field.body_late" if isinstance(error, TimeoutError) else "field.body_not_utf8")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="body", why=why)) from None

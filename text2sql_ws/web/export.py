"""`GET /text2sql/queries/{query_id}/export?format=csv|xlsx|json`: a query's result, run again, as a file.

The one rule: a file is whole or visibly broken. What fails before the first byte is answered as any error;
what fails later cuts the connection: so does a client that takes nothing for `limits.slow_client_timeout`.

CSV and JSON lines stream as the rows come. XLSX is made first, so it alone knows beforehand whether it is
truncated (`X-Truncated`); `X-Row-Limit` tells all of them the number of rows that a result can't pass.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol
from urllib.parse import quote

import structlog
from aiohttp import web

from text2sql_ws.engines.engine import Chunk
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import ResultColumn
from text2sql_ws.exporting import CsvLines, Export, Exports, JsonLines
from text2sql_ws.query import Query
from text2sql_ws.texts import say
from text2sql_ws.web.errors import locale_of
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.middleware import SECURITY_HEADERS

log = structlog.get_logger()

PIECE_BYTES = 1 << 16
"""What a client has `limits.slow_client_timeout` to take, over and over."""

NAME_CHARACTERS = 60


class Lines(Protocol):
    def header(self) -> bytes: ...
    def lines(self, rows_json: bytes) -> bytes: ...


async def export(request: web.Request) -> web.StreamResponse:
    house, user = request.app[HOUSE], request.app[DOORMAN].user(request)
    query = house.queries.find(request.match_info["query_id"], user.id)
    send = FORMATS[_one_of(request, "format", list(FORMATS))]
    async with house.exports.begun(query) as begun:
        return await send(_Order(request, query, begun, house.exports))


@dataclass(frozen=True, slots=True)
class _Order:
    """Who wants what."""

    request: web.Request
    query: Query
    export: Export
    exports: Exports

    def headers(self, content_type: str, suffix: str) -> dict[str, str]:
        return SECURITY_HEADERS | {
            "Content-Type": content_type,
            "Content-Disposition": disposition(self.query.ask.question, suffix),
            "Cache-Control": "no-store",
            "X-Row-Limit": str(self.export.statement.max_rows),
        }


async def _send_csv(order: _Order) -> web.StreamResponse:
    bom = _one_of(order.request, "bom", ("0", "1"), "0") == "1"
    headers = order.headers("text/csv; charset=utf-8; header=present", "csv")
    return await _send_lines(order, headers, lambda columns: CsvLines(columns, bom=bom))


async def _send_json(order: _Order) -> web.StreamResponse:
    headers = order.headers("application/x-ndjson; charset=utf-8", "ndjson")
    return await _send_lines(order, headers, JsonLines)


async def _send_lines(
    order: _Order, headers: Mapping[str, str], open_lines: Callable[[Sequence[ResultColumn]], Lines]
) -> web.StreamResponse:
    """The head of the response goes out with the first rows: until then, a fault is answered as one."""
    lines: Lines | None = None
    async with _download(order, headers) as (response, write):

        async def show(chunk: Chunk) -> None:
            nonlocal lines
            if lines is None:
                lines = open_lines(chunk.columns)
                await response.prepare(order.request)
                await write(lines.header())
            await write(lines.lines(chunk.rows_json))

        await order.export.run(show)
    return response


async def _send_xlsx(order: _Order) -> web.StreamResponse:
    headers = order.headers("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
    made = order.exports.spreadsheet(order.export, locale_of(order.request))
    async with made as (file, total), _download(order, headers) as (response, write):
        response.headers["X-Truncated"] = "true" if total.truncated else "false"
        response.content_length = file.seek(0, 2)
        file.seek(0)
        await response.prepare(order.request)
        while piece := file.read(PIECE_BYTES):  # just written: it comes from memory
            await write(piece)
    return response


FORMATS: Mapping[str, Callable[[_Order], Awaitable[web.StreamResponse]]] = {
    "csv": _send_csv,
    "xlsx": _send_xlsx,
    "json": _send_json,
}


@asynccontextmanager
async def _download(
    order: _Order, headers: Mapping[str, str]
) -> AsyncIterator[tuple[web.StreamResponse, Callable[[bytes], Awaitable[None]]]]:
    """A response, and what writes to it and waits for the client. It ends whole, or cuts the connection."""
    response = web.StreamResponse(headers=headers)
    seconds = order.request.app[HOUSE].settings.limits.slow_client_timeout

    async def write(data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            await write_in_time(response, data[start : start + PIECE_BYTES], seconds)

    with ExitStack() as unless_whole:
        unless_whole.push(partial(_cut, order, response))
        yield response, write
        await response.write_eof()
        unless_whole.pop_all()


async def write_in_time(response: web.StreamResponse, piece: bytes, seconds: float) -> None:
    """Raises `Fault` NETWORK_ERROR for a client that left, or takes nothing for so long."""
    try:
        async with asyncio.timeout(seconds):
            await response.write(piece)
    except TimeoutError:
        raise Fault(Code.NETWORK_ERROR, say("export.client_slow", seconds=f"{seconds:g}")) from None
    except ConnectionError:
        raise Fault(Code.NETWORK_ERROR, say("export.client_left")) from None


def _cut(order: _Order, response: web.StreamResponse, _: object, error: object, __: object) -> None:
    """Without its end a response is not taken for whole; before its beginning, an error can still be sent."""
    if response.prepared:
        why = error.code.value if isinstance(error, Fault) else type(error).__name__
        log.warning("export_cut_short", query_id=order.query.id, why=why)
        if order.request.transport is not None:
            order.request.transport.abort()


def _one_of(request: web.Request, field: str, known: Sequence[str], default: str = "") -> str:
    """A value of the address's query. Raises `Fault` INVALID_MESSAGE, which names what is known."""
    given = request.query.get(field, default)
    if given not in known:
        why = say("field.one_of", known=", ".join(known))
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field=field, why=why))
    return given


def disposition(question: str, suffix: str) -> str:
    """A download named for the question's first words; nothing in it but letters, digits and hyphens.

    RFC 6266: the ASCII name for clients that don't read the other, which is in the coding of RFC 8187.
    """
    words = islice(re.finditer(r"\w+", question), NAME_CHARACTERS)
    name = "-".join(word[0] for word in words)[:NAME_CHARACTERS].strip("-_") or "export"
    plain = name if name.isascii() else "export"
    return f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(name)}.{suffix}"


ROUTES = (
    # Not for HEAD: to know the headers, the statement would have to run.
    web.get("/text2sql/queries/{query_id}/export", export, allow_head=False),
)

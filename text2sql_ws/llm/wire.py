"""A connection to a model's server: aiohttp's, except that it closes at once and can be listened in on.

To listen in is to read a body in the very call that brings it, where no task has to be woken for a token.
What comes in one read and is one whole chunk of HTTP with whole events in it, as a token mostly is, does not
go through aiohttp's parser and buffer either: they stay where they are, between two chunks (RFC 9112, 7.1).

The one rule: whoever listens in takes what is there and never waits; trouble and the end are left to be read.
"""

import asyncio
from contextvars import copy_context
from typing import Literal

from aiohttp import StreamReader
from aiohttp.client_proto import ResponseHandler

from text2sql_ws.llm.patience import Take

RECEIVED_BYTES = 64 << 10
"""asyncio makes room for so much before each read. Its own 256 KiB come fresh from the kernel every time."""

EVENT_END = b"\n\n\r\n"
"""How a chunk ends that holds whole events: with their blank line, and the line end behind every chunk."""


class Wire(ResponseHandler):
    """aiohttp's own, to close, first waits for what we wrote to leave.

    That is for ever, if the server took the connection and then reads nothing of a large question.
    """

    _listener: "_Listener | None" = None
    _between_chunks = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if hasattr(transport, "max_size"):
            transport.max_size = RECEIVED_BYTES
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        listener = self._listener
        if listener is not None and self._between_chunks and (chunk := _whole_chunk(data)):
            if not listener.hear(chunk):
                self._listener = None
            return
        self._between_chunks = False
        super().data_received(data)
        self.ring()
        if self._listener is not None:
            self._between_chunks = data.endswith(EVENT_END) and self._listener.is_between_chunks

    def resume_reading(self, resume_parser: bool = True) -> None:
        """aiohttp says so after every read, and would look each time for what a pause had kept back."""
        if self._reading_paused:
            super().resume_reading(resume_parser)

    def connection_lost(self, exc: BaseException | None) -> None:
        super().connection_lost(exc)
        self.ring()

    def close(self) -> None:
        self.abort()

    def ring(self) -> None:
        """Have whoever listens in look at the body."""
        listener, self._listener = self._listener, None  # reading may bring more, which rings again
        if listener is not None and listener.look():
            self._listener = listener

    async def overhear(self, body: StreamReader, take: Take) -> None:
        """Give `take` what comes of `body`, until it says no, or there is trouble, or the end.

        Raises what `take` raises, which runs in the caller's context.
        """
        self._listener = listener = _Listener(body, take)
        try:
            self.ring()
            await listener.ended
        finally:
            self._listener = None
        if listener.trouble is not None:
            raise listener.trouble


class _Listener:
    """Gives `take` what comes, in the context of whoever made this, who then waits until it has `ended`."""

    __slots__ = ("_body", "_context", "_take", "ended", "trouble")

    def __init__(self, body: StreamReader, take: Take) -> None:
        self._body = body
        self._take = take
        self._context = copy_context()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.trouble: Exception | None = None

    @property
    def is_between_chunks(self) -> bool:
        """All that the body was fed are whole chunks. An aiohttp that no longer tells costs time only.

        It has no public way to; and it counts bytes, to which the beginning of another chunk adds none: hence
        `EVENT_END`.
        """
        splits = getattr(self._body, "_http_chunk_splits", None)
        return bool(splits and splits[-1] == self._body.total_bytes)

    def look(self) -> bool:
        """Take what the body holds; whether to go on."""
        body = self._body
        if body.exception() is not None:
            return self._end()
        while received := body.read_nowait():
            if not self.hear(received):
                return False
        return self._end() if body.is_eof() else True

    def hear(self, received: bytes) -> bool:
        """Whether to go on."""
        try:
            return self._context.run(self._take, received) or self._end()
        except Exception as error:
            self.trouble = error
            return self._end()

    def _end(self) -> Literal[False]:
        if not self.ended.done():  # else who waited was cancelled
            self.ended.set_result(None)
        return False


def _whole_chunk(data: bytes) -> bytes | None:
    """What a chunk holds that `data` is, no more and no less, and that holds whole events; else `None`."""
    if not data.endswith(EVENT_END):
        return None
    begin, end = data.find(b"\r\n"), len(data) - 2
    return data[begin + 2 : end] if data[:begin].lower() == b"%x" % (end - begin - 2) else None

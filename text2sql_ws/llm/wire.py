"""A connection to a model's server: aiohttp's, except that it closes at once and can be listened in on.

To listen in is to read a body in the very call that brings it, where no task has to be woken for a token. The
one rule: whoever listens in takes what is there and never waits; trouble and the end are left to be read.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context

from aiohttp import StreamReader
from aiohttp.client_proto import ResponseHandler

from text2sql_ws.llm.patience import Take

RECEIVED_BYTES = 64 << 10
"""asyncio makes room for so much before each read. Its own 256 KiB come fresh from the kernel every time."""


class Wire(ResponseHandler):
    """aiohttp's own, to close, first waits for what we wrote to leave.

    That is for ever, if the server took the connection and then reads nothing of a large question.
    """

    _listener: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if hasattr(transport, "max_size"):
            transport.max_size = RECEIVED_BYTES
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.ring()

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
        if self._listener is not None:
            self._listener()

    async def overhear(self, body: StreamReader, take: Take) -> None:
        """Give `take` what comes of `body`, until it says no, or there is trouble, or the end.

        Raises what `take` raises, which runs in the caller's context.
        """
        heard = asyncio.get_running_loop().create_future()
        context, trouble = copy_context(), None

        def listen() -> None:
            nonlocal trouble
            self._listener = None  # reading may bring more, which rings again
            try:
                goes_on = _read(body, take, context)
            except Exception as error:
                trouble, goes_on = error, False
            if goes_on:
                self._listener = listen
            elif not heard.done():
                heard.set_result(None)

        try:
            listen()
            await heard
        finally:
            self._listener = None
        if trouble is not None:
            raise trouble


def _read(body: StreamReader, take: Take, context: Context) -> bool:
    """Whether to go on listening."""
    if body.exception() is not None:
        return False
    while received := body.read_nowait():
        if not context.run(take, received):
            return False
    return not body.is_eof()

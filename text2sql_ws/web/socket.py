"""What lies under a connection: aiohttp's WebSocket as we want it, its buffers, and how its dialect beats."""

import asyncio
import socket
from dataclasses import dataclass

from aiohttp import web

from text2sql_ws.web.bearer import chosen_subprotocols
from text2sql_ws.web.outgoing import WRITE_BUFFER_BYTES

FAREWELL_SECONDS = 2.0
"""For the last frame, the close frame and the peer's reply to it; then the transport is aborted."""

SEND_BUFFER_BYTES = 131_072
RECEIVED_BYTES = 65_536
USER_TIMEOUT_MS = 30_000


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a dialect keeps a connection alive: a heartbeat each `interval`, gone after `timeout` of silence.

    Both in seconds. `by_protocol`: the heartbeat is a protocol ping, and its pong counts as a sign of life.
    """

    interval: float
    timeout: float
    by_protocol: bool = False


class Socket(web.WebSocketResponse):
    """aiohttp's WebSocket, except that it never closes by itself from inside `receive`.

    There it would send while the writer may be sending. The connection closes it, at the end, in one place.
    """

    def __init__(self, request: web.Request, max_message_bytes: int) -> None:
        # +1: aiohttp refuses a message of exactly max_msg_size.
        super().__init__(
            protocols=chosen_subprotocols(request),
            autoping=False,
            autoclose=False,
            compress=False,
            timeout=FAREWELL_SECONDS,
            max_msg_size=max_message_bytes + 1,
        )
        self._may_close = False

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        if not self._may_close:
            return False
        return await super().close(code=code, message=message, drain=drain)

    async def close_for_good(self, code: int, reason: str) -> None:
        self._may_close = True
        await super().close(code=code, message=reason.encode())


def bound_buffers(transport: asyncio.Transport | None) -> None:
    """A client that stops reading is noticed after some 200 KiB, not after 4 MiB."""
    if transport is None:
        return
    transport.set_write_buffer_limits(WRITE_BUFFER_BYTES)
    if hasattr(transport, "max_size"):  # room that asyncio makes before each read, by default 256 KiB
        transport.max_size = RECEIVED_BYTES
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None and raw.family in (socket.AF_INET, socket.AF_INET6):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)

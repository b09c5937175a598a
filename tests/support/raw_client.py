"""A WebSocket client that may do what no library would: half a frame, a flood, a close without an end.

Frames are RFC 6455's; what is sent is masked, as a client's must be.
"""

import asyncio
import os
import socket
import struct
from typing import Any, Self

import orjson

from tests.support.proxy import reset

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
RECEIVE_BUFFER = 8192


class RawClient:
    """A connection whose handshake is done. It reads only when told to; its kernel keeps little for it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int, **query: str) -> Self:
        reader, writer = await dial(port)
        writer.write(handshake(port, **query))
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0], head
        return cls(reader, writer)

    def send(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        self.writer.write(frame(opcode, payload, fin=fin))

    def ask(self, query: str, **options: Any) -> None:
        self.send(TEXT, question(query, **options))

    async def frame(self) -> tuple[int, bytes]:
        """The next frame that the server sent: its opcode and payload."""
        first, length = await self.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(length)

    async def message(self) -> dict[str, Any]:
        opcode, payload = await self.frame()
        assert opcode == TEXT, (opcode, payload)
        value: dict[str, Any] = orjson.loads(payload)
        return value

    async def close_code(self, seconds: float = 5.0) -> int | None:
        """Read until the server is gone: the code that it closed with, `None` where it just hung up."""
        code = None
        async with asyncio.timeout(seconds):
            try:
                while True:
                    opcode, payload = await self.frame()
                    if opcode == CLOSE:
                        (code,) = struct.unpack("!H", payload[:2])
            except (asyncio.IncompleteReadError, ConnectionError):
                return code

    def stop_reading(self) -> None:
        """As SIGSTOP: the kernel's little buffer fills, and then nothing more is taken."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    def kill(self) -> None:
        """As SIGKILL with unread words: RST."""
        reset(self.writer)

    async def aclose(self) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)


async def dial(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TCP connection that buffers little."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    raw.setblocking(False)
    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=raw, limit=RECEIVE_BUFFER)


def handshake(port: int, **query: str) -> bytes:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return (
        f"GET /text2sql/websocket?{words} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def question(query: str, **options: Any) -> bytes:
    return orjson.dumps({"type": "query_request", "data": {"query": query, "options": options}})


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """One masked frame."""
    length = len(payload)
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 1 << 16:
        size = bytes([0x80 | 126]) + struct.pack("!H", length)
    else:
        size = bytes([0x80 | 127]) + struct.pack("!Q", length)
    mask = os.urandom(4)
    stretched = (mask * (length // 4 + 1))[:length]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")
    return bytes([(0x80 if fin else 0) | opcode]) + size + mask + masked.to_bytes(length, "big")

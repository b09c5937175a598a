"""A TCP proxy on loopback that does what networks do: it stalls, slows down, hangs up, or breaks connections.

Put it before the service, a model or a database. Each direction is told apart: "up" is from who connected to
the target. A stall holds back everything, the end of a stream included: to both sides the other is just
silent, as when a cable is pulled.

    async with Proxy(server_port) as proxy:
        ...                      # connect to proxy.port
        proxy.stall("down")      # the target's words wait, and soon so does the target
        proxy.go_on()
        proxy.reset()            # RST on every connection there is; new ones are welcome
"""

import asyncio
import socket
import struct
from types import TracebackType
from typing import Literal, Self

Way = Literal["up", "down", "both"]

PORTION = 65_536
BUFFER = 16_384
TICK_SECONDS = 0.05


class Proxy:
    """Relays from its own `port` to `target_port`. Who can't be relayed, as the target is down, is reset."""

    def __init__(self, target_port: int, host: str = "127.0.0.1") -> None:
        self._target_port = target_port
        self._host = host
        self._up, self._down = _Flow(), _Flow()
        self._links: dict[asyncio.Task[None], list[asyncio.StreamWriter]] = {}
        self.port = 0
        self.accepted = 0

    @property
    def links(self) -> int:
        """Connections that somebody still holds open."""
        return len(self._links)

    def stall(self, way: Way = "both") -> None:
        """Forward nothing any more, not even that somebody hung up."""
        for flow in self._flows(way):
            flow.moving.clear()

    def slow(self, bytes_per_second: int, way: Way = "both") -> None:
        for flow in self._flows(way):
            flow.bytes_per_second = bytes_per_second

    def go_on(self) -> None:
        """Forward again, at full speed, what waited and what comes."""
        for flow in self._flows("both"):
            flow.bytes_per_second = None
            flow.moving.set()

    def cut(self) -> None:
        """Hang up on both sides of every connection, in order: FIN."""
        for writers in self._links.values():
            for writer in writers:
                writer.close()

    def reset(self) -> None:
        """Break every connection on both sides: RST."""
        for writers in self._links.values():
            for writer in writers:
                reset(writer)

    def refuse(self) -> None:
        """Nobody listens any more; who is connected stays. `welcome` ends it."""
        self._listener.close()

    async def welcome(self) -> None:
        """Listen, on the same port as ever."""
        listening = _small(socket.socket())
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self._host, self.port))
        self.port = listening.getsockname()[1]
        self._listener = await asyncio.start_server(self._accept, sock=listening, limit=BUFFER, backlog=1024)

    async def __aenter__(self) -> Self:
        await self.welcome()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        links = list(self._links)
        self.reset()
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    def _flows(self, way: Way) -> tuple["_Flow", ...]:
        return {"up": (self._up,), "down": (self._down,), "both": (self._up, self._down)}[way]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        self.accepted += 1
        self._links[link] = [writer]
        try:
            await self._relay(reader, writer, self._links[link])
        except OSError:
            pass
        finally:
            for side in self._links.pop(link):
                reset(side)

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, writers: list[asyncio.StreamWriter]
    ) -> None:
        raw = _small(socket.socket())
        raw.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(raw, (self._host, self._target_port))
        except BaseException:
            raw.close()
            raise
        far_reader, far_writer = await asyncio.open_connection(sock=raw, limit=BUFFER)
        writers.append(far_writer)
        pumps = [
            asyncio.create_task(_pump(reader, far_writer, self._up)),
            asyncio.create_task(_pump(far_reader, writer, self._down)),
        ]
        try:
            # A half that has ended in order leaves the other going; one that broke ends both.
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)


class _Flow:
    """One direction of every connection: whether it moves, and how fast."""

    def __init__(self) -> None:
        self.moving = asyncio.Event()
        self.moving.set()
        self.bytes_per_second: int | None = None

    @property
    def portion(self) -> int:
        if self.bytes_per_second is None:
            return PORTION
        return max(1, int(self.bytes_per_second * TICK_SECONDS))

    async def admit(self, size: int) -> None:
        if self.bytes_per_second is not None:
            await asyncio.sleep(size / self.bytes_per_second)
        await self.moving.wait()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: _Flow) -> None:
    while data := await reader.read(flow.portion):
        await flow.admit(len(data))
        if writer.is_closing():
            raise ConnectionResetError
        writer.write(data)
        await writer.drain()
    await flow.moving.wait()
    writer.write_eof()


def _small(raw: socket.socket) -> socket.socket:
    """With little room in the kernel, or a stalled connection would take megabytes before anyone noticed."""
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PORTION)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PORTION)
    return raw


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, whatever still waits to be sent."""
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None and raw.fileno() != -1:  # asyncio's transport fails when it is aborted after its end
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

"""A mail server on a real socket: it takes mail, or is slow, or dead, as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy

USER, PASSWORD = "postman", "s3cretpass"


class MailServer:
    """`mails` are what was taken: (subject, text). `silent`: it accepts, and says nothing."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.visits = 0
        self.silent = False
        self.refusing = False
        self.port = 0
        self.came = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._hung: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"mailto://{USER}:{PASSWORD}@127.0.0.1:{self.port}?from=me@example.com&to=you@example.com"

    async def open(self) -> None:
        """Take the port of before, if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        if self._server is not None:
            self._server.close()
            self.let_go()
            await self._server.wait_closed()
            self._server = None

    def let_go(self) -> None:
        """Hang up on whoever waits for an answer."""
        for writer in self._hung:
            writer.close()

    async def until(self, count: int) -> None:
        """Wait until so many mails came."""
        async with asyncio.timeout(20):
            while len(self.mails) < count:
                self.came.clear()
                await self.came.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        self._hung.add(writer)
        try:
            if self.silent:
                await reader.read()
                return
            await self._talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            self._hung.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper() if line.split() else b""
            match verb:
                case b"EHLO":
                    writer.write(b"250-here\r\n250 AUTH PLAIN\r\n")
                case b"AUTH":
                    writer.write(b"235 come in\r\n")
                case b"DATA":
                    writer.write(b"354 go on\r\n")
                    self._take(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 taken\r\n")
                case b"RCPT" if self.refusing:
                    writer.write(b"550 no such box for s3cretpass\r\n")
                case b"QUIT":
                    writer.write(b"221 bye\r\n")
                    return
                case _:
                    writer.write(b"250 fine\r\n")
            await writer.drain()

    def _take(self, data: bytes) -> None:
        mail = message_from_bytes(data.removesuffix(b".\r\n"), policy=policy.default)
        body = mail.get_body(("plain", "html"))
        self.mails.append((str(mail["subject"]), body.get_content().strip() if body is not None else ""))
        self.came.set()


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.open()
    try:
        yield server
    finally:
        await server.die()

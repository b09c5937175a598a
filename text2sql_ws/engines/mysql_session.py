"""One connection to a MySQL server, on aiomysql: opened safe, asked, read in bulk, stopped, made like new.

The rule that matters: `in_step` is true only between commands. A connection that is out of step is never used
again; its socket is closed at once, and the server is told to end what it ran.

aiomysql does the handshake and the column definitions; the rows are read past it, from its stream.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from aiomysql.connection import Connection, MySQLResult
from pymysql.constants import CLIENT, COMMAND
from pymysql.err import raise_mysql_exception

from text2sql_ws.engines.mysql_cells import Field
from text2sql_ws.engines.mysql_faults import BROKEN, connection_fault, is_from_server
from text2sql_ws.engines.mysql_flavours import Flavour, flavour_of, limit_of, setup_of, version_text
from text2sql_ws.engines.mysql_packets import Finished, RowPackets
from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import SqlDialect
from text2sql_ws.texts import say

CONNECT_SECONDS = 3.0
SETTLE_SECONDS = 3.0
IDLE_SECONDS = 60.0
"""An idle connection is not kept longer: firewalls forget it without telling either end."""

STALE_SECONDS = 0.5
"""A connection that had died before is found out within a round trip; later, somebody has killed it."""

READ_BYTES = 64 * 1024
_RESET_CONNECTION = 0x1F


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database is, and as whom; `repr` keeps the password to itself."""

    host: str
    port: int
    user: str
    password: str
    database: str
    dialect: SqlDialect = "mysql"

    def __repr__(self) -> str:
        return f"Address({self.host!r}, {self.port})"


class LostConnection(Exception):
    """The connection broke. `is_stale`: it had been idle, and broke at once when it was used again, so that
    the same statement may be tried on another."""

    def __init__(self, *, is_stale: bool) -> None:
        super().__init__("lost the connection")
        self.is_stale = is_stale


class Session:
    """Make one with `open_session`. It runs one statement at a time, and ends up in step or closed."""

    def __init__(self, connection: Any, address: Address, limit_seconds: float) -> None:
        self.version = version_text(connection.server_version)
        self.number: int = connection.thread_id()
        self.in_step = True
        self._is_lost = False
        self._is_pristine = True
        self._sent = ""
        self._connection = connection
        self._address = address
        self._flavour: Flavour = flavour_of(address.dialect, connection.server_version)
        self._default_limit = limit_seconds
        self._limit = 0.0
        self._is_reused = False
        self._idle_since = monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether it may be lent: the server has neither closed it nor said anything unasked."""
        reader = self._connection._reader
        return (
            self.in_step
            and reader is not None
            and not reader.eof_received
            and reader.exception() is None
            and not reader._buffer
            and monotonic() - self._idle_since < IDLE_SECONDS
        )

    async def prepare(self) -> None:
        """Make the session read-only, limited, and its SQL the guard's. Raises what aiomysql raises."""
        for statement in setup_of(self._flavour):
            await self._command(COMMAND.COM_QUERY, statement)
        await self._set_limit(self._default_limit)

    async def query(self, sql: str, limit_seconds: float) -> list[Field]:
        """Send one statement, wait for its columns; none if it yields no rows. Then read with `read`.

        Raises `LostConnection`, or the server's complaint as pymysql raises it (then it is in step again).
        """
        began = monotonic()
        try:
            await self._set_limit(limit_seconds)
            self._sent = sql
            return await self._ask(sql.encode())
        except BROKEN as error:
            raise self._judged(error, monotonic() - began) from None

    async def ping(self) -> None:
        """Takes 3 s at most. Raises `LostConnection`."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._command(COMMAND.COM_PING, "")
        except BROKEN as error:
            raise self._judged(error, 0) from None

    async def read(self, rows: RowPackets) -> int:
        """Feed `rows` what has arrived, or what comes next, at most 64 KiB or one row; how many bytes it was.

        Raises `LostConnection`, the server's complaint, or what `RowPackets.feed` raises.
        """
        reader = self._connection._reader
        try:
            if rows.missing > READ_BYTES:
                data = await reader.readexactly(rows.missing)
            else:
                data = await reader.read(READ_BYTES)
            if not data:
                raise EOFError
        except (OSError, EOFError):
            self._is_lost = True
            raise LostConnection(is_stale=False) from None
        rows.feed(data)
        match rows.ending:
            case None:
                pass
            case Finished(has_more):
                self.in_step = not has_more
            case refused:
                self.in_step = True
                raise_mysql_exception(refused.packet)
        return len(data)

    async def settle(self) -> bool:
        """In step: the session's state is reset. Out of step: the socket is closed, the statement killed.

        Where the connection was lost, only if it is the server's still: after a restart its number may be
        another's.
        """
        if not self.in_step:
            self._abort()
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                if self.in_step:
                    await self._renew()
                elif not self._is_lost or await self._still_runs():
                    await kill(self._address, [self.number])
        except (*BROKEN, Fault):
            self._abort()
        return self.in_step

    async def _still_runs(self) -> bool:
        """Whether the server goes on with what was sent, though the network has let go of it."""
        sent = self._sent and self._sent.partition("*/")[0]
        return bool(sent) and self.number in await tagged_connections(self._address, sent)

    async def close(self) -> None:
        """Say goodbye if that is possible, and wait until the socket is closed; a second at most."""
        writer = self._connection._writer
        if writer is None:
            return
        try:
            async with asyncio.timeout(1):
                await self._connection.ensure_closed()
                await writer.wait_closed()
        except BROKEN:
            self._abort()

    async def _ask(self, sql: bytes) -> list[Field]:
        self.in_step = self._is_pristine = False
        await self._connection._execute_command(COMMAND.COM_QUERY, sql)
        result = MySQLResult(self._connection)
        await result.init_unbuffered_query()
        if result.unbuffered_active:
            return list(result.fields)
        self.in_step = not result.has_next
        return []

    async def _command(self, command: int, argument: str) -> None:
        """A command that is answered with OK."""
        self.in_step = False
        await self._connection._execute_command(command, argument)
        await self._connection._read_ok_packet()
        self.in_step = True

    async def _set_limit(self, seconds: float) -> None:
        if seconds != self._limit:
            await self._command(COMMAND.COM_QUERY, limit_of(self._flavour, seconds))
            self._limit = seconds

    def _judged(self, error: Exception, seconds: float) -> Exception:
        """The server's own complaint leaves the connection in step; anything else is its end."""
        if is_from_server(error):
            self.in_step = True
            return error
        self._is_lost = True
        is_stale = self._is_reused and seconds < STALE_SECONDS
        if is_stale:
            self._sent = ""
        return LostConnection(is_stale=is_stale)

    async def _renew(self) -> None:
        """Variables, temporary tables and modes of the last borrower go; ours come back."""
        if not self._is_pristine:
            await self._command(_RESET_CONNECTION, "")
            self._limit = 0.0
            await self.prepare()
            self._is_pristine = True
        self._is_reused = True
        self._idle_since = monotonic()

    def _abort(self) -> None:
        self.in_step = False
        writer = self._connection._writer
        if writer is not None:
            writer.transport.abort()
        self._connection.close()


async def open_session(address: Address, limit_seconds: float) -> Session:
    """A session that is ready to be lent, within 3 s. Raises `Fault` DATABASE_CONNECTION_FAILED."""
    async with _connected(address) as connection:
        session = Session(connection, address, limit_seconds)
        await session.prepare()
    return session


async def kill(address: Address, numbers: Collection[int]) -> None:
    """End these connections and what they run, from a connection of its own; one that has gone is no error.

    Returns when they are gone, which KILL itself doesn't wait for, or after 3 s.
    Raises `Fault` DATABASE_CONNECTION_FAILED.
    """
    async with _connected(address) as control:
        for number in numbers:
            try:
                await control.query(f"KILL {number}")
            except BROKEN as error:
                if not is_from_server(error):
                    raise
        pause = 0.001
        while not set(numbers).isdisjoint(await _processes(control)):
            await asyncio.sleep(pause)
            pause = min(2 * pause, 0.1)
        await control.ensure_closed()


async def tagged_connections(address: Address, prefix: str) -> list[int]:
    """The ids of this account's connections that run a statement which starts with `prefix`.

    Takes 3 s at most. Raises `Fault` DATABASE_CONNECTION_FAILED.
    """
    async with _connected(address) as control:
        found = await _processes(control)
        await control.ensure_closed()
    return [number for number, running in found.items() if running.startswith(prefix)]


async def _processes(control: Any) -> dict[int, str]:
    """What runs on each connection that this account may see; by their ids."""
    await control.query("SHOW FULL PROCESSLIST")
    names = [column[0].lower() for column in control._result.description]
    number, running = names.index("id"), names.index("info")
    return {int(row[number]): str(row[running]) for row in control._result.rows}


@asynccontextmanager
async def _connected(address: Address) -> AsyncIterator[Any]:
    """A connection, which is closed if what is done inside fails or takes longer than 3 s altogether."""
    connection = _unconnected(address)
    try:
        async with asyncio.timeout(CONNECT_SECONDS) as scope:
            await connection._connect()
            yield connection
    except BaseException as error:
        connection.close()
        if scope.expired() and isinstance(error, TimeoutError):
            silent = say("database.silent", seconds=f"{CONNECT_SECONDS:g}")
            raise Fault(Code.DATABASE_CONNECTION_FAILED, silent) from None
        if isinstance(error, BROKEN):
            raise connection_fault(error) from None
        raise


def _unconnected(address: Address) -> Any:
    """aiomysql's connection, without the two abilities that it always has and we never want."""
    connection = Connection(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        db=address.database,
        charset="utf8mb4",
        autocommit=True,
        conv={},
        program_name="text2sql-ws",
    )
    connection.client_flag &= ~(CLIENT.MULTI_STATEMENTS | CLIENT.LOCAL_FILES)
    return connection

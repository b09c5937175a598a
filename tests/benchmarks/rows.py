"""What a row costs on its way from MariaDB through the service to a WebSocket, and what it does to others.

The service is a process of its own, as an operator starts it. Its CPU time is read from the kernel; the
measure beside it, in turn and in a process of its own too, is aiomysql's `SSCursor` reading the same rows and
doing nothing with them.
"""

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import aiomysql
import orjson

from tests.support.mariadb import MariaDb, running_mariadb
from tests.support.paths import ROOT

ROWS = 1_000_000
ROUNDS = 3
FIRSTS = 30
CANCELS = 30
SQL = "SELECT * FROM mixed"
MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")

MIXED = f"""
CREATE OR REPLACE TABLE mixed ENGINE=MyISAM AS
SELECT seq AS id, seq * 9007199254741 AS big, CONCAT('客户 ', seq) AS customer,
       CAST(seq * 1.37 AS DECIMAL(12,2)) AS amount, seq / 7e0 AS share,
       DATE '2020-01-01' + INTERVAL seq % 2000 DAY AS day,
       TIMESTAMP '2020-01-01 08:00:00' + INTERVAL seq SECOND AS placed_at,
       IF(seq % 10, ELT(1 + seq % 3, '已付款', '已发货', 'returned'), NULL) AS status
FROM seq_1_to_{ROWS}
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Microseconds of CPU per row, bytes, milliseconds."""

    cursor_us: float
    service_us: float
    rise_bytes: int
    stall_ms: tuple[float, float]
    first_ms: float
    cancel_ms: float


class Client:
    """One connection to the service, which reads as fast as it can and looks only at what it must."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self._ws = ws

    async def ask(self, sql: str) -> None:
        options = {"explain": False, "visualize": False}
        await self.send("query_request", {"query": sql, "options": options})

    async def send(self, kind: str, data: dict[str, object]) -> None:
        await self._ws.send_str(orjson.dumps({"type": kind, "data": data}).decode())

    async def until(self, *kinds: str) -> dict[str, object]:
        """The next message of one of these kinds."""
        wanted = tuple(f'{{"type":"{kind}"' for kind in kinds)
        while not (frame := await self._ws.receive_str()).startswith(wanted):
            pass
        message: dict[str, object] = orjson.loads(frame)["data"]
        return message

    async def read_all(self) -> int:
        """How many rows the query had, once it is complete."""
        ending = await self.until("query_complete", "query_error")
        results = ending["results"]
        assert isinstance(results, dict), ending
        return int(results["row_count"])


@dataclass(frozen=True, slots=True)
class Service:
    client: Client
    pid: int

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, kind: str) -> int:
        """Bytes: `VmRSS` now, `VmHWM` at most since `forget_peak`."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


async def measure() -> Figures:
    with running_mariadb() as database:
        await database.execute(MIXED)
        cursor, service, rise = await _cpu(database)
        stall = await _stall(database)
        async with _service(database, "run.py") as running:
            first = await _first(database, running[0].client)
            cancel = await _cancel(database, running[0].client)
    return Figures(cursor, service, rise, stall, first, cancel)


async def _cpu(database: MariaDb) -> tuple[float, float, int]:
    """Microseconds a row of the cursor alone and of the service, in turn; and how much its memory rose."""
    alone, through, rises = [], [], []
    async with _service(database, "run.py") as (service, _):
        idle = service.memory("VmRSS")
        service.forget_peak()
        for _ in range(ROUNDS):
            alone.append(await _cursor_seconds(database))
            began = service.cpu_seconds()
            await service.client.ask(SQL)
            assert await service.client.read_all() == ROWS
            through.append(service.cpu_seconds() - began)
            rises.append(service.memory("VmHWM") - idle)
    scale = 1e6 / ROWS
    return statistics.median(alone) * scale, statistics.median(through) * scale, max(rises)


async def _cursor_seconds(database: MariaDb) -> float:
    """CPU seconds of a process that reads all rows with `SSCursor`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.sscursor", str(database.port), SQL,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    told, _ = await process.communicate()
    return float(told)


async def _stall(database: MariaDb) -> tuple[float, float]:
    """Milliseconds of the longest turn of the service's event loop while it sent all rows; and of its CPU."""
    async with _service(database, "tests/benchmarks/stalls.py") as (service, said):
        await service.client.ask("SELECT 1 AS one FROM mixed LIMIT 1")
        await service.client.read_all()
        await said.told()
        await service.client.ask(SQL)
        assert await service.client.read_all() == ROWS
        clock, cpu = (await said.told()).split()
        return float(clock), float(cpu)


async def _first(database: MariaDb, client: Client) -> float:
    """Milliseconds by which the service's first rows come later than the database's own."""
    added = []
    connection = await _connected(database)
    for _ in range(FIRSTS):
        began = time.perf_counter()
        async with connection.cursor() as cursor:
            await cursor.execute(f"{SQL} LIMIT 50")
            await cursor.fetchone()
        bare = time.perf_counter() - began
        began = time.perf_counter()
        await client.ask(SQL)
        query_id = (await client.until("query_start"))["query_id"]
        await client.until("query_result")
        added.append(time.perf_counter() - began - bare)
        await client.send("query_cancel", {"query_id": query_id})
        await client.until("query_cancel")
    await connection.ensure_closed()
    return statistics.median(added) * 1000


async def _cancel(database: MariaDb, client: Client) -> float:
    """Milliseconds from a cancel in the middle of rows until the statement is gone from the server."""
    gone = []
    connection = await _connected(database)
    for _ in range(CANCELS):
        await client.ask(SQL)
        query_id = (await client.until("query_start"))["query_id"]
        for _ in range(20):
            await client.until("query_result")
        began = time.perf_counter()
        await client.send("query_cancel", {"query_id": query_id})
        while await _runs(connection, database.user):
            pass
        gone.append(time.perf_counter() - began)
        await client.until("query_cancel")
    await connection.ensure_closed()
    return statistics.median(gone) * 1000


async def _runs(connection: aiomysql.Connection, user: str) -> bool:
    async with connection.cursor() as cursor:
        await cursor.execute(
            "SELECT 1 FROM information_schema.processlist "
            f"WHERE user = '{user}' AND info LIKE '/* t2s:%{SQL}'"
        )
        return bool(await cursor.fetchall())


async def _connected(database: MariaDb) -> aiomysql.Connection:
    return await aiomysql.connect(
        host=database.host, port=database.port, user=database.admin_user, password=database.admin_password,
        db=database.database, autocommit=True,
    )  # fmt: skip


class Said:
    """What the service's process says on its standard output, when it is asked by a signal."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def told(self) -> str:
        self._process.send_signal(signal.SIGUSR1)
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode()


@asynccontextmanager
async def _service(database: MariaDb, script: str) -> AsyncIterator[tuple[Service, Said]]:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "bench.toml"
        config.write_text(
            f'[server]\nport = 0\n[log]\nlevel = "warning"\n[datasources.shop]\ntype = "mysql"\n'
            f'host = "{database.host}"\nport = {database.port}\nuser = "{database.user}"\n'
            f'password = "{database.password}"\ndatabase = "{database.database}"\n'
            f"max_rows = {ROWS}\nstatement_timeout = 300\n"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / script), "--config", str(config),
            stdout=asyncio.subprocess.PIPE, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        try:
            assert process.stdout is not None
            address = (await process.stdout.readline()).decode().split()[-1].rstrip("/")
            async with (
                aiohttp.ClientSession() as http,
                http.ws_connect(f"{address}/text2sql/websocket", max_msg_size=0) as ws,
            ):
                await ws.receive()
                yield Service(Client(ws), process.pid), Said(process)
        finally:
            process.terminate()
            await process.wait()


async def main() -> str:
    """Rows of the table."""
    found = await measure()
    ratio = found.service_us / found.cursor_us
    return "\n".join(
        f"| {what} | {measured} | {held_to} | {how} |"
        for what, measured, held_to, how in (
            ("CPU per row, against `SSCursor` alone", f"{ratio:.2f}", "at most 0.5",
             f"{found.service_us:.2f} µs against {found.cursor_us:.2f} µs, {ROWS} rows, {ROUNDS} rounds"),
            ("memory above idle", f"{found.rise_bytes / MIB:.1f} MiB", "at most 32 MiB", "at its peak"),
            ("longest turn of the event loop", f"{found.stall_ms[0]:.1f} ms", "at most 25 ms",
             f"of which {found.stall_ms[1]:.1f} ms on the CPU, {ROWS} rows"),
            ("first rows, after the database's own", f"{found.first_ms:.1f} ms", "at most 20 ms",
             f"median of {FIRSTS}"),
            ("from a cancel amid rows to its statement's end", f"{found.cancel_ms:.1f} ms", "at most 50 ms",
             f"median of {CANCELS}"),
        )
    )  # fmt: skip

"""A soak: many clients who do anything at all, over networks and with a model that fail at random.

`python -m tests.benchmarks.soak 600` soaks for ten minutes (two by default) and prints memory, tasks and
descriptors as it goes; a second number is that of the clients. In the end everybody has gone, and the service
must hold what it held before. It runs as the unit file has it, with few arenas for glibc's allocator.
"""

import asyncio
import itertools
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.benchmarks.processes import Measured
from tests.support.model_server import CLOSE, RESET, Answer, Body, ModelServer, Status
from tests.support.paths import ROOT
from tests.support.process import Process, started
from tests.support.proxy import Proxy
from tests.support.raw_client import CLOSE as CLOSING
from tests.support.raw_client import TEXT, RawClient
from tests.support.serving import make_shop

SECONDS = 120.0
CLIENTS = 15
"""About half of what one core can do, which the row tells."""
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "PYTHONPATH": str(ROOT)}
SESSIONS = 40
SAMPLE_SECONDS = 5.0
REST_SECONDS = 8.0
PATIENCE_SECONDS = 30.0

ENDLESS = "SELECT a.id, b.amount FROM orders a, orders b, orders c"
QUESTIONS = (
    "SELECT name FROM cities", "SELECT id, amount FROM orders", ENDLESS, "SELECT MAX(a.amount) FROM orders a",
    "每个城市的订单", "每个城市的订单", "DROP TABLE cities", "SELECT nope FROM orders",
)  # fmt: skip
SAID = "```sql\nSELECT name FROM cities\n```"

CONFIG = """
[server]
port = 0
drain_seconds = 1
[log]
level = "error"
[heartbeat]
interval = 1
timeout = 3
[limits]
connections = 1000
connections_per_user = 1000
resume_seconds = 2
resume_bytes = 262144
outbox_bytes = 131072
slow_client_timeout = 1
result_seconds = 2
query_timeout = 10
messages_per_minute = 6000
[storage]
url = "sqlite:///own.db"
[llm.providers.main]
base_url = "http://127.0.0.1:{model}/v1"
model = "m"
first_token_timeout = 2
idle_timeout = 2
total_timeout = 10
[datasources.shop]
type = "sqlite"
path = "{shop}"
pool_size = 8
"""


@dataclass(frozen=True)
class Sample:
    at: float
    resident_bytes: int
    tasks: int
    blocks: int
    descriptors: int
    cpu_seconds: float

    def __str__(self) -> str:
        mebibytes = self.resident_bytes / (1 << 20)
        kept = f"{self.blocks:9} blocks {self.descriptors:6} descriptors"
        return f"{mebibytes:8.1f} MiB {self.tasks:6} tasks {kept}"


class Soaked:
    """The service under test, what stands around it, and what its clients went through."""

    def __init__(self, process: Process, count: Path, network: Proxy, wire: Proxy, seed: int) -> None:
        self.process = process
        self.network = network
        self.wire = wire
        self.random = random.Random(seed)
        self.fates: Counter[str] = Counter()
        self._count = count

    async def sample(self) -> Sample:
        self._count.unlink(missing_ok=True)
        self.process.send(signal.SIGUSR1)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._count.exists():
                await asyncio.sleep(0.01)
        home = Path(f"/proc/{self.process.pid}")
        pages = int((home / "statm").read_text().split()[1])
        descriptors = sum(1 for _ in (home / "fd").iterdir())
        tasks, blocks = map(int, self._count.read_text().split())
        resident = pages * os.sysconf("SC_PAGE_SIZE")
        cpu = Measured("", self.process.pid).cpu_seconds()
        return Sample(time.monotonic(), resident, tasks, blocks, descriptors, cpu)

    async def lag(self) -> str:
        """What 99 in 100 turns of the event loop were late by at most, as `/metrics` has it."""
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{self.process.port}/metrics") as response:
                told = re.findall(r'event_loop_lag_seconds_bucket{le="(\S+)"} (\S+)', await response.text())
        most = next(bound for bound, count in told if float(count) >= 0.99 * float(told[-1][1]))
        return f"event loop late by {float(most) * 1000:g} ms at most (p99)"


@dataclass(frozen=True)
class Outcome:
    """What the service held, first before and last after; which fates its clients met; lag and log."""

    samples: list[Sample]
    fates: Counter[str]
    lag: str
    log: str

    @property
    def load(self) -> float:
        """The share of a core that it used."""
        first, last = self.samples[1], self.samples[-2]
        return (last.cpu_seconds - first.cpu_seconds) / (last.at - first.at)


async def soak(seconds: float, clients: int, seed: int = 2026) -> Outcome:
    async with _standing(seed) as soaked:
        await _warm_up(soaked, clients)
        before = await soaked.sample()
        until = time.monotonic() + seconds
        lives = [asyncio.create_task(_live(soaked, until)) for _ in range(clients)]
        lives.append(asyncio.create_task(_break_things(soaked, until)))
        during = await _samples(soaked, until)
        await asyncio.gather(*lives)
        soaked.network.go_on()
        soaked.network.reset()
        await asyncio.sleep(REST_SECONDS)
        after, lag = await soaked.sample(), await soaked.lag()
        soaked.process.send(signal.SIGTERM)
        assert await soaked.process.ended(PATIENCE_SECONDS) == 0, soaked.process.log
        return Outcome([before, *during, after], soaked.fates, lag, soaked.process.log)


@asynccontextmanager
async def _standing(seed: int) -> AsyncIterator[Soaked]:
    dice = random.Random(seed)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = await stack.enter_async_context(ModelServer(lambda body: _answer(dice)))
        wire = await stack.enter_async_context(Proxy(model.port))
        config = CONFIG.format(model=wire.port, shop=make_shop(folder / "shop.db"))
        process = await stack.enter_async_context(
            started(
                config, folder, {"COUNT": str(folder / "count")} | ENVIRONMENT,
                program=ROOT / "tests" / "benchmarks" / "counted.py",
            )
        )  # fmt: skip
        await process.ready()
        network = await stack.enter_async_context(Proxy(process.port))
        yield Soaked(process, folder / "count", network, wire, seed)


async def _warm_up(soaked: Soaked, clients: int) -> None:
    """What is made once is made before the first sample: pools, caches, the allocator's arenas."""
    await asyncio.gather(*(_live(soaked, time.monotonic() + 5) for _ in range(clients)))
    soaked.fates.clear()
    await asyncio.sleep(REST_SECONDS)


async def _samples(soaked: Soaked, until: float) -> list[Sample]:
    """What it holds as it goes, printed as well."""
    began, found = time.monotonic(), []
    while time.monotonic() < until:
        await asyncio.sleep(SAMPLE_SECONDS)
        found.append(await soaked.sample())
        sys.stderr.write(f"{found[-1].at - began:6.0f} s {found[-1]}\n")
    return found


def slope(samples: list[Sample]) -> float:
    """MiB an hour by which the process grew, as the line that fits the later two thirds best."""
    later = samples[len(samples) // 3 :]
    line = statistics.linear_regression([s.at for s in later], [s.resident_bytes for s in later])
    return line.slope * 3600 / (1 << 20)


# --- what happens -------------------------------------------------------------------------------


async def _live(soaked: Soaked, until: float) -> None:
    """One client after the other, each through some questions to its fate; many come back for a session."""
    while time.monotonic() < until:
        fate = soaked.random.choice(list(FATES))
        session_id = f"s{soaked.random.randrange(SESSIONS)}"
        with suppress(TimeoutError, OSError, asyncio.IncompleteReadError, AssertionError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                client = await RawClient.connect(
                    soaked.network.port, session_id=session_id, last_sequence="0"
                )
                try:
                    await _ask_around(client, soaked)
                    await FATES[fate](client)
                    soaked.fates[fate] += 1
                finally:
                    client.kill()
        await asyncio.sleep(soaked.random.random() * 0.2)


async def _ask_around(client: RawClient, soaked: Soaked) -> None:
    for _ in range(soaked.random.randrange(1, 4)):
        client.ask(soaked.random.choice(QUESTIONS))
    for _ in range(soaked.random.randrange(60)):
        await client.frame()


async def _break_things(soaked: Soaked, until: float) -> None:
    """Every second or two something happens to all connections to the clients, or to the model, at once."""
    while time.monotonic() < until:
        await asyncio.sleep(1 + soaked.random.random())
        road = soaked.random.choice((soaked.network, soaked.wire))
        match soaked.random.randrange(5):
            case 0:
                road.reset()
            case 1:
                road.cut()
            case 2:
                road.stall(soaked.random.choice(("up", "down", "both")))
                await asyncio.sleep(soaked.random.random() * 2)
            case 3:
                road.slow(20_000)
                await asyncio.sleep(soaked.random.random())
            case _:
                road.refuse()
                await asyncio.sleep(soaked.random.random() * 0.5)
                await road.welcome()
        road.go_on()


def _answer(dice: random.Random) -> Answer:
    """What the model says: mostly an answer."""
    match dice.randrange(12):
        case 0:
            return ["```sql\nSELECT", RESET]
        case 1:
            return ["```sql\nSELECT", CLOSE]
        case 2:
            return Status(500, {"error": {"message": "no"}})
        case 3:
            return ["SELECT", asyncio.Event()]
        case 4:
            return itertools.repeat("SELECT ")
        case 5:
            return itertools.chain([Body(b"data: ")], itertools.repeat(Body(b"x" * 4096)))
        case 6:
            return Status(429, {"error": {"message": "slow down"}}, {"Retry-After": "1"})
        case _:
            return [*SAID]


async def _stay(client: RawClient) -> None:
    for _ in range(200):
        await client.frame()


async def _close(client: RawClient) -> None:
    client.send(CLOSING, b"\x03\xe8")
    await client.close_code()


async def _hang_up(client: RawClient) -> None:
    client.writer.close()


async def _half_close(client: RawClient) -> None:
    client.writer.write_eof()
    await asyncio.sleep(0.5)


async def _break_off(client: RawClient) -> None:
    client.kill()


async def _stop(client: RawClient) -> None:
    client.stop_reading()
    await asyncio.sleep(3)


async def _cancel(client: RawClient) -> None:
    """Cancel the next query that is heard of."""
    while True:
        opcode, payload = await client.frame()
        if opcode == TEXT and b'"query_id":"' in payload:
            query_id = payload.partition(b'"query_id":"')[2].partition(b'"')[0]
            client.send(TEXT, b'{"type": "query_cancel", "data": {"query_id": "%b"}}' % query_id)
            return


async def _talk_nonsense(client: RawClient) -> None:
    client.writer.write(os.urandom(200))
    await client.close_code()


FATES: dict[str, Any] = {
    "stayed": _stay, "closed": _close, "hung up": _hang_up, "half closed": _half_close,
    "broke off": _break_off, "stopped": _stop, "cancelled": _cancel, "nonsense": _talk_nonsense,
}  # fmt: skip


async def main(seconds: float = SECONDS, clients: int = CLIENTS) -> str:
    """A row of the table."""
    outcome = await soak(seconds, clients)
    before, *during, after = outcome.samples
    sys.stderr.write(f"before {before}\nafter  {after}\n{dict(outcome.fates)}\n")
    for trouble in (line for line in outcome.log.splitlines() if "Traceback" in line):
        sys.stderr.write(f"{trouble}\n")
    return (
        f"| soak, {seconds:.0f} s of random faults | {after.tasks - before.tasks:+} tasks, "
        f"{after.descriptors - before.descriptors:+} descriptors, {slope(during):+.1f} MiB an hour | "
        f"nothing left, no traceback, under 2 MiB, p99 under 50 ms | {outcome.fates.total()} clients, "
        f"{outcome.log.count('Traceback')} tracebacks, {outcome.load:.0%} of a core, {outcome.lag}, "
        f"{before.resident_bytes / (1 << 20):.0f} to {after.resident_bytes / (1 << 20):.0f} MiB |"
    )


if __name__ == "__main__":
    seconds, clients = [*map(float, sys.argv[1:]), *(SECONDS, CLIENTS)[len(sys.argv) - 1 :]]
    sys.stdout.write(asyncio.run(main(seconds, int(clients))) + "\n")

"""What a token costs on its way from the model to the client: the product against a bare aiohttp relay.

Both relay the same streams, in turn, a round each. What a query costs besides its tokens (schema, prompt,
guard, statement) is no part of it: the CPU time of each server's process is taken between two moments in the
middle of streams that go on. The model and the clients live in this process and cost the servers nothing.
"""

import asyncio
import statistics
from dataclasses import dataclass

from tests.benchmarks.processes import Measured, bare_relay, service
from tests.benchmarks.streams import Listener, Model, listening, playing

MORE = (
    "[limits]\nqueries_per_session = 1000\nqueries = 1000\nconnections = 2000\nconnections_per_user = 2000\n"
    "query_timeout = 600\n"
)
AGED = 40
"""Streams whose tokens are timed one by one."""


@dataclass(frozen=True, slots=True)
class Load:
    """`tokens` are measured of each stream, after `warm`."""

    name: str
    streams: int
    per_second: float | None
    warm: int
    tokens: int
    most: float


@dataclass(frozen=True, slots=True)
class Round:
    """Microseconds of CPU a token, and milliseconds of delay that 99 in 100 tokens stayed under."""

    us: float
    delay_ms: float


LOADS = (
    Load("40 streams at 25/s", 40, 25, 25, 200, 1.3),
    Load("400 streams at 25/s", 400, 25, 125, 200, 1.0),  # five seconds after 400 queries have begun
    Load("4 streams as fast as they go", 4, None, 10_000, 60_000, 0.4),
)


async def _relayed(server: Measured, model: Model, load: Load) -> Round:
    """What the middle of the streams cost this server."""
    aged = AGED if load.per_second else 0
    async with listening(server.address, load.streams, model, aged) as listeners:
        await _reached(listeners, load.warm)
        before, counted, timed = server.cpu_seconds(), _count(listeners), [len(one.ages) for one in listeners]
        await _reached(listeners, load.warm + load.tokens)
        spent, tokens = server.cpu_seconds() - before, _count(listeners) - counted
        late = sorted(age for one, first in zip(listeners, timed, strict=True) for age in one.ages[first:])
    return Round(spent / tokens * 1e6, late[len(late) * 99 // 100] * 1000 if late else 0.0)


async def _reached(listeners: list[Listener], tokens: int) -> None:
    while any(listener.count < tokens for listener in listeners):
        assert not any(listener.ended.is_set() for listener in listeners)
        await asyncio.sleep(0.02)


def _count(listeners: list[Listener]) -> int:
    return sum(listener.count for listener in listeners)


async def measure(load: Load, rounds: int = 5) -> tuple[list[Round], list[Round]]:
    """The bare relay's rounds and the product's."""
    bare: list[Round] = []
    product: list[Round] = []
    async with playing(load.per_second) as model:
        async with bare_relay(model.base_url) as one, service(model.base_url, MORE) as other:
            for _ in range(rounds):
                for server, found in ((one, bare), (other, product)):
                    model.finished.clear()
                    model.sent.clear()
                    found.append(await _relayed(server, model, load))
    return bare, product


def rows(load: Load, bare: list[Round], product: list[Round]) -> str:
    ratios = [mine.us / its.us for mine, its in zip(product, bare, strict=True)]
    us = [statistics.median(found.us for found in side) for side in (bare, product)]
    said = [
        f"| relay a token, {load.name} | {statistics.median(ratios):.2f} | at most {load.most} | "
        f"{min(ratios):.2f} to {max(ratios):.2f} in {len(ratios)} rounds; "
        f"bare {us[0]:.1f} µs, product {us[1]:.1f} µs of CPU |"
    ]
    if load.per_second:
        late = [statistics.median(found.delay_ms for found in side) for side in (bare, product)]
        said.append(
            f"| delay of a token, {load.name}, p99 | {late[1]:.1f} ms | under 10 ms | "
            f"model's write to client's read; bare {late[0]:.1f} ms |"
        )
    return "\n".join(said)


async def main() -> str:
    return "\n".join([rows(load, *await measure(load)) for load in LOADS])

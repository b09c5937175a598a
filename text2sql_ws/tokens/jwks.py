"""Keys that somebody publishes (RFC 7517), kept for a while and fetched again when that is called for.

How they are fetched is handed in. The one rule: however many ask, with whatever tokens, one fetch runs at a
time, and few in a minute; who only waits for it may leave, and it goes on for the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jwt
import orjson
import structlog

from text2sql_ws.allowance import Allowance
from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say
from text2sql_ws.tokens.key import Algorithm, Key, public_key

log = structlog.get_logger()

FRESH_SECONDS = 300.0
STALE_SECONDS = 3600.0
"""While they can't be fetched, keys are trusted for so long: a key that was withdrawn must end some time."""

FETCHES_PER_MINUTE = 6
FETCHES_AT_ONCE = 3


class Unreachable(Exception):
    """The keys can't be had at the moment. The message holds no address."""


Named = tuple[str | None, Key]


class PublishedKeys:
    """`fetch` returns the key set's JSON, or raises `Unreachable`; it bounds its time and size itself."""

    def __init__(
        self, fetch: Callable[[], Awaitable[bytes]], algorithms: tuple[Algorithm, ...], clock: Clock
    ) -> None:
        self.algorithms = algorithms
        self._fetch = fetch
        self._clock = clock
        self._keys: tuple[Named, ...] = ()
        self._fetched_at: float | None = None
        self._fetches = Allowance(FETCHES_PER_MINUTE, FETCHES_AT_ONCE)
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None, algorithm: Algorithm) -> Key | None:
        """As `Keys` has it. An unknown name makes for a fetch: keys are changed without notice."""
        if self._age() > FRESH_SECONDS:
            await self._refresh()
        key = self._known(key_id, algorithm)
        if key is None:
            await self._refresh()
            key = self._known(key_id, algorithm)
        if self._age() > STALE_SECONDS:
            raise Fault(Code.NETWORK_ERROR, say("login.keys_unreachable"))
        return key

    async def aclose(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock.monotonic() - self._fetched_at

    def _known(self, key_id: str | None, algorithm: Algorithm) -> Key | None:
        fitting = [
            key
            for name, key in self._keys
            if key.algorithm == algorithm and (key_id is None or name == key_id)
        ]
        return fitting[0] if len(fitting) == 1 else None

    async def _refresh(self) -> None:
        """Fetch, or wait for the fetch that runs; do neither where there were too many lately."""
        if self._fetching is None:
            if self._fetches.take(self._clock.monotonic()) > 0:
                return
            self._fetching = asyncio.create_task(self._fetch_keys(), name="fetch keys")
        await asyncio.shield(self._fetching)

    async def _fetch_keys(self) -> None:
        try:
            self._keys = read_keys(await self._fetch(), self.algorithms)
            self._fetched_at = self._clock.monotonic()
            log.info("keys_fetched", usable=len(self._keys))
        except Unreachable as unreachable:
            log.warning("keys_not_fetched", why=str(unreachable))
        finally:
            self._fetching = None


def read_keys(body: bytes, algorithms: tuple[Algorithm, ...]) -> tuple[Named, ...]:
    """The keys of a key set that we can use, each with its name. Raises `Unreachable` when it isn't one.

    Others are passed over (RFC 7517, 5): shared secrets and private keys, which nobody should publish; keys
    to encrypt with; other curves.
    """
    try:
        entries = orjson.loads(body)["keys"]
    except (orjson.JSONDecodeError, TypeError, KeyError):
        raise Unreachable("what came is no key set") from None
    if not isinstance(entries, list):
        raise Unreachable("what came is no key set")
    keys = [_read_key(entry) for entry in entries if isinstance(entry, dict)]
    return tuple(named for named in keys if named is not None and named[1].algorithm in algorithms)


def _read_key(entry: Mapping[str, Any]) -> Named | None:
    algorithm = ALGORITHMS.get(str(entry.get("kty")))
    if algorithm is None or entry.get("alg", algorithm) != algorithm or not _is_to_verify_with(entry):
        return None
    if not all(isinstance(entry.get(name, ""), str) for name in ("kid", "n", "e", "x", "y", "crv")):
        return None
    try:
        key = public_key(jwt.PyJWK(dict(entry), algorithm=algorithm).key)
    except (jwt.PyJWTError, ValueError):
        return None
    return None if key is None else (entry.get("kid"), key)


def _is_to_verify_with(entry: Mapping[str, Any]) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return entry.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


ALGORITHMS: dict[str, Algorithm] = {"RSA": "RS256", "EC": "ES256"}

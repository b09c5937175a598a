"""Published keys: which are used, when they are fetched again, and that nobody makes us hammer the issuer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.fakes import ManualClock
from tests.support.tokens import Issuer, ec_key, jwk, key_set, rsa_key, token
from text2sql_ws.clock import SystemClock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.settings import Auth
from text2sql_ws.tokens import open_verifier
from text2sql_ws.tokens.fetching import MOST_BYTES, fetch
from text2sql_ws.tokens.jwks import (
    FETCHES_AT_ONCE,
    FRESH_SECONDS,
    STALE_SECONDS,
    PublishedKeys,
    Unreachable,
    read_keys,
)
from text2sql_ws.tokens.key import Algorithm

BOTH: tuple[Algorithm, ...] = ("RS256", "ES256")


class Publisher:
    """Stands in for the network: `body` is what is published now, `None` that nothing can be had."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.body: bytes | None = key_set(*keys)
        self.fetches = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()

    async def __call__(self) -> bytes:
        self.fetches += 1
        self.asked.set()
        await self.gate.wait()
        if self.body is None:
            raise Unreachable("HTTP 503")
        return self.body


def kept(publisher: Publisher) -> tuple[PublishedKeys, ManualClock]:
    clock = ManualClock()
    return PublishedKeys(publisher, BOTH, clock), clock


async def test_keys_are_fetched_once_while_they_are_fresh() -> None:
    publisher = Publisher(jwk(rsa_key(), "a"), jwk(ec_key(), "b"))
    keys, clock = kept(publisher)
    found = await keys.find("a", "RS256")
    assert found is not None
    assert found.algorithm == "RS256"
    assert (await keys.find("b", "ES256")) is not None
    clock.advance(FRESH_SECONDS)
    await keys.find("a", "RS256")
    assert publisher.fetches == 1
    clock.advance(1)
    await keys.find("a", "RS256")
    assert publisher.fetches == 2


async def test_a_key_is_found_by_name_and_algorithm_both() -> None:
    keys, _ = kept(Publisher(jwk(rsa_key(), "a"), jwk(ec_key(), "b"), jwk(rsa_key(1), "c")))
    assert await keys.find("a", "ES256") is None
    assert await keys.find("b", "ES256") is not None
    assert await keys.find(None, "ES256") is not None, "the only one of its kind needs no name"
    assert await keys.find(None, "RS256") is None, "which of two can't be told"


async def test_a_new_key_is_found_at_once_and_an_old_one_forgotten() -> None:
    publisher = Publisher(jwk(rsa_key(), "old"))
    keys, _ = kept(publisher)
    assert await keys.find("old", "RS256") is not None
    publisher.body = key_set(jwk(rsa_key(1), "new"))
    assert await keys.find("new", "RS256") is not None
    assert await keys.find("old", "RS256") is None


async def test_unknown_names_make_for_few_fetches() -> None:
    publisher = Publisher(jwk(rsa_key(), "a"))
    keys, clock = kept(publisher)
    for number in range(1000):
        assert await keys.find(f"made up {number}", "RS256") is None
        clock.advance(0.01)
    assert publisher.fetches <= FETCHES_AT_ONCE + 1
    assert await keys.find("a", "RS256") is not None


async def test_however_many_wait_one_fetch_runs_and_who_leaves_does_not_stop_it() -> None:
    publisher = Publisher(jwk(rsa_key(), "a"))
    publisher.gate.clear()
    keys, _ = kept(publisher)
    waiting = [asyncio.create_task(keys.find("a", "RS256")) for _ in range(20)]
    await publisher.asked.wait()
    waiting[0].cancel()
    await asyncio.wait({waiting[0]})
    publisher.gate.set()
    assert all(await asyncio.gather(*waiting[1:]))
    assert publisher.fetches == 1


async def test_while_they_cannot_be_fetched_keys_serve_on_for_a_time() -> None:
    publisher = Publisher(jwk(rsa_key(), "a"))
    keys, clock = kept(publisher)
    await keys.find("a", "RS256")
    publisher.body = None
    clock.advance(STALE_SECONDS)
    assert await keys.find("a", "RS256") is not None
    clock.advance(1)
    with pytest.raises(Fault) as unreachable:
        await keys.find("a", "RS256")
    assert unreachable.value.code is Code.NETWORK_ERROR
    publisher.body = key_set(jwk(rsa_key(), "a"))
    clock.advance(60)
    assert await keys.find("a", "RS256") is not None


async def test_an_empty_set_withdraws_every_key() -> None:
    publisher = Publisher(jwk(rsa_key(), "a"))
    keys, clock = kept(publisher)
    await keys.find("a", "RS256")
    publisher.body = key_set()
    clock.advance(FRESH_SECONDS + 1)
    assert await keys.find("a", "RS256") is None


async def test_closing_stops_a_fetch() -> None:
    publisher = Publisher()
    publisher.gate.clear()
    keys, _ = kept(publisher)
    waiting = asyncio.create_task(keys.find("a", "RS256"))
    await publisher.asked.wait()
    await keys.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await keys.aclose()


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "a"},
        jwk(rsa_key(), "a", alg="RS512"),
        jwk(rsa_key(), "a", alg="HS256"),
        jwk(rsa_key(), "a", use="enc"),
        jwk(rsa_key(), "a", key_ops=["encrypt"]),
        jwk(rsa_key(), "a", key_ops="verify"),
        jwk(rsa_key(0, 1024), "a"),
        jwk(ec.generate_private_key(ec.SECP384R1()), "a"),
        jwk(rsa_key()) | {"kid": 7},
        jwk(rsa_key(), "a", n=7),
        jwk(rsa_key(), "a", n="!"),
        jwk(rsa_key(), "a", e=""),
        jwk(ec_key(), "a", x="AA"),
        jwk(ec_key(), "a", crv=None),
        {"kty": "RSA", "kid": "a"},
        {"kty": None},
        {},
        "a",
        None,
    ],
    ids=range(19),
)
def test_keys_that_we_cannot_use_are_passed_over(entry: Any) -> None:
    good = jwk(ec_key(), "good", use="sig", alg="ES256", key_ops=["verify"])
    ((name, key),) = read_keys(key_set(entry, good), BOTH)
    assert (name, key.algorithm) == ("good", "ES256")


def test_a_private_key_that_is_published_is_not_trusted() -> None:
    from jwt.algorithms import RSAAlgorithm

    assert read_keys(key_set({**RSAAlgorithm.to_jwk(rsa_key(), as_dict=True), "kid": "a"}), BOTH) == ()


def test_only_allowed_algorithms_count() -> None:
    assert [key.algorithm for _, key in read_keys(key_set(jwk(rsa_key()), jwk(ec_key())), ("ES256",))] == [
        "ES256"
    ]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b'{"keys": {}}', b"<html>", b'{"keys": null}', b"\xff"]
)
def test_what_is_no_key_set(body: bytes) -> None:
    with pytest.raises(Unreachable):
        read_keys(body, BOTH)


# --- over HTTP --------------------------------------------------------------------------------------


async def test_from_an_issuer_whose_keys_rotate() -> None:
    async with Issuer(jwk(rsa_key(), "one")) as issuer:
        verifier = open_verifier(Auth(mode="jwt", jwks_url=issuer.url), SystemClock())
        assert verifier is not None
        await verifier.verify(token(key=rsa_key(), algorithm="RS256", kid="one"))
        issuer.keys = [jwk(ec_key(), "two")]
        assert (
            await verifier.verify(token("bob", key=ec_key(), algorithm="ES256", kid="two"))
        ).user.id == "bob"
        with pytest.raises(Fault, match="unknown"):
            await verifier.verify(token(key=rsa_key(), algorithm="RS256", kid="one"))
        with pytest.raises(Fault, match="algorithm"):
            await verifier.verify(token(kid="two"))
        with pytest.raises(Fault, match="signature"):
            await verifier.verify(token(key=ec_key(1), algorithm="ES256", kid="two"))
        assert issuer.asked <= FETCHES_AT_ONCE
        await verifier.aclose()


async def test_an_issuer_that_cannot_be_reached_is_not_the_clients_fault() -> None:
    verifier = open_verifier(Auth(mode="jwt", jwks_url="http://127.0.0.1:1/jwks.json"), SystemClock())
    assert verifier is not None
    with pytest.raises(Fault) as unreachable:
        await verifier.verify(token(key=rsa_key(), algorithm="RS256", kid="one"))
    assert unreachable.value.code is Code.NETWORK_ERROR


def answering(
    status: int, body: bytes = b"", **headers: str
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body, headers=headers)

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        answering(404),
        answering(500, b"{}"),
        answering(302, Location="/jwks.json?again"),
        answering(200, b" " * (MOST_BYTES + 1)),
        answering(200, b"not gzip", **{"Content-Encoding": "gzip"}),
    ],
    ids=["404", "500", "redirect", "endless", "broken"],
)
async def test_what_is_not_taken(answer: Any) -> None:
    async with Issuer() as issuer:
        issuer.answer = answer
        with pytest.raises(Unreachable) as why:
            await fetch(issuer.url)
        assert issuer.asked == 1
        assert "127.0.0.1" not in str(why.value)


async def test_an_issuer_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("text2sql_ws.tokens.fetching.FETCH_SECONDS", 0.2)
    async with Issuer() as issuer:
        issuer.answer = silent
        with pytest.raises(Unreachable):
            await fetch(issuer.url)


async def test_no_proxy_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with Issuer(jwk(rsa_key(), "one")) as issuer:
        assert await fetch(issuer.url)

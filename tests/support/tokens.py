"""Tokens as an issuer would make them, with keys made for the occasion; and the issuer's published keys."""

import asyncio
import functools
import json
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

SECRET = "correct horse battery staple and then some"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def token(
    sub: object = "alice",
    *,
    key: Any = SECRET,
    algorithm: str = "HS256",
    kid: str | None = None,
    seconds: float = 86_400,
    now: float | None = None,
    without: tuple[str, ...] = (),
    **claims: Any,
) -> str:
    """A token of `sub` that expires in `seconds`."""
    exp = (time.time() if now is None else now) + seconds
    payload = {
        name: value for name, value in {"sub": sub, "exp": exp, **claims}.items() if name not in without
    }
    # PyJWT itself would refuse to make some of the bad ones.
    return jwt.api_jws.encode(
        json.dumps(payload).encode(), key, algorithm, headers={"kid": kid} if kid is not None else None
    )


@functools.cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@functools.cache
def ec_key(number: int = 0) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(key: PrivateKey) -> str:
    """The public half."""
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def private_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def jwk(key: PrivateKey, kid: str | None = None, **fields: Any) -> dict[str, Any]:
    """The public half, as it is published."""
    if isinstance(key, rsa.RSAPrivateKey):
        made = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        made = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**made, **({"kid": kid} if kid is not None else {}), **fields}


def key_set(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Issuer:
    """Publishes `keys` over HTTP; `answer`, where it is set, answers instead. Counts what it is asked."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.answer: Answer | None = None
        self.asked = 0
        self.url = ""
        self._asked = asyncio.Event()

    async def until_asked(self) -> None:
        await self._asked.wait()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/jwks.json", self._publish)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/jwks.json"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _publish(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        self._asked.set()
        if self.answer is not None:
            return await self.answer(request)
        return web.Response(body=key_set(*self.keys), content_type="application/json")

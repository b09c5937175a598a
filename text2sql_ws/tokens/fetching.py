"""One GET for a key set, bounded in time and size. The only file beside the model's that knows httpx.

Nothing is kept open between two fetches, some minutes apart. Redirects are not followed: whoever could
redirect us would choose our keys.
"""

import asyncio
import functools
import ssl
from urllib.parse import urlsplit

import httpx

from text2sql_ws.addresses import is_loopback
from text2sql_ws.tokens.jwks import Unreachable

FETCH_SECONDS = 5.0
MOST_BYTES = 256 << 10


async def fetch(url: str) -> bytes:
    """The body at `url`. Raises `Unreachable`."""
    try:
        async with (
            asyncio.timeout(FETCH_SECONDS),
            _client(url) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise Unreachable(f"HTTP {response.status_code}")
            return await _body(response)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Unreachable(type(error).__name__) from None


async def _body(response: httpx.Response) -> bytes:
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            raise Unreachable(f"more than {MOST_BYTES} bytes")
    return body


def _client(url: str) -> httpx.AsyncClient:
    """A proxy only where the environment names one, and never one to this machine."""
    beyond = not is_loopback(urlsplit(url).hostname or "")
    return httpx.AsyncClient(verify=_trusted(), trust_env=beyond, headers={"Accept": "application/json"})


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Made once: it takes 20 ms."""
    return httpx.create_ssl_context()

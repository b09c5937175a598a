"""A model over HTTP: the protocol `Model` for one provider. The only file that knows httpx.

httpx's API runs over aiohttp's connector here (`httpx-aiohttp`): httpx's own pool loses connections when
streams are cancelled twice or under contention. Requests go to the transport itself and not through
`httpx.AsyncClient`, which would add cookies, redirects that keep the key, and a log of every address. When to
ask, and what to make of the answer, is for `asking.py`.

The one rule: a call leaves nothing behind. However it ends (answer, fault, cancel), its socket is closed or
back in the pool before `stream` returns, and no task of ours outlives it, for there is none.
"""

import asyncio
import base64
import functools
import random
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

import aiohttp
import httpx
from aiohttp.client_proto import ResponseHandler
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from text2sql_ws.llm.asking import Asker
from text2sql_ws.llm.endpoint import Endpoint, Post, proxy_for
from text2sql_ws.llm.faults import BadRequest, ConnectionFailed, ModelFault, ProtocolBroken
from text2sql_ws.llm.model import Completion, Message, OnDelta
from text2sql_ws.llm.patience import Take
from text2sql_ws.llm.wire import Wire
from text2sql_ws.settings import Provider

CONNECT_SECONDS = 10.0
DEAD_PEER_MS = 30_000
MAX_HEADER_BYTES = 32 << 10


class ModelClient:
    """A provider's models. `name` is what the operator calls the provider; faults name it.

    Retries, at most `provider.max_retries` times and only before the first delta, what may well succeed soon:
    lost connections, 408, 409, 429 and 5xx; it waits as long as the server asks (up to 30 s), or backs off.
    Time-outs count the time spent waiting for the model, not the time inside `on_delta`. Any number of calls
    may run at once. `random`, `sleep` and `now` (seconds since the epoch) are for tests.
    """

    def __init__(
        self,
        name: str,
        provider: Provider,
        *,
        random: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._name = name
        self._model = provider.model
        self._transport = _Transport()
        self._endpoint = Endpoint(provider)
        self._asking = 0
        self._retired = False
        self._asker = Asker(name, provider, self._send, random=random, sleep=sleep, now=now)

    async def stream(
        self, messages: Sequence[Message], on_delta: OnDelta, *, model: str | None = None
    ) -> Completion:
        """Ask, push each delta as it comes (awaited before more is read), and return the whole.

        Raises a `ModelFault`; whatever `on_delta` raises passes through. A cancel closes the socket at once.
        """
        self._asking += 1
        try:
            return await self._asker.ask(messages, on_delta, model or self._model)
        finally:
            self._asking -= 1
            await self._rest()

    async def is_there(self) -> bool | None:
        """Whether the provider answers, asked for its list of models, which costs nothing.

        `None` where the answer tells nothing: not every provider has one, or shows it. Raises a `ModelFault`.
        """
        listing = self._endpoint.models()
        if listing is None or self._retired:
            return None
        url, headers = listing
        with _border(self._name):
            request = httpx.Request("GET", url, headers=_encoded(headers), extensions=TIMEOUT)
            response = await self._transport.handle_async_request(request)
            await response.aclose()
        if response.status_code >= 500 and response.status_code != 501:
            return False
        return True if response.status_code == 200 else None

    async def aclose(self) -> None:
        """Close the connections that are kept for reuse; calls that still run fail. Safe to repeat."""
        await self._transport.aclose()

    async def retire(self) -> None:
        """No new query comes here: nothing is kept open from now on, whenever nobody is asking.

        Whoever began with this client goes on with it, and need not close it.
        """
        self._retired = True
        await self._rest()

    async def _rest(self) -> None:
        if self._retired and not self._asking:
            await self._transport.rest()

    async def _send(self, post: Post) -> "_Response":
        with _border(self._name):
            return _Response(self._name, await self._transport.handle_async_request(_request(post)))


class _Response:
    """What `asking.Response` promises, of an httpx response that no httpx client manages."""

    def __init__(self, provider: str, response: httpx.Response) -> None:
        self._provider = provider
        self._response = response
        # Straight from aiohttp: httpx's iterators and httpx-aiohttp's are generators to be closed, and cost
        # as much again as the reading. There is no public way; every test of the client goes this one.
        answer = cast(AiohttpResponseStream, response.stream)._aiohttp_response
        self._body = answer.content
        connection = answer.connection  # none when all of a short body is there already
        self._wire = cast(Wire, connection.protocol) if connection is not None else None
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.charset = response.charset_encoding or "utf-8"

    async def receive(self) -> bytes | None:
        try:
            return await self._body.readany() or None
        except BORDER as error:
            raise _fault(self._provider, error) from error

    async def overhear(self, take: Take) -> None:
        if self._wire is not None:
            await self._wire.overhear(self._body, take)

    def interrupt(self, error: Exception) -> None:
        self._body.set_exception(error)
        if self._wire is not None:
            self._wire.ring()

    async def aclose(self) -> None:
        await self._response.aclose()


class _Transport(httpx.AsyncBaseTransport):
    """One aiohttp session under httpx's interface; a proxy only where the environment names one.

    The session is made by the first request, for it needs a running loop.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._routes: dict[str | None, AiohttpTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._closed:
            raise httpx.ConnectError("the client is closed", request=request)
        address = proxy_for(str(request.url))
        if address not in self._routes:
            self._routes[address] = self._route(address)
        route = self._routes[address]
        if (
            route.proxy and request.url.scheme == "http"
        ):  # aiohttp sends the proxy's headers with CONNECT only
            request.headers.update(route.proxy.headers)
        return await route.handle_async_request(request)

    async def rest(self) -> None:
        """Close what is open; the next request opens anew."""
        session, self._session = self._session, None
        self._routes.clear()
        if session:
            await session.close()

    async def aclose(self) -> None:
        self._closed = True
        if self._session:
            await self._session.close()

    def _route(self, address: str | None) -> AiohttpTransport:
        if self._session is None:
            self._session = _session()
        proxy = _proxy(address) if address else None
        return AiohttpTransport(client=self._session, verify=_trusted(), proxy=proxy)


def _session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(
        limit=0,  # the default of 100 makes the 101st stream wait
        ssl=_trusted(),
        socket_factory=_socket,
    )
    made = functools.partial(Wire, loop=asyncio.get_running_loop())
    # There is no public way to say so; a test in test_cancel.py fails if this one is gone.
    connector._factory = cast("functools.partial[ResponseHandler]", made)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
    )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """The authorities we trust: certifi's, or those SSL_CERT_FILE names. Made once: it takes 20 ms."""
    return httpx.create_ssl_context()


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket that notices a peer that vanished, also while only we have something to send."""
    made = socket.socket(address[0], address[1], address[2])
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)
    return made


def _proxy(address: str) -> httpx.Proxy:
    """aiohttp warns of the way httpx-aiohttp hands it a password, so that goes as a header."""
    try:
        proxy = httpx.Proxy(address)
    except (ValueError, httpx.InvalidURL) as error:
        raise httpx.ProxyError("not an HTTP proxy") from error
    if proxy.raw_auth is None:
        return proxy
    credentials = base64.b64encode(b":".join(proxy.raw_auth)).decode()
    return httpx.Proxy(proxy.url, headers={"Proxy-Authorization": f"Basic {credentials}"})


def _request(post: Post) -> httpx.Request:
    headers = httpx.Headers(dict(post.headers))
    headers.update(_encoded(post.credentials))
    return httpx.Request("POST", post.url, headers=headers, content=post.body, extensions=TIMEOUT)


def _encoded(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """A key may hold what httpx would not encode by itself."""
    return {name.encode(): value.encode() for name, value in headers.items()}


TIMEOUT = {"timeout": {"connect": CONNECT_SECONDS}}


BORDER = (httpx.TransportError, aiohttp.ClientError, httpx.InvalidURL, OSError)


@contextmanager
def _border(provider: str) -> Iterator[None]:
    """Where foreign exceptions become faults."""
    try:
        yield
    except BORDER as error:
        raise _fault(provider, error) from error
    except ValueError as error:  # a header that can't be sent, such as one with a line break
        raise BadRequest(provider, why=type(error).__name__) from error


def _fault(provider: str, error: Exception) -> ModelFault:
    """httpx-aiohttp calls most failures a connect time-out; the cause behind them tells more."""
    cause = error.__cause__ if isinstance(error, httpx.TransportError) and error.__cause__ else error
    for kinds, key in CONNECTION_FAULTS:
        if isinstance(error, kinds) or isinstance(cause, kinds):
            return ConnectionFailed(provider, key)
    if isinstance(cause, aiohttp.ClientResponseError):
        return ProtocolBroken(provider, "model.protocol.not_http")
    return ConnectionFailed(provider, "model.connection.lost")


CONNECTION_FAULTS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (
        (httpx.ProxyError, aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError),
        "model.connection.proxy",
    ),
    ((aiohttp.ClientConnectorDNSError,), "model.connection.name"),
    ((aiohttp.ClientSSLError, ssl.SSLError), "model.connection.tls"),
    ((aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError), "model.connection.unreachable"),
    ((aiohttp.InvalidURL, httpx.InvalidURL), "model.connection.unreachable"),
)

"""Both ends of a relay under measurement: a model that sends by the clock, and clients that only count.

They share one process and one clock with the benchmark, cost as little as can be, and know nothing of the
product: raw protocols over asyncio. Every token says its number, so that a client can tell how old it is.
"""

import asyncio
import base64
import os
import random
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import orjson

from tests.support.model_server import STREAM_HEAD

MARK = b"w~"
"""Each token bears one of these; nothing else does, no frame's head either: counting them counts tokens."""

BURST = 64
"""Tokens that a stream without a pace writes at once."""


def _framed(event: bytes) -> bytes:
    """A server-sent event in an HTTP chunk of its own, as model servers send it."""
    body = b"data: " + event + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(body), body)


def _chunk(delta: dict[str, str], finish: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return orjson.dumps(
        {
            "id": "chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012",
            "object": "chat.completion.chunk",
            "created": 1795269600,
            "model": "measured-2026-11-21",
            "system_fingerprint": "fp_0123456789",
            "choices": [choice],
        }
    )


TOKEN = _framed(_chunk({"content": "w~%06d "}, None).replace(b"%06d", b"000000")).replace(b"000000", b"%06d")
ENDING = _framed(_chunk({}, "stop")) + _framed(b"[DONE]") + b"0\r\n\r\n"


class Model:
    """Streams tokens to whoever asks until it is told to finish: `per_second` each, or as fast as they go.

    `sent[name]` are the times at which the tokens of stream `name` were written, where there is a pace.
    """

    def __init__(self, per_second: float | None) -> None:
        self._per_second = per_second
        self.sent: dict[bytes, list[float]] = {}
        self.finished = asyncio.Event()
        self.base_url = ""

    def played(self, transport: asyncio.Transport, name: bytes) -> "_Paced | _Unpaced":
        if self._per_second is None:
            return _Unpaced(self, transport)
        return _Paced(self, transport, self.sent.setdefault(name, []), 1 / self._per_second)


class _Paced:
    """A stream that begins somewhere within its beat, so that many are spread over it."""

    def __init__(self, model: Model, transport: asyncio.Transport, sent: list[float], beat: float) -> None:
        self._model, self._transport, self._sent, self._beat = model, transport, sent, beat
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time() + random.random() * beat
        self._loop.call_at(self._due, self._write)

    def _write(self) -> None:
        if self._model.finished.is_set():
            self._transport.write(ENDING)
            return
        self._sent.append(time.perf_counter())
        self._transport.write(TOKEN % (len(self._sent) - 1))
        self._due += self._beat
        self._loop.call_at(self._due, self._write)

    def go_on(self) -> None: ...


class _Unpaced:
    """A stream that writes whenever there is room."""

    def __init__(self, model: Model, transport: asyncio.Transport) -> None:
        self._model, self._transport = model, transport
        self._count = 0
        self.go_on()

    def go_on(self) -> None:
        if self._model.finished.is_set():
            self._transport.write(ENDING)
            return
        first = self._count
        self._count += BURST
        self._transport.write(b"".join(TOKEN % (number % 1_000_000) for number in range(first, self._count)))
        if self._transport.get_write_buffer_size() == 0:
            asyncio.get_running_loop().call_soon(self.go_on)


class _Asked(asyncio.Protocol):
    """One connection to the model."""

    _transport: asyncio.Transport

    def __init__(self, model: Model) -> None:
        self._model = model
        self._received = b""
        self._stream: _Paced | _Unpaced | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(0)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, _, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if length and len(body) == int(length[1]):
            name = re.search(rb"stream (\w+)", body)
            assert name, body
            self._received = b""
            self._transport.write(STREAM_HEAD)
            self._stream = self._model.played(self._transport, name[1])

    def resume_writing(self) -> None:
        if self._stream is not None:
            self._stream.go_on()


@asynccontextmanager
async def playing(per_second: float | None) -> AsyncIterator[Model]:
    model = Model(per_second)
    server = await asyncio.get_running_loop().create_server(lambda: _Asked(model), "127.0.0.1", 0)
    model.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield model
    finally:
        server.close()


class Listener(asyncio.Protocol):
    """A WebSocket client that asks once, counts the tokens that come back, and notes how old they were.

    `sent` is the model's record of this stream, `None` where ages are not wanted.
    """

    def __init__(self, name: str, path: str, sent: list[float] | None) -> None:
        self._name, self._path, self._sent = name, path, sent
        self._tail = b""
        self.count = 0
        self.ages: list[float] = []
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        transport.write(_masked(orjson.dumps(_asked(self._name))))

    def data_received(self, data: bytes) -> None:
        self.count += data.count(MARK)
        if self._sent is not None:
            now = time.perf_counter()
            self.ages += [now - self._sent[int(n)] for n in re.findall(rb"w~(\d{6})", data)]
        if b"query_complete" in self._tail + data[:20] or b"query_complete" in data:
            self.ended.set()
        self._tail = data[-20:]

    def connection_lost(self, error: Exception | None) -> None:
        self.ended.set()


@asynccontextmanager
async def listening(address: str, streams: int, model: Model, aged: int) -> AsyncIterator[list[Listener]]:
    """So many clients, the first `aged` of which time every token; at the end each hears its ending."""
    url = urlsplit(address)
    loop = asyncio.get_running_loop()
    listeners, transports = [], []
    for number in range(streams):
        name = f"s{number}"
        sent = model.sent.setdefault(name.encode(), []) if number < aged else None
        listeners.append(Listener(name, "/text2sql/websocket", sent))
        transport, _ = await loop.create_connection(lambda: listeners[-1], url.hostname, url.port)
        transports.append(transport)
    try:
        yield listeners
        model.finished.set()
        await asyncio.gather(*(listener.ended.wait() for listener in listeners))
    finally:
        for transport in transports:
            transport.abort()


def _asked(name: str) -> dict[str, object]:
    options = {"explain": False, "visualize": False}
    return {"type": "query_request", "data": {"query": f"stream {name}", "options": options}}


def _masked(payload: bytes) -> bytes:
    """A short text frame, with the mask 0, which a client may choose."""
    assert len(payload) < 126
    return b"\x81" + bytes([0x80 | len(payload)]) + bytes(4) + payload

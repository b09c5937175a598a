"""A real HTTP server on loopback that plays a model, step by step and exact to the byte.

An *answer* is a step or an iterable of steps; together they make up one streamed chat completion:

    "text"            a content delta            Reasoning("text")  a reasoning delta
    Spent(12, 3)      the usage chunk            Finish("length")   another ending than "stop"
    an asyncio.Event  waits until it is set      HEAD               sends the response's head now
    Body(b"...")      bytes of the body          Raw(b"...")        bytes on the socket, no framing
    Status(429, ...)  a whole other response     RESET, CLOSE       breaks off, with RST or FIN

The head goes out before the first step that needs it; a finish chunk and `[DONE]` follow the last step,
unless the answer used `Raw` or `Status` or broke off. Iterables are played lazily: `itertools.repeat("x")`
never ends.

    async with ModelServer(["SELECT 1", [Reasoning("hm"), "SELECT 2"], Status(500)]) as server:
        ...  # server.base_url, server.requests, server.open_streams
"""

import asyncio
import json
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reasoning:
    text: str


@dataclass(frozen=True)
class Spent:
    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True)
class Finish:
    reason: str


@dataclass(frozen=True)
class Body:
    data: bytes


@dataclass(frozen=True)
class Raw:
    data: bytes


@dataclass(frozen=True)
class Status:
    """A response that is no stream; a `body` that is not bytes or text goes out as JSON."""

    status: int
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Mark(Enum):
    HEAD = "head"
    RESET = "reset"
    CLOSE = "close"
    DONE = "done"


HEAD, RESET, CLOSE, DONE = Mark

Step = str | Reasoning | Spent | Finish | Body | Raw | Status | Mark | asyncio.Event
Answer = Step | Iterable[Step]
Script = Iterable[Answer] | Callable[[dict[str, Any]], Answer]

STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@dataclass(frozen=True)
class Request:
    """A request as it came; `headers` has lower-case names, `body` is `{}` where it is not a JSON object."""

    method: str
    target: str
    headers: dict[str, str]
    body: dict[str, Any]


class ModelServer:
    """Plays `script`: one answer per request, in order; or the answer that a callable gives for the body.

    A request beyond the script gets a 500 that says so. Who asks for the list of models (any GET) gets
    `listing`, and is no part of the script.
    """

    def __init__(self, script: Script = ()) -> None:
        self._script = script if callable(script) else deque(script)
        self._connections: set[_Connection] = set()
        self.requests: list[Request] = []
        self.listing: Answer = Status(404)
        self.listed: list[Request] = []
        self.connections_made = 0
        self.open_streams = 0
        self._idle = asyncio.Event()
        self.port = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def open_connections(self) -> int:
        return len(self._connections)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=1024)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        playing = [connection.playing for connection in self._connections if connection.playing]
        for connection in list(self._connections):
            connection.transport.abort()
        for task in playing:
            task.cancel()
        failures = await asyncio.gather(*playing, return_exceptions=True)
        for failure in failures:
            if isinstance(failure, Exception):
                raise failure

    async def streams_closed(self, seconds: float = 1.0) -> None:
        """Wait until no answer is being given; `TimeoutError` if one still is after `seconds`."""
        async with asyncio.timeout(seconds):
            while self.open_streams:
                await self._idle.wait()

    def stream_opened(self, request: Request) -> Answer:
        (self.listed if request.method == "GET" else self.requests).append(request)
        self.open_streams += 1
        self._idle.clear()
        return self.listing if request.method == "GET" else self.next_answer(request.body)

    def stream_closed(self) -> None:
        self.open_streams -= 1
        if not self.open_streams:
            self._idle.set()

    def next_answer(self, body: dict[str, Any]) -> Answer:
        if callable(self._script):
            return self._script(body)
        if self._script:
            return self._script.popleft()
        return [Status(500, {"error": {"message": "nothing more is scripted"}})]


class _Connection(asyncio.Protocol):
    """One client's connection: a request at a time, each played by a task that ends with the connection."""

    transport: asyncio.Transport

    def __init__(self, server: ModelServer) -> None:
        self._server = server
        self._received = bytearray()
        self._writable = asyncio.Event()
        self._writable.set()
        self.playing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._server._connections.add(self)
        self._server.connections_made += 1

    def connection_lost(self, error: Exception | None) -> None:
        self._server._connections.discard(self)
        self._writable.set()
        if self.playing:
            self.playing.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self.playing is None:
            self._play_next()

    def _play_next(self) -> None:
        request = self._take_request()
        if request is not None:
            answer = self._server.stream_opened(request)
            self.playing = asyncio.create_task(self._play(answer))
            self.playing.add_done_callback(self._played)

    def _played(self, task: asyncio.Task[None]) -> None:
        self._server.stream_closed()
        self.playing = None
        if not self.transport.is_closing():
            self._play_next()

    def _take_request(self) -> Request | None:
        head, blank, rest = bytes(self._received).partition(b"\r\n\r\n")
        if not blank:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._received = bytearray(rest[length:])
        method, target, _ = first.split(" ")
        return Request(method, target, headers, _json_object(rest[:length]))

    async def _play(self, answer: Answer) -> None:
        steps = answer if isinstance(answer, Iterable) and not isinstance(answer, str) else [answer]
        ending: deque[Step] = deque([Finish("stop"), DONE])
        head_sent = False
        for step in _and_then(steps, ending):
            if isinstance(step, asyncio.Event):
                await step.wait()
                continue
            unframed = isinstance(step, Raw | Status) or step in (RESET, CLOSE)
            if not (head_sent or unframed):
                self.transport.write(STREAM_HEAD)
                head_sent = True
            if unframed:
                ending.clear()
            elif isinstance(step, Finish) and len(ending) > 1:
                ending.popleft()
            self._take(step)
            await self._writable.wait()
            await asyncio.sleep(0)

    def _take(self, step: Step) -> None:
        match step:
            case str(text):
                self.transport.write(_framed(sse(delta({"content": text}))))
            case Reasoning(text):
                self.transport.write(_framed(sse(delta({"reasoning_content": text}))))
            case Spent(prompt, completion):
                self.transport.write(_framed(sse(usage(prompt, completion))))
            case Finish(reason):
                self.transport.write(_framed(sse(delta({}, finish_reason=reason))))
            case Body(data):
                self.transport.write(_framed(data))
            case Raw(data):
                self.transport.write(data)
            case Status():
                self.transport.write(_whole(step))
            case Mark.DONE:
                self.transport.write(_framed(b"data: [DONE]\n\n") + b"0\r\n\r\n")
            case Mark.RESET:
                _reset(self.transport)
            case Mark.CLOSE:
                self.transport.close()


def delta(fields: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    """A chat completion chunk as OpenAI sends it."""
    choice = {"index": 0, "delta": fields, "finish_reason": finish_reason}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "scripted", "choices": [choice]}


def usage(prompt: int, completion: int) -> dict[str, Any]:
    spent = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
    return {"id": "c1", "object": "chat.completion.chunk", "model": "scripted", "choices": [], "usage": spent}


def sse(chunk: object) -> bytes:
    """`chunk` as one server-sent event."""
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _and_then(steps: Iterable[Step], ending: deque[Step]) -> Iterator[Step]:
    """`steps`, and then what is left of `ending`, which playing a step may change."""
    yield from steps
    while ending:
        yield ending.popleft()


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _whole(status: Status) -> bytes:
    body, kind = _as_bytes(status.body)
    headers = {"Content-Type": kind, "Content-Length": str(len(body)), **status.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status.status} Scripted\r\n{lines}\r\n".encode() + body


def _as_bytes(body: object) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "text/plain"
    if isinstance(body, str):
        return body.encode(), "text/html" if body.startswith("<") else "text/plain"
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"


def _reset(transport: asyncio.Transport) -> None:
    peer = transport.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}

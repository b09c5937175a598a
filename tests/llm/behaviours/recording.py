"""How a recorded behaviour is written down: raw bytes of a response, and what must come of them.

`Behaviour.wire` holds the response as it stands on the socket, in pieces that are sent one by one; the
connection is closed after the last, unless that is `RESET`. The builders only save typing the framing.
"""

import gzip
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.support.model_server import CLOSE, RESET, Mark
from text2sql_ws.llm.faults import ModelFault

__all__ = ["CLOSE", "DONE", "RESET", "Behaviour", "Fails", "Says"]

DONE = "data: [DONE]\n\n"


@dataclass(frozen=True)
class Says:
    """A whole answer; `usage` is (prompt, completion) tokens."""

    content: str
    reasoning: str = ""
    usage: tuple[int, int] | None = None


@dataclass(frozen=True)
class Fails:
    """Exactly this fault; `saying` stands in its English sentence."""

    kind: type[ModelFault]
    saying: str = ""


@dataclass(frozen=True)
class Behaviour:
    name: str
    wire: tuple[bytes | Mark, ...]
    expected: Says | Fails


def said(
    name: str,
    body: str | bytes,
    content: str = "SELECT 1",
    reasoning: str = "",
    usage: tuple[int, int] | None = None,
    **head: str,
) -> Behaviour:
    """A stream that is answered with 200, chunked, and gives this answer."""
    return Behaviour(name, (ok(body, **head),), Says(content, reasoning, usage))


def failed(name: str, body: str | bytes, kind: type[ModelFault], saying: str = "", **head: str) -> Behaviour:
    """The same, and it fails."""
    return Behaviour(name, (ok(body, **head),), Fails(kind, saying))


def refused(
    name: str, status: str, body: str | bytes, kind: type[ModelFault], saying: str = "", **head: str
) -> Behaviour:
    """An HTTP error such as `"404 Not Found"`, with this body."""
    return Behaviour(name, (whole(status, body, **head),), Fails(kind, saying))


def ok(body: str | bytes, content_type: str = "text/event-stream; charset=utf-8", **head: str) -> bytes:
    """A chunked 200; `content_type=""` leaves the header out."""
    data = _bytes(body)
    framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data) if data else b"0\r\n\r\n"
    return _head("200 OK", content_type, {"transfer_encoding": "chunked", **head}) + framed


def whole(status: str, body: str | bytes, content_type: str = "application/json", **head: str) -> bytes:
    """A response with its `Content-Length`."""
    data = _bytes(body)
    return _head(status, content_type, {"content_length": str(len(data)), **head}) + data


def until_close(body: str | bytes, content_type: str = "text/event-stream", **head: str) -> bytes:
    """A 200 whose body ends with the connection, as HTTP/1.0 servers and simple gateways do."""
    return _head("200 OK", content_type, {"connection": "close", **head}) + _bytes(body)


def chunks_like(template: str) -> Callable[..., str]:
    """A server's own chunk: `@` stands for the delta, `#` for the finish reason.

    The result takes a delta (text for content, or JSON where it begins with `{`) and a finish reason.
    """

    def chunk(delta: str = "{}", finish: str | None = None) -> str:
        fields = delta if delta.startswith("{") or delta == "null" else json.dumps({"content": delta})
        return f"data: {template.replace('@', fields).replace('#', json.dumps(finish))}\n\n"

    return chunk


def thought(text: str, key: str = "reasoning_content") -> str:
    """A delta of reasoning."""
    return json.dumps({"content": None, key: text})


def answer_like(template: str, content: str = "SELECT 1", finish: str = "stop") -> str:
    """A whole answer: `@` stands for the content, `#` for the finish reason."""
    return template.replace("@", json.dumps(content)).replace("#", json.dumps(finish))


def gzipped(text: str) -> bytes:
    return gzip.compress(text.encode())


def deflated(text: str, *, raw: bool = False) -> bytes:
    packer = zlib.compressobj(wbits=-15 if raw else 15)
    return packer.compress(text.encode()) + packer.flush()


def _head(status: str, content_type: str, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()

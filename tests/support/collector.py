"""An OpenTelemetry collector: takes OTLP over HTTP as any does, reads it, and keeps the spans.

async with Collector() as collector:
    ...                      # let something trace to collector.address
    collector.spans          # in the order in which they came
"""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class Received:
    """A span, its attributes as plain values, times in seconds."""

    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    began: float
    ended: float
    attributes: dict[str, Any]
    is_error: bool
    said: str


class Collector:
    """Answers at once; or, while it is `silent`, never."""

    def __init__(self) -> None:
        self.spans: list[Received] = []
        self.resources: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.silent = False
        self.asked = asyncio.Event()
        self.address = ""

    def named(self, name: str) -> list[Received]:
        return [span for span in self.spans if span.name == name]

    def children(self, parent: Received) -> list[Received]:
        """In the order in which they began."""
        own = (span for span in self.spans if span.parent_id == parent.span_id)
        return sorted(own, key=lambda span: (span.began, span.ended))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.set()
        if self.silent:
            await asyncio.Event().wait()
        try:
            message = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            return web.Response(status=400)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        for resource in message.resource_spans:
            self.resources.append(_plain(resource.resource.attributes))
            for scope in resource.scope_spans:
                self.spans += [_received(span) for span in scope.spans]
        return web.Response(content_type="application/x-protobuf")


def _received(span: Span) -> Received:
    return Received(
        span.name,
        Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.start_time_unix_nano / 1e9,
        span.end_time_unix_nano / 1e9,
        _plain(span.attributes),
        span.status.code == Status.STATUS_CODE_ERROR,
        span.status.message,
    )


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}

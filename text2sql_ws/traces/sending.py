"""The stories of queries, sent over OTLP by OpenTelemetry's own thread: the one file that names the library.

What waits to be sent is bounded, and dropped when a collector does not keep up. A query that is not sampled
costs next to nothing; another is told after its answer has gone to the writer.
"""

import asyncio
import os
import threading
from contextlib import suppress

import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from text2sql_ws import __version__
from text2sql_ws.happenings import Happening, QueryOver
from text2sql_ws.query import Query
from text2sql_ws.settings import Tracing
from text2sql_ws.traces.story import Known, Told, story

log = structlog.get_logger()

PATH = "/v1/traces"

WAITING = 2048
"""Spans that wait to be sent at most: some hundred queries."""

SECONDS_BETWEEN = 2.0
"""Between two batches."""

SEND_SECONDS = 5.0
"""What one batch may take, with its retries."""

FLUSH_SECONDS = 3.0
"""What the last may take at shutdown, all together."""


class Sender:
    def __init__(self, settings: Tracing, known: Known) -> None:
        self._known = known
        self._with_sql = settings.statements
        endpoint = settings.endpoint.rstrip("/")
        # Without an endpoint of ours the exporter takes the environment's; headers are always from there.
        exporter = OTLPSpanExporter(_address(endpoint) if endpoint else None, timeout=SEND_SECONDS)
        self._provider = TracerProvider(_sampler(settings.sample), _resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, WAITING, schedule_delay_millis=SECONDS_BETWEEN * 1000)
        )
        self._tracer = self._provider.get_tracer("text2sql_ws", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def hear(self, happening: Happening) -> None:
        """A listener of the bulletin."""
        if isinstance(happening, QueryOver):
            # Not now: the query's ending is on its way to its client, and goes first.
            asyncio.get_running_loop().call_soon(self._trace, happening.query)

    async def aclose(self) -> None:
        """Send what waits, but not for long: a collector that doesn't answer holds up no shutdown."""
        await asyncio.sleep(0)  # what was heard last has its turn
        loop, flushed = asyncio.get_running_loop(), asyncio.Event()

        def flush() -> None:
            self._provider.shutdown()
            with suppress(RuntimeError):  # nobody waited so long: the loop is closed
                loop.call_soon_threadsafe(flushed.set)

        # A daemon, not one of the loop's own threads: those are waited for when the process ends.
        threading.Thread(target=flush, name="last traces", daemon=True).start()
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await flushed.wait()
        except TimeoutError:
            log.warning("traces_lost", why="the collector did not take them in time")

    def _trace(self, query: Query) -> None:
        began = _nanoseconds(query, query.started)
        root = self._tracer.start_span("query", self._parent(query), SpanKind.SERVER, start_time=began)
        if root.is_recording():
            told = story(query, self._known, with_sql=self._with_sql)
            self._tell_children(query, told, root)
            self._finish(query, told, root)

    def _parent(self, query: Query) -> Context:
        """Who called, where the request said so; else nobody: this code runs in no trace of its own."""
        return self._propagator.extract({"traceparent": query.trace_parent}, Context())

    def _tell_children(self, query: Query, told: Told, span: Span) -> None:
        within = set_span_in_context(span, Context())
        for child in told.children:
            kind = SpanKind.CLIENT if child.is_call else SpanKind.INTERNAL
            own = self._tracer.start_span(
                child.name, within, kind, start_time=_nanoseconds(query, child.began)
            )
            self._tell_children(query, child, own)
            self._finish(query, child, own)

    def _finish(self, query: Query, told: Told, span: Span) -> None:
        span.set_attributes(told.attributes)
        if told.error:
            span.set_attribute("error.type", told.error)
            span.set_status(Status(StatusCode.ERROR, told.error))
        span.end(_nanoseconds(query, told.ended))


def _nanoseconds(query: Query, moment: float) -> int:
    """A moment of the query as the time of day: what the wall clock did meanwhile doesn't matter."""
    return int((query.started_at.timestamp() + moment - query.started) * 1e9)


def _address(endpoint: str) -> str:
    return endpoint if endpoint.endswith(PATH) else endpoint + PATH


def _sampler(share: float) -> Sampler | None:
    """A caller that traces has its part traced too. `None`: as the environment says."""
    return None if "OTEL_TRACES_SAMPLER" in os.environ else ParentBased(TraceIdRatioBased(share))


def _resource() -> Resource:
    """Who we are; the environment may name this installation otherwise."""
    own = Resource.create({"service.name": "text2sql-ws", "service.version": __version__})
    return own.merge(OTELResourceDetector().detect())

"""What a Prometheus server is told: counters and histograms fed by the bulletin, levels read when it asks.

One registry an application, never the library's global one. Labels are small closed sets (an ending, a stage)
or what the operator configured; never a user, a question or a session.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from text2sql_ws.events import QueryCompleted, QueryFailed
from text2sql_ws.happenings import (
    BudgetReached,
    ConnectionRefused,
    Happening,
    LoginFailed,
    MessageReceived,
    QueryBegan,
    QueryOver,
    ServiceCameBack,
    ServiceWentDown,
    SessionJoined,
    SessionLeft,
    UserConnected,
    UserGone,
)
from text2sql_ws.query import Query

CONTENT_TYPE = CONTENT_TYPE_LATEST

LAG_SECONDS = 0.5
"""How often the event loop's lag is taken."""

LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
STAGE_BUCKETS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
QUERY_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


@dataclass(frozen=True, slots=True)
class Levels:
    """How things stand at this moment.

    `pools`: each data source's connections in use, and at most. `up`: by kind and name, whether a service
    answers; those of which nothing is known yet aren't in it.
    """

    sessions: int
    queries: int
    outbox_bytes: int
    pools: Mapping[str, tuple[int, int]]
    up: Mapping[tuple[str, str], bool]


class Metrics:
    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._connections = Gauge("text2sql_connections", "Connections open now", ["dialect"], registry=own)
        self._connected = Counter(
            "text2sql_connections_opened", "Connections, since the start", ["dialect"], registry=own
        )
        self._closed = Counter("text2sql_connections_closed", "Their ends", ["dialect", "code"], registry=own)
        self._messages = Counter("text2sql_messages_received", "Messages of clients", registry=own)
        self._refused = Counter("text2sql_rejected", "Turned away, by reason", ["reason"], registry=own)
        self._sessions = Gauge("text2sql_sessions", "Sessions living now", registry=own)
        self._running = Gauge("text2sql_queries_running", "Queries running now", registry=own)
        self._queries = Counter(
            "text2sql_queries",
            "Queries ended, by how, where and why",
            ["ending", "stage", "code"],
            registry=own,
        )
        self._query_seconds = Histogram(
            "text2sql_query_seconds", "A whole query", ["ending"], registry=own, buckets=QUERY_BUCKETS
        )
        self._stage_seconds = Histogram(
            "text2sql_stage_seconds", "One stage of a query", ["stage"], registry=own, buckets=STAGE_BUCKETS
        )
        self._first_token = Histogram(
            "text2sql_first_token_seconds", "From question to token", registry=own, buckets=STAGE_BUCKETS
        )
        self._tokens = Counter("text2sql_tokens", "Tokens of the model", ["kind"], registry=own)
        self._rows = Counter("text2sql_rows", "Rows sent", ["datasource"], registry=own)
        self._bytes = Counter("text2sql_row_bytes", "Their JSON, in bytes", ["datasource"], registry=own)
        self._outbox = Gauge("text2sql_outbox_bytes", "What waits for clients, in bytes", registry=own)
        self._pool = Gauge("text2sql_pool_in_use", "Connections lent", ["datasource"], registry=own)
        self._pool_size = Gauge("text2sql_pool_size", "Connections at most", ["datasource"], registry=own)
        self._up = Gauge("text2sql_up", "1 while it answers", ["service", "name"], registry=own)
        self._lag = Histogram(
            "text2sql_event_loop_lag_seconds", "How late it turns", registry=own, buckets=LAG_BUCKETS
        )

    def hear(self, happening: Happening) -> None:
        """A listener of the bulletin."""
        match happening:
            case UserConnected(dialect=dialect):
                self._connections.labels(dialect).inc()
                self._connected.labels(dialect).inc()
            case UserGone(dialect=dialect, code=code):
                self._connections.labels(dialect).dec()
                self._closed.labels(dialect, str(code or "none")).inc()
            case ConnectionRefused(reason=reason):
                self._refused.labels(reason).inc()
            case LoginFailed():
                self._refused.labels("login").inc()
            case MessageReceived():
                self._messages.inc()
            case QueryOver(query=query):
                self._count(query)
            case QueryBegan() | SessionJoined() | SessionLeft() | BudgetReached():
                pass
            case ServiceWentDown() | ServiceCameBack():
                pass  # a level, not an event: who was up all along never comes back, and is up all the same
            case other:
                assert_never(other)

    def text(self, levels: Levels) -> bytes:
        """Everything in Prometheus' text format, the levels as they are handed in."""
        self._sessions.set(levels.sessions)
        self._running.set(levels.queries)
        self._outbox.set(levels.outbox_bytes)
        for name, (lent, size) in levels.pools.items():
            self._pool.labels(name).set(lent)
            self._pool_size.labels(name).set(size)
        self._up.clear()  # what is not configured any more must not be up for ever
        for (service, name), is_up in levels.up.items():
            self._up.labels(service, name).set(int(is_up))
        return generate_latest(self._registry)

    def families(self) -> Iterable[Metric]:
        """What there is to be told, by name and kind."""
        return self._registry.collect()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Take the event loop's lag while the block runs."""
        taking = asyncio.create_task(self._take_lag(), name="event loop lag")
        try:
            yield
        finally:
            taking.cancel()
            await asyncio.wait({taking})

    async def _take_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self._lag.observe(max(loop.time() - due, 0.0))

    def _count(self, query: Query) -> None:
        code = query.ending.fault.code.value if isinstance(query.ending, QueryFailed) else ""
        self._queries.labels(query.status, query.stage.value, code).inc()
        self._query_seconds.labels(query.status).observe(query.ended - query.started)
        for stage, seconds in query.stage_seconds.items():
            self._stage_seconds.labels(stage.value).observe(seconds)
        if query.first_token is not None:
            self._first_token.observe(query.first_token - query.started)
        self._rows.labels(query.datasource or "").inc(query.rows)
        self._bytes.labels(query.datasource or "").inc(query.row_bytes)
        if isinstance(query.ending, QueryCompleted) and (usage := query.ending.answer.usage):
            self._tokens.labels("prompt").inc(usage.prompt_tokens)
            self._tokens.labels("completion").inc(usage.completion_tokens)

"""The one module that knows everything: it wires the rooms together, and runs them.

Only `run.py` imports it, and what `text2sql-ws` starts.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from aiohttp import web

from text2sql_ws import scm
from text2sql_ws.auditing import AuditLog
from text2sql_ws.bureau import open_bureau
from text2sql_ws.catalog import load_dictionary
from text2sql_ws.chat.rooms import ChatRooms
from text2sql_ws.clock import Clock, SystemClock, today
from text2sql_ws.command_line import Order, order
from text2sql_ws.conversations import Conversations
from text2sql_ws.doctor import locale_of, visit
from text2sql_ws.exporting import Exports
from text2sql_ws.feedback import FeedbackBook
from text2sql_ws.happenings import Bulletin
from text2sql_ws.hooks import Hooks
from text2sql_ws.hub import Hub
from text2sql_ws.ledger import Ledger
from text2sql_ws.listening import BACKLOG, address_of, listen
from text2sql_ws.llm.prompts import read_prompts
from text2sql_ws.logs import report_loop_trouble, set_up_logging
from text2sql_ws.metrics import Metrics
from text2sql_ws.opening import Opening
from text2sql_ws.pipeline import Pipeline
from text2sql_ws.posting import check_services
from text2sql_ws.preparing import prepare
from text2sql_ws.queries import Queries, Quotas
from text2sql_ws.reloading import Changeable, Reloading, Reloads, dictionaries_of
from text2sql_ws.running import Bounds
from text2sql_ws.settings import Log, Misconfigured, Settings
from text2sql_ws.shipping import shipped
from text2sql_ws.slowness import slow_query_log
from text2sql_ws.storage.database import open_database
from text2sql_ws.streams import Streams, stream_bounds
from text2sql_ws.systemd import READY, STOPPING, Systemd
from text2sql_ws.talking import Talker
from text2sql_ws.tally import Tally
from text2sql_ws.tokens import open_verifier
from text2sql_ws.traces import check_tracing, tracing
from text2sql_ws.traces.story import Known
from text2sql_ws.web import figures, pages
from text2sql_ws.web.connections import Connections
from text2sql_ws.web.controls import Controls
from text2sql_ws.web.courier import Courier
from text2sql_ws.web.identity import Doorman, check_exposure
from text2sql_ws.web.keys import DOORMAN, HOUSE, House
from text2sql_ws.web.middleware import make_guard, make_reporter
from text2sql_ws.web.routes import ROUTES
from text2sql_ws.web.tower import Tower
from text2sql_ws.web.vega import Bundle
from text2sql_ws.withheld import Withheld, secrets_of

log = structlog.get_logger()

VAR = Path("var")

ACCEPTED_AT_ONCE = 1
"""asyncio's `backlog` is also how often it fails in a row when no descriptor is left, setting a timer each
time (3.11): at its usual 100 the timers, and the lines in the log, would grow without end."""

CHARTS_SECONDS = 3.0
"""So long after it is up a new installation makes what its charts need, and not while it starts."""

HEADERS_SECONDS = 20
"""Within this a request's headers must have come, and an idle connection is closed after it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit status: 0, or 2 for settings that can't be used."""
    try:
        asked = order(arguments)
        if asked.verb == "doctor":
            return asyncio.run(_visit(asked))
        settings = _read(asked)
        if asked.verb == "check":
            sys.stdout.write("The configuration is good.\n")
            return 0
        set_up_logging(settings.log)
        asyncio.run(_serve_until_told(settings, asked))
    except Misconfigured as misconfigured:
        for problem in misconfigured.problems:
            sys.stderr.write(f"text2sql-ws: {problem}\n")
        return 2
    return 0


def _read(asked: Order) -> Settings:
    """The settings, and what they can't say of each other by themselves. Raises `Misconfigured`."""
    settings = asked.read()
    check_exposure(settings)
    open_verifier(settings.auth, SystemClock())
    check_tracing(settings.tracing)
    check_services(settings.notifications)
    return settings


async def _visit(asked: Order) -> int:
    """The doctor's findings on standard output, nothing but errors in the log."""
    set_up_logging(Log(level="error"))
    locale = asked.locale or locale_of(os.environ)
    return await visit(partial(_read, asked), SystemClock(), locale, sys.stdout, as_json=asked.as_json)


async def _serve_until_told(settings: Settings, asked: Order) -> None:
    """Run until SIGTERM or SIGINT; a second one ends at once. SIGHUP reads the settings again.

    But on a terminal, where it says that nobody is there any more.
    """
    told = asyncio.Event()

    def tell() -> None:
        if told.is_set():
            os._exit(130)
        told.set()

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(report_loop_trouble)
    on_terminal = sys.stdin is not None and sys.stdin.isatty()
    for number in (signal.SIGTERM, signal.SIGINT, *([signal.SIGHUP] if on_terminal else [])):
        loop.add_signal_handler(number, tell)
    if not on_terminal:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    systemd = Systemd(os.environ)
    reloads = None if on_terminal else Reloads(partial(_read, asked), systemd)
    async with systemd.watching(), serving(settings, reloads=reloads, charts_after=CHARTS_SECONDS) as address:
        # What is there by now stays; to look through it again would hold up the loop for 60 ms each time.
        gc.collect()
        gc.freeze()
        sys.stdout.write(f"text2sql-ws is ready: {address}/\n")
        sys.stdout.flush()
        systemd.say(READY)
        await told.wait()
        systemd.say(STOPPING)
        log.info("shutting_down", drain_seconds=settings.server.drain_seconds)


@asynccontextmanager
async def serving(
    settings: Settings,
    var: Path = VAR,
    clock: Clock | None = None,
    reloads: Reloads | None = None,
    hooks: Hooks | None = None,
    charts_after: float | None = None,
) -> AsyncIterator[str]:
    """A running server; yields its address, such as `http://127.0.0.1:12224`. Leaving drains and stops it.

    `hooks` are called with what happens. So many seconds after it is up, where they are given, what the first
    chart needs is made, which else waits for it. Raises `Misconfigured` when it can't start.
    """
    clock = clock or SystemClock()
    listening = listen(settings.server.host, settings.server.port)
    address = address_of(settings.server.host, listening)
    async with AsyncExitStack() as stack:
        stack.callback(listening.close)
        house, changeable = await _furnish(settings, var, clock, address, stack)
        if hooks is not None:
            await stack.enter_async_context(hooks.called(house.bulletin))
        runner = web.AppRunner(
            build(house),
            handler_cancellation=True,
            access_log=None,
            keepalive_timeout=HEADERS_SECONDS,
            shutdown_timeout=1.0,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listening, backlog=ACCEPTED_AT_ONCE).start()
        listening.listen(BACKLOG)
        house.connections.start()
        preparing = asyncio.create_task(
            prepare(house.sources, settings.limits.max_examined_rows), name="prepare"
        )
        stack.push_async_callback(_stopped, preparing)
        if charts_after is not None:
            house.charts.make_ahead(charts_after)
        if reloads is not None:
            await stack.enter_async_context(Reloading(settings, changeable, reloads).on(signal.SIGHUP))
        stack.push_async_callback(_leave, house)
        log.info("ready", address=address)
        yield address


def build(house: House) -> web.Application:
    """The aiohttp application over rooms that are wired already."""
    doorman = Doorman(house.settings, house.verifier, house.clock, house.bulletin)
    app = web.Application(
        middlewares=[make_reporter(house.clock), make_guard(doorman)],
        client_max_size=house.settings.limits.max_message_bytes,
    )
    app[HOUSE] = house
    app[DOORMAN] = doorman
    app.add_routes(pages.routes(str(house.static_folder)))
    for routes in ROUTES:
        app.add_routes(routes)
    return app


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def _leave(house: House) -> None:
    """Let running queries end, then stop what is left and tell every client; each step is bounded."""
    seconds = house.settings.server.drain_seconds
    await asyncio.gather(house.queries.drain(seconds), house.exports.drain(seconds))
    await house.queries.close()
    await house.streams.close()
    await house.exports.close()
    await house.scm.settle()
    await house.ledger.settled()
    await house.connections.close()
    await house.hub.close()
    await house.scm.close()
    house.chat.close()
    await house.courier.close()


async def _furnish(
    settings: Settings, var: Path, clock: Clock, address: str, stack: AsyncExitStack
) -> tuple[House, Changeable]:
    """Open what the server needs; `stack` closes it again, in reverse."""
    database = await open_database(settings.storage.url)
    stack.push_async_callback(database.aclose)
    load_dictionary()
    opening = Opening(var, address)
    sources = await opening.sources(settings)
    stack.push_async_callback(sources.aclose)
    providers = opening.providers(settings)
    stack.push_async_callback(opening.aclose)
    verifier = open_verifier(settings.auth, clock)
    if verifier is not None:
        stack.push_async_callback(verifier.aclose)
    charts = Bundle(var)
    stack.push_async_callback(charts.aclose)
    limits, bulletin, metrics = settings.limits, Bulletin(), Metrics()
    bulletin.listen(metrics.hear)
    bulletin.listen(slow_query_log(settings.log.slow_query_seconds))
    known = Known(sources.settings_of, opening.provider)
    await stack.enter_async_context(tracing(settings.tracing, known, bulletin))
    await stack.enter_async_context(metrics.watching())
    conversations = Conversations(database, clock)
    prompts = read_prompts(shipped("config") / "prompts")
    pipeline = Pipeline(
        sources,
        providers,
        prompts,
        dictionaries_of(settings),
        Bounds(
            limits.max_rewrites,
            limits.chunk_rows,
            limits.max_examined_rows,
            limits.resume_seconds + limits.slow_client_timeout,
        ),
        today,
    )
    quotas = Quotas(
        limits.queries_per_session,
        limits.queries,
        limits.query_timeout,
        limits.result_seconds,
        limits.step_timeout,
    )
    bureau = await stack.enter_async_context(
        open_bureau(settings, database, clock, bulletin, sources, providers)
    )
    registry = Queries(pipeline, conversations, clock, quotas, bulletin, bureau.budget)
    ledger = await stack.enter_async_context(Ledger(database).writing())
    talker = Talker(providers, prompts, today)
    desk = scm.Desk(pipeline, talker, conversations, scm.Errands(), settings.talk.history_tokens)
    premises = scm.Premises(registry, providers, desk, clock, limits.resume_seconds)
    connections, audit = Connections(settings.heartbeat, limits, clock), AuditLog(database, clock)
    tally = Tally(clock, settings.monitor.interval)
    tower = Tower(
        clock,
        tally,
        partial(figures.stats, connections, tally),
        settings.monitor.interval,
        settings.monitor.error_rate,
    )
    bulletin.listen(tally.hear)
    bulletin.listen(tower.hear)
    await stack.enter_async_context(tower.watching())
    house = House(
        settings=settings,
        clock=clock,
        sources=sources,
        providers=providers,
        conversations=conversations,
        queries=registry,
        exports=Exports(sources, var / "exports", limits.query_timeout, limits.max_examined_rows),
        hub=Hub(clock, limits.resume_seconds, settings.heartbeat.interval, bulletin),
        scm=scm.Lobby(premises, bulletin, settings.heartbeat.interval, limits.outbox_bytes),
        ledger=ledger,
        chat=ChatRooms(conversations, ledger, registry, pipeline, clock, bulletin, limits),
        bulletin=bulletin,
        metrics=metrics,
        book=FeedbackBook(database, clock),
        connections=connections,
        audit=audit,
        controls=Controls(connections, audit, bureau.notifications, clock),
        tally=tally,
        tower=tower,
        usage=bureau.usage,
        budget=bureau.budget,
        prober=bureau.prober,
        notifications=bureau.notifications,
        courier=Courier(bureau.notifications, connections),
        verifier=verifier,
        withheld=Withheld(secrets_of(settings)),
        streams=Streams(registry, clock, stream_bounds(limits)),
        static_folder=shipped("static"),
        docs_folder=shipped("docs"),
        charts=charts,
    )
    return house, Changeable(opening, sources, providers, pipeline, house.withheld)

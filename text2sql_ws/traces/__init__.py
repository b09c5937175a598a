"""Traces of queries for an OpenTelemetry collector, by the conventions for models and databases.

`story.py` says, purely, what there is to tell of a query; `sending.py` alone names the library, and is
imported only where traces are asked for: by `[tracing]`, or by OpenTelemetry's own environment variables.
The one rule: no answer waits for a trace.
"""

import importlib.util
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import structlog

from text2sql_ws.happenings import Bulletin
from text2sql_ws.settings import Misconfigured, Tracing
from text2sql_ws.traces.story import Known

log = structlog.get_logger()

PACKAGES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def check_tracing(settings: Tracing) -> None:
    """Raises `Misconfigured` where a collector is named and what sends to it is not installed."""
    if settings.endpoint and not _is_installed():
        raise Misconfigured(
            [
                "tracing.endpoint is set, but OpenTelemetry is not installed: "
                "pip install 'text2sql-ws[otel]', or leave the setting empty"
            ]
        )


@asynccontextmanager
async def tracing(settings: Tracing, known: Known, bulletin: Bulletin) -> AsyncIterator[None]:
    """While the block runs, queries are traced if that is asked for; leaving sends the rest, within bounds.

    Raises `Misconfigured` as `check_tracing` does.
    """
    check_tracing(settings)
    if not (settings.endpoint or _is_asked_for(os.environ)):
        yield
        return
    if not _is_installed():  # the environment may be that of everything on the machine
        log.warning("no_traces", why="OpenTelemetry is not installed", remedy="text2sql-ws[otel]")
        yield
        return
    from text2sql_ws.traces.sending import Sender

    sender = Sender(settings, known)
    bulletin.listen(sender.hear)
    # Not the whole address: some collectors have their key in it.
    log.info("tracing", host=urlsplit(settings.endpoint).hostname or "by the environment")
    try:
        yield
    finally:
        await sender.aclose()


def _is_asked_for(environment: Mapping[str, str]) -> bool:
    """By the environment alone: it names a collector, and doesn't switch traces off."""
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    is_elsewhere = environment.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower() != "otlp"
    return any(environment.get(name) for name in ENDPOINTS) and not (is_off or is_elsewhere)


def _is_installed() -> bool:
    try:
        return all(importlib.util.find_spec(name) is not None for name in PACKAGES)
    except ModuleNotFoundError:  # of a package that is asked for by its parts, the whole is missing
        return False

"""Fixtures for every room: one MariaDB for the whole run. And how Hypothesis draws, before tests are read."""

import structlog

from tests.support.examples import load_profile
from tests.support.mariadb import mariadb

__all__ = ["mariadb"]

load_profile()

# Its own default draws the tracebacks with every local variable: that takes longer than what is tested.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

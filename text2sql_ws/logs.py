"""How the server logs: structlog, for people on a terminal, as JSON lines otherwise. To stderr.

The one rule: no secret. What libraries would quote of a request, where tokens are, is cut here.
"""

import asyncio
import errno
import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

from text2sql_ws.settings import Log


def set_up_logging(settings: Log) -> None:
    """Once, at start. Libraries' own warnings go the same way."""
    on_terminal = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    err = _Unfailing(sys.stderr)
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    ending: list[structlog.typing.Processor] = (
        # The default shows local variables where `rich` is installed, and with them tokens and keys.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if on_terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, err)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(err)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("aiohttp.server").addFilter(_without_request_lines)
    # All that it warns of are subprotocols, which it quotes; pages offer their token among them.
    logging.getLogger("aiohttp.websocket").setLevel(logging.ERROR)


def set_level(level: str) -> None:
    """From now on. Loggers look it up anew each time: `cache_logger_on_first_use` is off."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(number))


def report_loop_trouble(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's exception handler: no traceback for what only says that the machine has run out."""
    error = context.get("exception")
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        structlog.get_logger().error("out_of_descriptors", remedy="raise LimitNOFILE= or ulimit -n")
    else:
        loop.default_exception_handler(context)


class _Unfailing:
    """A stream whose reader is gone or whose disk is full loses lines; it fails nobody who writes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _without_request_lines(record: logging.LogRecord) -> bool:
    """Of a request that is not HTTP only that it came: its error quotes the line with the token in it."""
    kind = record.exc_info[0] if record.exc_info else None
    if kind is not None and kind.__module__ == "aiohttp.http_exceptions":
        record.exc_info = None
        record.msg = f"{record.msg}: {kind.__name__}"
    return True

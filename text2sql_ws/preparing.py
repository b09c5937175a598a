"""What is done once the server listens: data sources made ready, leftovers ended, the operator warned."""

import asyncio
from collections.abc import Iterable

import structlog

from text2sql_ws.datasources import DataSource
from text2sql_ws.engines.engine import Statement
from text2sql_ws.errors import Fault

log = structlog.get_logger()

_ANYTHING = Statement("SELECT 1", "start", max_rows=1, chunk_rows=1, timeout_seconds=5.0)


async def prepare(sources: Iterable[DataSource], max_examined_rows: int) -> None:
    """What the first question would wait for; and the statements of an earlier life, ended.

    The server is up meanwhile: a database that is down keeps nobody from asking another.
    """
    await asyncio.gather(*(_prepare_source(source, max_examined_rows) for source in sources))


async def _prepare_source(source: DataSource, max_examined_rows: int) -> None:
    try:
        ended = await source.engine.end_leftovers()
        schema = await source.catalog.schema()
        log.info("datasource_ready", datasource=source.name, tables=len(schema.tables), leftovers=ended)
        await _warn_of(source, max_examined_rows)
    except Fault as fault:
        log.warning("datasource_not_ready", datasource=source.name, code=fault.code, why=fault.message.en)


async def _warn_of(source: DataSource, max_examined_rows: int) -> None:
    """Tell who runs the server what leaves a data source less guarded than it could be. Raises `Fault`."""
    if rights := await source.engine.rights():
        log.warning(
            "account_can_do_more_than_read",
            datasource=source.name,
            rights=sorted(rights),
            remedy="give it SELECT and SHOW VIEW on its own database only: docs/security.md",
        )
    if max_examined_rows and await source.engine.estimate(_ANYTHING) is None:
        log.warning("no_estimates", datasource=source.name, ignored="limits.max_examined_rows")

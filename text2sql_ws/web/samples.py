"""`GET /text2sql/datasources/{name}/tables/{table}/sample`: a few rows of a table, for a schema browser.

The one rule: it shows nothing that the same user couldn't ask for, and less: what looks like a secret or
identifies a person is left out. Allow-list and denied columns hold, and the guard is asked as always.
"""

from collections.abc import Sequence

import orjson
from aiohttp import web

from text2sql_ws.catalog.sampling import is_private
from text2sql_ws.datasources import DataSource
from text2sql_ws.engines.engine import Chunk, Statement
from text2sql_ws.errors import Code, Fault
from text2sql_ws.running import allow
from text2sql_ws.schema import Column, Schema, SqlDialect, Table
from text2sql_ws.sql.columns import quoted
from text2sql_ws.texts import say
from text2sql_ws.web.errors import json_response
from text2sql_ws.web.keys import HOUSE

ROWS = 5
SECONDS = 5.0
"""A view may take its whole aggregation for five rows: it then goes without."""


async def sample(request: web.Request) -> web.Response:
    source = _source(request)
    schema = await source.catalog.schema()
    table = _table(schema, request.match_info["table"])
    shown = [column for column in table.columns if not is_private(column)]
    rows = await _rows(source, schema, _statement(table, shown, schema.dialect)) if shown else b"[]"
    return json_response(
        {
            "columns": [column.name for column in shown],
            "rows": orjson.Fragment(rows),
            "withheld": [column.name for column in table.columns if column not in shown],
        }
    )


def _source(request: web.Request) -> DataSource:
    name = request.match_info["name"]
    for source in request.app[HOUSE].sources:
        if source.name == name:
            return source
    raise Fault(Code.DATASOURCE_NOT_FOUND, say("sample.no_datasource", name=name[:100]))


def _table(schema: Schema, name: str) -> Table:
    """One that may be asked about: the catalogue knows no other."""
    for table in schema.tables:
        if table.name == name:
            return table
    raise Fault(Code.DATASOURCE_NOT_FOUND, say("sample.no_table", table=name[:100]))


def _statement(table: Table, columns: Sequence[Column], dialect: SqlDialect) -> str:
    names = ", ".join(quoted(column.name, dialect) for column in columns)
    return f"SELECT {names} FROM {quoted(table.name, dialect)} LIMIT {ROWS}"


async def _rows(source: DataSource, schema: Schema, sql: str) -> bytes:
    """The rows as JSON, `[[…],…]`."""
    rows: list[object] = []

    async def keep(chunk: Chunk) -> None:
        rows.extend(orjson.loads(chunk.rows_json))

    allowed = allow(sql, source, schema)
    await source.engine.run(
        Statement(allowed.sql, "sample", max_rows=ROWS, chunk_rows=ROWS, timeout_seconds=SECONDS), keep
    )
    return orjson.dumps(rows)


ROUTES = (web.get("/text2sql/datasources/{name}/tables/{table}/sample", sample),)

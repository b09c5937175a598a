"""The HTTP side of `text2sql`: connections and queries for administrators, one's own query, data sources."""

import asyncio
from typing import Any

from aiohttp import web
from pydantic import Field

from text2sql_ws.clock import iso
from text2sql_ws.datasources import DataSource
from text2sql_ws.dialects.bodies import answer_body, empty_answer_body
from text2sql_ws.dialects.incoming import Incoming, read, read_json
from text2sql_ws.errors import Fault
from text2sql_ws.events import QueryCompleted, QueryFailed
from text2sql_ws.query import Query
from text2sql_ws.schema import Schema
from text2sql_ws.texts import Locale, say
from text2sql_ws.web.bodies import read_text
from text2sql_ws.web.controls import Audience
from text2sql_ws.web.errors import error_body, json_response, locale_of
from text2sql_ws.web.health import state_of
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.roles import require_admin

SCHEMA_SECONDS = 10.0


class Broadcast(Incoming):
    message: str = Field(min_length=1, max_length=10_000)
    message_type: str = Field(default="system_status", min_length=1, max_length=100)


async def connections(request: web.Request) -> web.Response:
    require_admin(request)
    counts = request.app[HOUSE].hub.count_by_user()
    total = sum(counts.values())
    return json_response(
        {
            "total_connections": total,
            "total_users": len(counts),
            "sessions_per_user": counts,
            "average_sessions_per_user": total / len(counts) if counts else 0,
        }
    )


async def running(request: web.Request) -> web.Response:
    require_admin(request)
    return json_response({query.id: _running_body(query) for query in request.app[HOUSE].queries.running()})


async def broadcast(request: web.Request) -> web.Response:
    require_admin(request)
    body = read(Broadcast, read_json(await read_text(request)))
    house, user = request.app[HOUSE], request.app[DOORMAN].user(request)
    sent = await house.controls.announce(user.id, body.message, body.message_type, Audience())
    total = len(house.connections)
    message = say("broadcast.sent").in_(locale_of(request))
    return json_response({"message": message, "sent_to": sent, "total_connections": total})


async def one(request: web.Request) -> web.Response:
    user = request.app[DOORMAN].user(request)
    query = request.app[HOUSE].queries.find(request.match_info["query_id"], user.id)
    return json_response(_query_body(query, locale_of(request)))


async def cancel(request: web.Request) -> web.Response:
    """One's own query; an administrator may stop anybody's, which is recorded."""
    house, user = request.app[HOUSE], request.app[DOORMAN].user(request)
    query_id = request.match_info["query_id"]
    owner = next((q.owner.user_id for q in house.queries.running() if q.id == query_id), user.id)
    if user.is_admin and owner != user.id:
        await house.controls.recorded(user.id, "query_cancelled", query_id, user_id=owner)
    house.queries.cancel(query_id, lambda query: user.is_admin or query.owner.user_id == user.id)
    return json_response({"query_id": query_id, "cancelled_at": iso(house.clock.now())})


async def datasources(request: web.Request) -> web.Response:
    house, locale = request.app[HOUSE], locale_of(request)
    described = await asyncio.gather(*(_datasource_body(source, locale) for source in house.sources))
    return json_response({"datasources": described, "providers": house.providers.listing()})


def _running_body(query: Query) -> dict[str, Any]:
    return {
        "session_id": query.owner.session_id,
        "user_id": query.owner.user_id,
        "query": query.ask.question,
        "status": query.status,
        "current_stage": query.stage.value,
        "start_time": iso(query.started_at),
        "datasource": query.datasource,
    }


def _query_body(query: Query, locale: Locale) -> dict[str, Any]:
    answer, error = empty_answer_body(query.sql), {}
    match query.ending:
        case QueryCompleted(answer=given):
            answer = answer_body(given, locale)
        case QueryFailed(fault=fault):
            error = {"error": error_body(fault, locale)}
        case _:
            pass
    return {
        "query_id": query.id,
        "query": query.ask.question,
        "status": query.status,
        "stage": query.stage.value,
        **answer,
        **error,
    }


async def _datasource_body(source: DataSource, locale: Locale) -> dict[str, Any]:
    try:
        async with asyncio.timeout(SCHEMA_SECONDS):
            schema, status = await source.catalog.schema(), await state_of(source)
    except (Fault, TimeoutError):
        schema, status = None, "down"
    return {
        "name": source.name,
        "type": source.settings.type,
        "description": source.settings.description,
        "status": status,
        "tables": _tables_body(schema) if schema else [],
        "examples": list(source.examples(locale)),
    }


def _tables_body(schema: Schema) -> list[dict[str, Any]]:
    return [
        {
            "name": table.name,
            "comment": table.comment,
            "columns": [
                {"name": column.name, "type": column.type, "comment": column.comment}
                for column in table.columns
            ],
        }
        for table in schema.tables
    ]


ROUTES = (
    web.get("/text2sql/connections", connections),
    web.get("/text2sql/queries", running),
    web.post("/text2sql/broadcast", broadcast),
    web.get("/text2sql/queries/{query_id}", one),
    web.post("/text2sql/queries/{query_id}/cancel", cancel),
    web.get("/text2sql/datasources", datasources),
)

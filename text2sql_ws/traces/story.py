"""What there is to tell of a query that is over: a tree of spans as plain values. Pure; no library.

A query, in it its stages, in these the calls of the model and the statement. The names of attributes are
OpenTelemetry's conventions (`gen_ai.*`, `db.*`, `error.type`, `server.*`), and `text2sql.*` where they have
none. The one rule: no question, no row, and SQL only where the operator allows it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import urlsplit

from text2sql_ws.errors import Fault
from text2sql_ws.events import QueryCompleted, QueryFailed, Stage
from text2sql_ws.llm.metering import Call
from text2sql_ws.query import Query, Spell
from text2sql_ws.settings import DataSource, Provider

Attributes = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Told:
    """A span. Moments are seconds as the query has them; `error` is a code of ours, empty without one.

    `is_call`: it is about another service that was asked.
    """

    name: str
    began: float
    ended: float
    attributes: Attributes
    error: str = ""
    is_call: bool = False
    children: tuple["Told", ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """The settings of data sources and providers by name, as they are now; `None` for what is not there."""

    source: Callable[[str], DataSource | None]
    provider: Callable[[str], Provider | None]


def story(query: Query, known: Known, *, with_sql: bool) -> Told:
    """All there is to tell of an ended query."""
    fault = query.ending.fault if isinstance(query.ending, QueryFailed) else None
    last = len(query.spells) - 1
    stages = tuple(
        _stage(query, spell, fault if number == last else spell.setback, known, with_sql)
        for number, spell in enumerate(query.spells)
    )
    return Told("query", query.started, query.ended, _facts(query), _code(fault), children=stages)


def _facts(query: Query) -> Attributes:
    facts: dict[str, str | int | float | bool] = {
        "text2sql.query.id": query.id,
        "text2sql.ending": query.status,
        "text2sql.stage": query.stage.value,
        "text2sql.rows": query.rows,
        "session.id": query.owner.session_id,
        "user.id": query.owner.user_id,
    }
    if query.datasource is not None:
        facts["text2sql.datasource"] = query.datasource
    if query.ask.conversation_id is not None:
        facts["gen_ai.conversation.id"] = query.ask.conversation_id
    if query.first_token is not None:
        facts["text2sql.first_token_seconds"] = query.first_token - query.started
    if isinstance(query.ending, QueryCompleted):
        facts["text2sql.attempts"] = query.ending.answer.attempts
    return facts


def _stage(query: Query, spell: Spell, fault: Fault | None, known: Known, with_sql: bool) -> Told:
    children = [_call(call, known) for call in query.calls if spell.began <= call.began < spell.ended]
    # Before it runs, SQL is only a plan: what the guard refuses never reaches a database.
    if spell.stage is Stage.EXECUTING_SQL and spell.sql is not None:
        children.append(_statement(query, spell, fault, known, with_sql))
    attributes: Attributes = {"text2sql.stage": spell.stage.value}
    return Told(
        spell.stage.value, spell.began, spell.ended, attributes, _code(fault), children=tuple(children)
    )


def _call(call: Call, known: Known) -> Told:
    """A request to a model, with its retries; tokens are estimates where it didn't say."""
    provider = known.provider(call.provider)
    attributes: dict[str, str | int | float | bool] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS[provider.kind] if provider is not None else call.provider,
        "gen_ai.request.model": call.model,
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": call.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": call.usage.completion_tokens,
        "text2sql.provider": call.provider,
        **(_server_of(provider.base_url) if provider is not None else {}),
    }
    if call.first is not None:
        attributes["gen_ai.response.time_to_first_chunk"] = call.first - call.began
    return Told(f"chat {call.model}", call.began, call.ended, attributes, _code(call.fault), is_call=True)


def _statement(query: Query, spell: Spell, fault: Fault | None, known: Known, with_sql: bool) -> Told:
    """Only the last of several statements has shown rows: after the first row nothing is rewritten."""
    sql = spell.sql or ""
    source = known.source(query.datasource or "")
    operation = (sql.split(maxsplit=1) or [""])[0].upper()
    attributes: dict[str, str | int | float | bool] = {"db.operation.name": operation, **_database(source)}
    if spell.setback is None:
        attributes["db.response.returned_rows"] = query.rows
    if with_sql:
        attributes["db.query.text"] = sql
    target = attributes.get("db.namespace") or query.datasource or ""
    name = f"{operation} {target}".strip()
    return Told(name, spell.began, spell.ended, attributes, _code(fault), is_call=True)


def _database(source: DataSource | None) -> dict[str, str | int]:
    if source is None:
        return {"db.system.name": "other_sql"}  # a client's own, or gone since
    system = source.dialect or source.type
    if source.type == "sqlite":
        return {"db.system.name": system, "db.namespace": PurePath(source.path).name}
    return {
        "db.system.name": system,
        "db.namespace": source.database,
        "server.address": source.host,
        "server.port": source.port,
    }


def _server_of(url: str) -> dict[str, str | int]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {"server.address": parts.hostname or "", "server.port": port}


def _code(fault: Fault | None) -> str:
    return fault.code.value if fault is not None else ""


_PROVIDERS = {"openai": "openai", "azure": "azure.ai.openai"}
"""What speaks OpenAI's protocol counts as such: who is really behind an address nobody knows."""

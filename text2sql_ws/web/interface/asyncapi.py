"""`/asyncapi.json`: the WebSocket dialects as AsyncAPI 3.0, made of the models that read what comes in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from text2sql_ws.dialects import chat_commands, monitor, plain, scm_commands, text2sql
from text2sql_ws.web.interface import frames
from text2sql_ws.web.interface.openapi import INFO, Json
from text2sql_ws.web.interface.schemas import Schemas

Models = Mapping[str, type[BaseModel]]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One dialect at one address. `wrapped`: the models are of `data`; else of the message itself."""

    name: str
    address: str
    text: str
    incoming: Models
    outgoing: Models
    wrapped: bool
    query: tuple[str, ...] = ()


DIALECTS: tuple[Spoken, ...] = (
    Spoken(
        "text2sql", "/text2sql/websocket", "JSON envelopes; resumable, any number of queries at once.",
        text2sql.INCOMING, frames.TEXT2SQL, True,
        ("session_id", "token", "last_sequence", "epoch", "locale"),
    ),
    Spoken(
        "plain", "/ws", "Text frames; `?stream=cumulative` repeats all the text so far.",
        plain.INCOMING, {}, False, ("token", "stream"),
    ),
    Spoken(
        "chat", "/ws/chat", "Flat JSON; sessions with members.",
        chat_commands.INCOMING, frames.CHAT, False, ("token", "locale"),
    ),
    Spoken(
        "chatSession", "/ws/chat/session/{session_id}", "The same, in a session from the start.",
        chat_commands.INCOMING, frames.CHAT, False, ("token", "locale"),
    ),
    Spoken(
        "monitor", "/ws/admin/monitor", "Flat JSON, for administrators.",
        monitor.INCOMING, frames.MONITOR, False, ("token", "locale"),
    ),
    Spoken(
        "scm", "/scm/websocket/ai/chat", "START, DATA, END.", scm_commands.INCOMING, frames.SCM, True,
        ("userId", "sessionId", "token"),
    ),
)  # fmt: skip

TEXT = "text"

ABOUT = "Questions asked over WebSocket. See /openapi.json for the rest."


def asyncapi() -> Json:
    """The whole document, as JSON values."""
    schemas = Schemas(model for spoken in DIALECTS for model in _models(spoken))
    channels = {spoken.name: _channel(spoken, schemas) for spoken in DIALECTS}
    return {
        "asyncapi": "3.0.0",
        "info": INFO | {"description": ABOUT, "license": {"name": "MIT"}},
        "channels": channels,
        "operations": {
            f"{action}_{spoken.name}": _operation(spoken, action)
            for spoken in DIALECTS
            for action in ("receive", "send")
        },
        "components": {"schemas": schemas.components},
    }


def _models(spoken: Spoken) -> list[type[BaseModel]]:
    return [*spoken.incoming.values(), *spoken.outgoing.values()]


def _channel(spoken: Spoken, schemas: Schemas) -> Json:
    query: Json = {"type": "object", "properties": {name: {"type": "string"} for name in spoken.query}}
    messages = _messages(spoken, spoken.incoming, schemas, "in") | _messages(
        spoken, spoken.outgoing, schemas, "out"
    )
    if not spoken.outgoing:
        messages[f"out_{TEXT}"] = {"name": TEXT, "payload": {"type": "string"}}
    channel: Json = {
        "address": spoken.address,
        "description": spoken.text,
        "messages": messages,
        "bindings": {"ws": {"method": "GET", "query": query}},
    }
    if "{session_id}" in spoken.address:
        channel["parameters"] = {"session_id": {"description": "What its owner calls the session."}}
    return channel


def _messages(spoken: Spoken, models: Models, schemas: Schemas, way: str) -> Json:
    return {
        f"{way}_{kind}": {"name": kind, "payload": _payload(kind, schemas.of(model), spoken.wrapped)}
        for kind, model in models.items()
    }


def _payload(kind: str, schema: Json, wrapped: bool) -> Json:
    typed: Json = {"type": "object", "required": ["type"], "properties": {"type": {"const": kind}}}
    if wrapped:
        typed["properties"]["data"] = schema
        return typed
    return {"allOf": [typed, schema]}


def _operation(spoken: Spoken, action: str) -> Json:
    """Seen from the server: it receives what clients send."""
    way = "in" if action == "receive" else "out"
    kinds = list(spoken.incoming if way == "in" else spoken.outgoing) or [TEXT]
    channel: Any = f"#/channels/{spoken.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{way}_{kind}"} for kind in kinds],
    }

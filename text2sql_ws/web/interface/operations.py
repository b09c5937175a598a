"""Every HTTP address: what it is for, what it takes and answers. One table; a test holds the router to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from text2sql_ws.web import admin, admin_deeds, conversations, notices, offline, queries, streams
from text2sql_ws.web.interface import shapes

Who = Literal["anyone", "this machine", "users", "admins"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Of the address's query. `schema` is JSON Schema."""

    name: str
    text: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` is a model for JSON, or a media type; `also` are media types that may be asked for instead.

    `refusals` are statuses beside those that `who` brings.
    """

    method: str
    path: str
    who: Who
    tag: str
    text: str
    answer: type[BaseModel] | str
    body: type[BaseModel] | None = None
    query: tuple[Parameter, ...] = ()
    refusals: tuple[int, ...] = ()
    also: tuple[str, ...] = ()


def number(name: str, text: str, most: int, least: int = 1) -> Parameter:
    return Parameter(name, text, {"type": "integer", "minimum": least, "maximum": most})


def text(name: str, text: str) -> Parameter:
    return Parameter(name, text, {"type": "string"})


def choice(name: str, text: str, *values: str) -> Parameter:
    return Parameter(name, text, {"type": "string", "enum": list(values)})


LOCALE = Parameter("locale", "The language of sentences: `en`, else Chinese.", {"type": "string"})

QUESTIONS = "questions"
HISTORY = "conversations"
STREAMS = "steps: server-sent events"
ADMIN = "administration"
HEALTH = "health"
OFFLINE = "the built-in model"
MONITOR = admin.PREFIX

OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/health/live", "anyone", HEALTH, "The process is alive.", shapes.Alive),
    Operation(
        "GET", "/health/ready", "anyone", HEALTH,
        "Each data source and provider; 503 when no data source or no provider can answer.",
        shapes.Readiness, refusals=(503,),
    ),
    Operation(
        "GET", "/metrics", "this machine", HEALTH, "Prometheus' text format. From elsewhere: administrators.",
        "text/plain",
    ),
    Operation(
        "GET", "/text2sql/datasources", "users", QUESTIONS,
        "What may be asked about: data sources, their tables and examples; and the models that may be asked.",
        shapes.DataSources, query=(LOCALE,),
    ),
    Operation(
        "GET", "/text2sql/datasources/{name}/tables/{table}/sample", "users", QUESTIONS,
        "A few rows of a table; nothing denied, nothing private.", shapes.Sample,
        refusals=(403, 404, 422, 429, 503, 504),
    ),
    Operation(
        "GET", "/text2sql/queries/{query_id}", "users", QUESTIONS,
        "One's own query, running or ended lately (`limits.result_seconds`).", shapes.Query,
        query=(LOCALE,), refusals=(404,),
    ),
    Operation(
        "POST", "/text2sql/queries/{query_id}/cancel", "users", QUESTIONS,
        "Stop a running query of one's own: the model's stream and the statement in the database.",
        shapes.Cancelled, refusals=(404,),
    ),
    Operation(
        "GET", "/text2sql/queries/{query_id}/export", "users", QUESTIONS,
        "Runs the query's SQL again and streams all its rows as a file.", "text/csv",
        query=(
            choice("format", "The kind of file.", "csv", "xlsx", "json"),
            choice("bom", "1: a byte order mark, for spreadsheets that guess (csv only).", "0", "1"),
        ),
        refusals=(403, 404, 422, 429, 503, 504),
        also=("application/x-ndjson", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ),
    Operation(
        "POST", streams.ADDRESS, "users", STREAMS,
        "Ask a question; the answer is a stream of events, named by the header `X-Stream-Id`.",
        "text/event-stream", body=streams.Question, query=(LOCALE,), refusals=(404, 422, 429),
    ),
    Operation(
        "GET", streams.ADDRESS + "/{stream_id}", "users", STREAMS,
        "Go on with a resumable stream after the sequence that was seen last.", "text/event-stream",
        query=(number("after", "The last sequence seen.", 10**15, 0),), refusals=(404, 422, 429),
    ),
    Operation(
        "DELETE", streams.ADDRESS + "/{stream_id}", "users", STREAMS, "Cancel a stream's query.",
        shapes.StreamCancelled, refusals=(404,),
    ),
    Operation(
        "POST", streams.ADDRESS + "/{stream_id}/retry", "users", STREAMS,
        "Run the failed step and those after it again, as a new stream of the same form.",
        "text/event-stream", body=streams.Retry, refusals=(404, 422, 429),
    ),
    Operation(
        "GET", "/api/conversations", "users", HISTORY,
        "One's own conversations, and chats that were shared with one, those used last first.",
        shapes.ConversationPage,
        query=(
            Parameter("q", "Only those that hold these words.", {"type": "string"}),
            choice("space", "Only those of this space.", *conversations.SPACES),
            text("conversation_id", "Only those that their client calls so."),
            number("page", "From 1.", conversations.MOST_PAGES),
            number("page_size", "At most 100.", 100),
        ),
        refusals=(422,),
    ),
    Operation(
        "GET", "/api/conversations/{id}", "users", HISTORY, "A conversation and its latest messages.",
        shapes.ConversationWithMessages,
        query=(
            number("before", "A message's position: those ahead of it.", 2**53),
            number("limit", "At most 100.", 100),
        ),
        refusals=(404, 422),
    ),
    Operation(
        "PATCH", "/api/conversations/{id}", "users", HISTORY, "Give it another title.", shapes.Conversation,
        body=conversations.Renaming, refusals=(404, 422),
    ),
    Operation(
        "DELETE", "/api/conversations/{id}", "users", HISTORY, "Delete it with its messages.",
        shapes.Deleted, refusals=(404,),
    ),
    Operation(
        "GET", "/api/conversations/{id}/export", "users", HISTORY, "The whole of it as a file.",
        "text/markdown", query=(choice("format", "The kind of file.", "markdown", "json"), LOCALE),
        refusals=(404, 422), also=("application/json",),
    ),
    Operation(
        "GET", "/api/notifications", "users", HISTORY, "One's own notifications, unread first.",
        shapes.NotificationPage,
        query=(number("page", "From 1.", notices.MOST_PAGES), number("page_size", "At most 100.", 100)),
        refusals=(422,),
    ),
    Operation(
        "POST", "/api/notifications/{id}/read", "users", HISTORY, "It was read.", shapes.WasRead,
        refusals=(404,),
    ),
    Operation(
        "GET", "/text2sql/usage", "users", QUESTIONS, "One's own tokens by day; for administrators all.",
        shapes.TokenUsage,
        query=(text("day", "Such as 2026-11-21."), text("user_id", "For administrators: whose.")),
        refusals=(403, 422),
    ),
    Operation(
        "GET", "/text2sql/audit", "admins", ADMIN, "Who asked what and what ran; what administrators did.",
        shapes.AuditPage,
        query=(
            number("limit", "At most 200.", 200), number("before", "The `next` of the answer before.", 2**53),
            text("user_id", "Whose."), text("action", "Such as `query`."),
        ),
        refusals=(422,),
    ),
    Operation(
        "GET", "/text2sql/connections", "admins", ADMIN, "How many are connected.", shapes.Connections
    ),
    Operation(
        "GET", "/text2sql/queries", "admins", ADMIN, "The running queries by id.", shapes.RunningQueries
    ),
    Operation(
        "POST", "/text2sql/broadcast", "admins", ADMIN, "Tell every connection something.",
        shapes.Announced, body=queries.Broadcast, refusals=(422,),
    ),
    Operation("GET", f"{MONITOR}/stats", "admins", ADMIN, "Figures since the start.", shapes.Stats),
    Operation("GET", f"{MONITOR}/connections", "admins", ADMIN, "All of them.", shapes.ConnectionList),
    Operation(
        "GET", f"{MONITOR}/connections/{{connection_id}}", "admins", ADMIN, "One of them.",
        shapes.Connection, refusals=(404,),
    ),
    Operation(
        "DELETE", f"{MONITOR}/connections/{{connection_id}}", "admins", ADMIN, "Close one (4510).",
        shapes.ConnectionClosed, refusals=(404,),
    ),
    Operation(
        "GET", f"{MONITOR}/users/{{user_id}}/connections", "admins", ADMIN, "A user's connections.",
        shapes.ConnectionList, refusals=(404,),
    ),
    Operation("GET", f"{MONITOR}/sessions", "admins", ADMIN, "Those with a connection.", shapes.SessionList),
    Operation(
        "GET", f"{MONITOR}/sessions/{{session_id}}/connections", "admins", ADMIN, "A session's connections.",
        shapes.ConnectionList, refusals=(404,),
    ),
    Operation("GET", f"{MONITOR}/online-users", "admins", ADMIN, "Who is here.", shapes.UserList),
    Operation(
        "GET", f"{MONITOR}/health", "admins", ADMIN, "How the service does; 503 when its storage fails.",
        shapes.AdminHealth, refusals=(503,),
    ),
    Operation(
        "GET", f"{MONITOR}/events", "admins", ADMIN, "The latest connects, disconnects and errors.",
        shapes.EventList, query=(Parameter("limit", "At most 100.", {"type": "integer", "minimum": 0}),),
        refusals=(422,),
    ),
    Operation(
        "POST", f"{MONITOR}/broadcast", "admins", ADMIN, "Tell everybody, a user or a session something.",
        shapes.Announced, body=admin_deeds.AimedBroadcast, refusals=(404, 422),
    ),
    Operation(
        "POST", f"{MONITOR}/users/disconnect", "admins", ADMIN, "Close all connections of a user (4510).",
        shapes.Disconnected, body=admin_deeds.Disconnect, refusals=(404, 422),
    ),
    Operation(
        "GET", f"{MONITOR}/notifications", "admins", ADMIN, "Everybody's notifications, the latest first.",
        shapes.EverybodysNotifications, query=(number("limit", "So many at most.", 100),), refusals=(422,),
    ),
    Operation(
        "POST", f"{MONITOR}/notify", "admins", ADMIN, "Notify one user, some, or all; kept for who is away.",
        shapes.Sent, body=admin_deeds.Notify, refusals=(422,),
    ),
    Operation(
        "POST", f"{MONITOR}/ping/{{user_id}}", "admins", ADMIN, "Ping a user's connections, and time it.",
        shapes.Pings, refusals=(404,),
    ),
    Operation("GET", "/offline/v1/models", "this machine", OFFLINE, "OpenAI's list.", shapes.Models),
    Operation(
        "POST", "/offline/v1/chat/completions", "this machine", OFFLINE,
        "OpenAI's chat completions, answered by rule.", shapes.ChatCompletion, body=offline.Completion,
        refusals=(400,), also=("text/event-stream",),
    ),
)  # fmt: skip

PAGES = frozenset({"/openapi.json", "/asyncapi.json", "/docs", "/docs/{page}", "/docs/images/{name}"})
"""What people read needs no description."""

WEBSOCKETS = frozenset(
    {
        "/text2sql/websocket",
        "/ws",
        "/ws/chat",
        "/ws/chat/session/{session_id}",
        "/ws/admin/monitor",
        "/scm/websocket/ai/chat",
    }
)
"""These are described by `/asyncapi.json`."""

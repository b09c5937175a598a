"""What the HTTP addresses answer, as models: they describe, and tests hold what is really answered to them.

More fields may come with any of them; none of these may be missing, but those that have a default.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field, RootModel

Row = list[Any]
Level = Literal["warning", "error", "critical"]


class Error(BaseModel):
    """What went wrong: a code of the catalogue, and what it means in the language that was asked for."""

    code: str
    level: Level
    title: str
    message: str
    suggestion: str
    can_retry: bool
    retry_after: int | None = Field(default=None, description="Seconds, where it may be tried again then.")


class Problem(BaseModel):
    """The one shape of every error."""

    error: Error


class OpenAiError(BaseModel):
    message: str
    type: str
    code: str


class OpenAiProblem(BaseModel):
    """As OpenAI has it: what speaks that protocol expects its errors, too."""

    error: OpenAiError


class Alive(BaseModel):
    status: Literal["alive"]


class Readiness(BaseModel):
    status: Literal["ready", "not_ready"]
    datasources: dict[str, str]
    providers: dict[str, str]


class Column(BaseModel):
    name: str
    type: str
    comment: str


class Table(BaseModel):
    name: str
    comment: str
    columns: list[Column]


class DataSource(BaseModel):
    name: str
    type: str
    description: str
    status: str
    tables: list[Table]
    examples: list[str]


class DataSources(BaseModel):
    """What a user may ask about, and which models may be asked."""

    datasources: list[DataSource]
    providers: list[dict[str, Any]]


class Sample(BaseModel):
    """A few rows of a table; `withheld` names the columns that are left out."""

    columns: list[str]
    rows: list[Row]
    withheld: list[str]


class ResultColumn(BaseModel):
    name: str
    type: Literal[
        "integer", "number", "decimal", "string", "datetime", "date", "time", "boolean", "binary", "json"
    ]


class Results(BaseModel):
    """`data`: the first 100 rows as objects."""

    columns: list[ResultColumn]
    row_count: int
    truncated: bool
    chunks: int
    data: list[dict[str, Any]]


class Explanation(BaseModel):
    explanation: str
    complexity: Literal["simple", "medium", "complex"]


class Visualization(BaseModel):
    """`config` is a Vega-Lite spec without data, or `{}`."""

    chart_type: str
    config: dict[str, Any]


class Query(BaseModel):
    query_id: str
    query: str
    status: Literal["running", "completed", "failed", "cancelled"]
    stage: str
    sql: str | None
    results: Results | None
    explanation: Explanation | None
    visualization: Visualization | None
    error: Error | None = None


class Cancelled(BaseModel):
    query_id: str
    cancelled_at: str


class StreamCancelled(BaseModel):
    stream_id: str
    cancelled_at: str


class RunningQuery(BaseModel):
    session_id: str
    user_id: str
    query: str
    status: str
    current_stage: str
    start_time: str
    datasource: str | None


class RunningQueries(RootModel[dict[str, RunningQuery]]):
    """By id."""


class Connections(BaseModel):
    total_connections: int
    total_users: int
    sessions_per_user: dict[str, int]
    average_sessions_per_user: float


class Announced(BaseModel):
    message: str
    sent_to: int
    total_connections: int


class Conversation(BaseModel):
    id: str
    space: Literal["ask", "scm", "chat"]
    conversation_id: str
    owner_id: str
    title: str
    created_at: str
    updated_at: str
    message_count: int


class Message(BaseModel):
    id: str
    parent_id: str | None
    position: int
    role: Literal["user", "assistant", "system"]
    user_id: str | None
    content: str
    sql: str | None
    results: dict[str, Any] | None
    visualization: dict[str, Any] | None
    status: Literal["complete", "failed", "cancelled", "length"]
    tokens: int
    created_at: str


class ConversationWithMessages(Conversation):
    messages: list[Message]
    has_more: bool


class Match(BaseModel):
    message_id: str
    role: str
    snippet: str
    created_at: str


class FoundConversation(Conversation):
    """`matches`: where the words that were looked for stand."""

    matches: list[Match] = []


class ConversationPage(BaseModel):
    conversations: list[FoundConversation]
    total: int
    page: int
    page_size: int


class Deleted(BaseModel):
    id: str
    deleted: Literal[True]


class Notification(BaseModel):
    id: str
    title: str
    message: str
    type: Literal["info", "success", "warning", "error", "urgent"]
    action_url: str | None
    auto_close: bool
    timestamp: str
    read: bool


class AnybodysNotification(Notification):
    user_id: str


class EverybodysNotifications(BaseModel):
    notifications: list[AnybodysNotification]
    total: int


class Sent(BaseModel):
    notification_ids: list[str]
    channels: list[str]


class NotificationPage(BaseModel):
    notifications: list[Notification]
    total: int
    unread: int
    page: int
    page_size: int


class UsedTokens(BaseModel):
    day: str
    user_id: str
    provider: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class BudgetState(BaseModel):
    tokens_per_day: int
    used: int
    tokens_per_user_per_day: int
    used_by_user: int


class TokenUsage(BaseModel):
    usage: list[UsedTokens]
    total_tokens: int
    budget: BudgetState


class AuditEntry(BaseModel):
    id: int
    at: str
    user_id: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditPage(BaseModel):
    entries: list[AuditEntry]
    next: int | None


class WasRead(BaseModel):
    id: str
    read: Literal[True]


class Stats(BaseModel):
    total_connections: int
    active_connections: int
    messages_sent: int
    messages_received: int
    disconnections: int
    errors: int
    active_users: int
    active_sessions: int
    total_user_connections: int
    total_session_connections: int
    error_rate: float
    uptime_seconds: float


class Connection(BaseModel):
    connection_id: str
    user_id: str
    session_id: str | None
    sessions: list[str]
    connected_at: str
    last_ping: str | None
    last_pong: str
    is_alive: bool
    metadata: dict[str, Any]


class ConnectionList(BaseModel):
    connections: list[Connection]
    total: int


class SessionList(BaseModel):
    sessions: list[dict[str, Any]]
    total: int


class UserList(BaseModel):
    users: list[dict[str, Any]]
    total: int


class EventList(BaseModel):
    events: list[dict[str, Any]]
    total: int


class AdminHealth(BaseModel):
    status: Literal["healthy", "unhealthy"]
    storage: Literal["up", "down"]
    connections: dict[str, int]
    error_rate: float
    uptime_seconds: float
    server_time: str


class Disconnected(BaseModel):
    user_id: str
    disconnected: int


class ConnectionClosed(BaseModel):
    connection_id: str
    disconnected: Literal[True]


class Ping(BaseModel):
    connection_id: str
    alive: bool
    latency_ms: float | None


class Pings(BaseModel):
    user_id: str
    connections: list[Ping]


class Models(BaseModel):
    """OpenAI's list of models."""

    object: Literal["list"]
    data: list[dict[str, Any]]


class ChatCompletion(BaseModel):
    """OpenAI's chat completion; with `"stream": true` the answer is server-sent events instead."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any]

"""What the server says over WebSocket, as models by message type; tests hold every transcript to them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, RootModel

from text2sql_ws.web.interface.shapes import (
    Error,
    Explanation,
    Level,
    ResultColumn,
    Results,
    Row,
    Stats,
    Visualization,
)

TokenKind = Literal["reasoning", "sql", "explanation"]


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Warned(BaseModel):
    code: str
    message: str


# --- text2sql: the `data` of each type ------------------------------------------------------------------


class KnownQuery(BaseModel):
    query_id: str
    query: str
    status: Literal["running", "completed", "failed", "cancelled"]
    stage: str
    sql: str | None = None


class ConnectionAck(BaseModel):
    status: Literal["connected"]
    session_id: str
    server_time: str
    heartbeat_interval: float
    epoch: str
    resumed: bool
    replayed: int
    reason: Literal["expired", "gap", "epoch", "unknown"] | None = None
    last_sequence: int
    queries: list[KnownQuery]


class HeartbeatFrame(BaseModel):
    server_time: str
    status: Literal["alive"] | None = None


class QueryStart(BaseModel):
    query_id: str
    query: str
    start_time: str
    retry_of: str | None = None


class Progress(BaseModel):
    stage: str
    progress: int
    message: str
    details: dict[str, Any] | None
    estimated_time_remaining: int | None


class QueryProgress(BaseModel):
    query_id: str
    timestamp: str
    progress: Progress


class QueryToken(BaseModel):
    query_id: str
    kind: TokenKind
    delta: str
    index: int
    attempt: int


class QuerySql(BaseModel):
    query_id: str
    sql: str
    attempt: int


class QueryResult(BaseModel):
    query_id: str
    chunk_index: int
    row_offset: int
    columns: list[ResultColumn]
    rows: list[Row]
    is_last: bool


class QueryComplete(BaseModel):
    query_id: str
    sql: str | None
    results: Results
    explanation: Explanation
    visualization: Visualization
    execution_time: float
    completed_at: str
    usage: Usage | None = None
    attempts: int
    warnings: list[Warned]


class QueryError(BaseModel):
    """Of a query, or of a message that was not carried out: then `query_id` is there where it named one."""

    query_id: str | None = None
    error: str
    code: str
    level: Level
    title: str
    suggestion: str
    can_retry: bool
    stage: str | None
    error_time: str
    retry_after: int | None = None


class QueryCancel(BaseModel):
    query_id: str
    cancelled_at: str


class FeedbackTaken(BaseModel):
    status: Literal["received"]
    message: str


class Refreshed(BaseModel):
    expires_at: str


class SystemStatus(BaseModel):
    message: str
    type: str


TEXT2SQL: Mapping[str, type[BaseModel]] = {
    "connection_ack": ConnectionAck,
    "heartbeat": HeartbeatFrame,
    "query_start": QueryStart,
    "query_progress": QueryProgress,
    "query_token": QueryToken,
    "query_sql": QuerySql,
    "query_result": QueryResult,
    "query_complete": QueryComplete,
    "query_error": QueryError,
    "query_cancel": QueryCancel,
    "user_feedback": FeedbackTaken,
    "token_refreshed": Refreshed,
    "system_status": SystemStatus,
}
"""The `data` of each type of `text2sql`."""

# --- chat and its monitor: what stands beside `type` and `timestamp` ------------------------------------


class Timed(BaseModel):
    timestamp: str


class Established(Timed):
    server_time: str
    connection_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    heartbeat_interval: float | None = None


class InSession(Timed):
    session_id: str
    user_id: str
    members: list[str] | None = None


class TypingFrame(Timed):
    session_id: str
    user_id: str
    is_typing: bool


class ChatMessage(BaseModel):
    id: str
    session_id: str
    role: Literal["user", "assistant"]
    content: str
    user_id: str | None = None
    created_at: str
    sql: str | None = None
    results: dict[str, Any] | None = None
    visualization: dict[str, Any] | None = None


class NewMessage(Timed):
    message: ChatMessage


class StatusUpdate(Timed):
    message_id: str
    status: Literal["sent", "delivered", "read"]
    client_id: str | None = None
    user_id: str | None = None


class Processing(Timed):
    session_id: str
    message_id: str
    status: Literal["started", "processing", "completed", "failed", "cancelled"]
    stage: str | None
    progress: int | None
    error: Error | None = None


class MessageDelta(Timed):
    session_id: str
    message_id: str
    kind: TokenKind
    delta: str
    index: int


class Notified(BaseModel):
    id: str
    title: str
    message: str
    type: Literal["info", "success", "warning", "error", "urgent"]
    action_url: str | None
    auto_close: bool
    timestamp: str


class NotificationFrame(Timed):
    notification: Notified


class ErrorFrame(Timed):
    code: str
    level: Level
    title: str
    message: str
    suggestion: str
    can_retry: bool
    request: str | None = None
    retry_after: int | None = None


class RefreshedFrame(Timed):
    expires_at: str


class CloseFrame(Timed):
    reason: str


CHAT: Mapping[str, type[BaseModel]] = {
    "connection_established": Established,
    "session_joined": InSession,
    "session_left": InSession,
    "session_shared": InSession,
    "typing": TypingFrame,
    "new_message": NewMessage,
    "message_status_update": StatusUpdate,
    "ai_processing_status": Processing,
    "message_delta": MessageDelta,
    "notification": NotificationFrame,
    "error": ErrorFrame,
    "token_refreshed": RefreshedFrame,
    "connection_close": CloseFrame,
    "ping": Timed,
    "pong": Timed,
}


class StatsUpdate(Timed):
    stats: Stats


class UserStatus(Timed):
    user_id: str
    status: Literal["online", "offline"]


class Alert(Timed):
    level: Level
    message: str


class CommandResult(Timed):
    command: str
    ok: bool
    detail: Any


MONITOR: Mapping[str, type[BaseModel]] = {
    "stats_update": StatsUpdate,
    "user_status_update": UserStatus,
    "alert": Alert,
    "command_result": CommandResult,
    "notification": NotificationFrame,
    "error": ErrorFrame,
    "token_refreshed": RefreshedFrame,
    "connection_close": CloseFrame,
    "connection_established": Established,
    "ping": Timed,
    "pong": Timed,
}

# --- scm: the `data` of each type -----------------------------------------------------------------------


class Connect(BaseModel):
    connectionId: str  # noqa: N815 - as the wire has it
    heartbeatInterval: float  # noqa: N815


class SystemMessage(BaseModel):
    message: str


class StreamStart(BaseModel):
    messageId: str  # noqa: N815
    model: str | None
    provider: str | None
    requestId: str | None  # noqa: N815
    conversationId: str | None  # noqa: N815


class StreamData(BaseModel):
    """`content` and `delta` are the same new fragment."""

    messageId: str  # noqa: N815
    content: str
    delta: str
    index: int


class StreamEnd(BaseModel):
    messageId: str  # noqa: N815
    finished: Literal[True]
    totalTokens: int  # noqa: N815
    duration: int
    finishReason: Literal["completed", "length", "cancelled", "error"]  # noqa: N815


class ChatResponse(BaseModel):
    messageId: str  # noqa: N815
    content: str
    model: str | None
    provider: str | None
    totalTokens: int  # noqa: N815
    duration: int
    finishReason: Literal["completed", "length", "cancelled", "error"]  # noqa: N815


class ScmConversation(BaseModel):
    conversationId: str  # noqa: N815
    title: str
    createdAt: int  # noqa: N815
    updatedAt: int  # noqa: N815
    messageCount: int  # noqa: N815


class ScmDeleted(BaseModel):
    conversationId: str  # noqa: N815
    deleted: Literal[True]


class ScmConversations(BaseModel):
    sessions: list[ScmConversation]
    total: int
    page: int
    pageSize: int  # noqa: N815


class ScmMessages(BaseModel):
    conversationId: str  # noqa: N815
    messages: list[dict[str, Any]]
    hasMore: bool  # noqa: N815


class Anything(BaseModel):
    """As its sender has it."""


class ScmHeartbeat(BaseModel):
    serverTime: int  # noqa: N815


class ScmError(RootModel[str]):
    """The text itself; `code`, `suggestion` and `requestId` stand beside it."""


class ScmWarning(BaseModel):
    """`requestId` stands beside it."""

    message: str


class ScmRefreshed(BaseModel):
    """In milliseconds since 1970, as all times in `data`."""

    expires_at: int


class ScmClosing(BaseModel):
    reason: str


SCM: Mapping[str, type[BaseModel]] = {
    "CONNECT": Connect,
    "SYSTEM_MESSAGE": SystemMessage,
    "HEARTBEAT": ScmHeartbeat,
    "CHAT_STREAM_START": StreamStart,
    "CHAT_STREAM_DATA": StreamData,
    "CHAT_STREAM_END": StreamEnd,
    "CHAT_RESPONSE": ChatResponse,
    "SESSION_CREATE": ScmConversation,
    "SESSION_UPDATE": ScmConversation,
    "SESSION_DELETE": ScmDeleted,
    "SESSION_LIST": ScmConversations,
    "SESSION_MESSAGES": ScmMessages,
    "TYPING_START": Anything,
    "TYPING_STOP": Anything,
    "ONLINE_STATUS": Anything,
    "TOKEN_REFRESHED": ScmRefreshed,
    "ERROR": ScmError,
    "WARNING": ScmWarning,
    "DISCONNECT": ScmClosing,
}
"""The `data` of each type of `scm`."""

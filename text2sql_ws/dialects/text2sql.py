"""The dialect `text2sql`: JSON envelopes over WebSocket, to the letter of `wire.md` 2. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal, assert_never

import orjson
from pydantic import Field

from text2sql_ws.clock import iso
from text2sql_ws.commands import (
    Ask,
    Cancel,
    Command,
    DataSourceChoice,
    Feedback,
    Heartbeat,
    RefreshToken,
    Retry,
)
from text2sql_ws.dialects import bodies
from text2sql_ws.dialects.bodies import Body
from text2sql_ws.dialects.incoming import Incoming, read, read_json, read_question
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Closing,
    Connected,
    FeedbackReceived,
    HeartbeatAnswered,
    HeartbeatSent,
    MessageRefused,
    Notice,
    Notified,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    RowsReady,
    SourceChosen,
    SqlDrafted,
    SqlFailed,
    SqlReady,
    StageProgressed,
    Stamped,
    StatusAnnounced,
    Token,
    TokenRefreshed,
)
from text2sql_ws.ids import new_id
from text2sql_ws.texts import Locale, say


class Text2Sql:
    """`user_id` is sent as it stands: a string, or the number 1 where nobody logs in."""

    __slots__ = ("_after_id", "_before_time", "_locale", "_question_chars")

    name: ClassVar[str] = "text2sql"

    def __init__(self, session_id: str, user_id: str | int, locale: Locale, question_chars: int) -> None:
        # As parts of other bytes: what orjson returns holds on to four kilobytes, however short it is.
        self._before_time = b'","session_id":%b,"timestamp":"' % orjson.dumps(session_id)
        self._after_id = b'","user_id":%b' % orjson.dumps(user_id)
        self._locale = locale
        self._question_chars = question_chars

    # --- in -------------------------------------------------------------------------------------

    def parse(self, text: str) -> Command:
        message = read(_Message, read_json(text))
        reader = _READERS.get(message.type)
        if reader is None:
            known = ", ".join(_READERS)
            raise Fault(
                Code.UNKNOWN_MESSAGE_TYPE, say("message.unknown_type", type=message.type[:100], known=known)
            )
        return reader(self, message.data)

    def _read_ask(self, data: Body) -> Command:
        body = read(_QueryRequest, data, "data")
        question = read_question(body.query, self._question_chars)
        options = body.options or _Options()
        return Ask(
            question=question,
            datasource=_choice(body.database_config or _DatabaseConfig()),
            locale=options.locale or self._locale,
            **options.model_dump(exclude={"locale"}),
        )

    def _read_cancel(self, data: Body) -> Command:
        return Cancel(read(_QueryId, data, "data").query_id)

    def _read_retry(self, data: Body) -> Command:
        return Retry(read(_QueryId, data, "data").query_id)

    def _read_heartbeat(self, _: Body) -> Command:
        return Heartbeat()

    def _read_feedback(self, data: Body) -> Command:
        body = read(_Feedback, data, "data")
        understood: _Understood = (
            read(_Understood, body.feedback, "data.feedback")
            if isinstance(body.feedback, dict)
            else _Understood()
        )
        return Feedback(body.query_id, body.feedback, understood.rating, understood.sql)

    def _read_refresh(self, data: Body) -> Command:
        return RefreshToken(read(_Refresh, data, "data").token)

    # --- out ------------------------------------------------------------------------------------

    def render(self, stamped: Stamped, sequence: int) -> bytes | None:
        at, query_id, locale = iso(stamped.at), stamped.query_id, stamped.locale
        match stamped.event:
            case Token() as event:
                return self._token(event, query_id, at, sequence)
            case QueryStarted() as event:
                kind, data = "query_start", bodies.started(event, at)
            case StageProgressed() as event:
                kind, data = "query_progress", bodies.progressed(event, at, stamped.remaining_seconds, locale)
            case SourceChosen() as event:
                kind, data = "query_progress", bodies.chosen(event, at, stamped.remaining_seconds, locale)
            case SqlDrafted(replaced=()):
                return None
            case SqlDrafted() as event:
                kind, data = "query_progress", bodies.expanded(event, at, stamped.remaining_seconds, locale)
            case SqlReady(sql=sql, attempt=attempt):
                kind, data = "query_sql", {"sql": sql, "attempt": attempt}
            case SqlFailed() as event:
                kind, data = "query_progress", bodies.rewriting(event, at, stamped.remaining_seconds, locale)
            case RowsReady() as event:
                kind, data = "query_result", bodies.rows(event)
            case QueryCompleted() as event:
                kind, data = "query_complete", bodies.completed(event, at, locale)
            case QueryFailed(fault=fault, stage=stage):
                kind, data = "query_error", bodies.failed(fault, stage, at, locale)
            case QueryCancelled():
                kind, data = "query_cancel", {"cancelled_at": at}
            case other:
                assert_never(other)
        return self._envelope(kind, {"query_id": query_id, **data}, at, sequence)

    def notice(self, notice: Notice, at: datetime) -> bytes:
        if isinstance(notice, StatusAnnounced):  # before all else: thousands may be told the same at once
            return self._announcement(*bodies.announced(notice, at))
        when = iso(at)
        match notice:
            case Connected():
                return self._envelope("connection_ack", bodies.connected(notice, when), when)
            case HeartbeatSent():
                return self._envelope("heartbeat", {"server_time": when}, when)
            case HeartbeatAnswered():
                return self._envelope("heartbeat", {"status": "alive", "server_time": when}, when)
            case FeedbackReceived():
                message = say("feedback.received").in_(self._locale)
                return self._envelope("user_feedback", {"status": "received", "message": message}, when)
            case MessageRefused(fault=fault, query_id=query_id):
                named = {"query_id": query_id} if query_id is not None else {}
                return self._envelope(
                    "query_error", named | bodies.failed(fault, None, when, self._locale), when
                )
            case TokenRefreshed(expires_at=expires_at):
                return self._envelope("token_refreshed", {"expires_at": iso(expires_at)}, when)
            case Notified():
                return self._envelope("system_status", bodies.notified(notice), when)
            case Closing(reason=reason):
                return orjson.dumps({"type": "connection_close", "reason": reason, "timestamp": when})
            case other:
                assert_never(other)

    def _announcement(self, kind: bytes, what: bytes) -> bytes:
        """The same envelope round what was encoded once; only whose it is differs."""
        return b"".join((b'{"type":"', kind, self._before_time, what, self._after_id, b"}"))

    def _envelope(self, kind: str, data: Body, at: str, sequence: int | None = None) -> bytes:
        numbered = b"" if sequence is None else b',"sequence":%d' % sequence
        return b'{"type":"%b%b%b","data":%b,"message_id":"%b%b%b}' % (
            kind.encode(),
            self._before_time,
            at.encode(),
            orjson.dumps(data),
            new_id().encode(),
            self._after_id,
            numbered,
        )

    def _token(self, event: Token, query_id: str, at: str, sequence: int) -> bytes:
        """The same by hand: there are thousands a second, which are alike but for seven places."""
        return (
            b'{"type":"query_token%b%b","data":{"query_id":%b,"kind":"%b","delta":%b,"index":%d,"attempt":%d}'
            b',"message_id":"%b%b,"sequence":%d}'
        ) % (
            self._before_time,
            at.encode(),
            orjson.dumps(query_id),
            event.kind.encode(),
            orjson.dumps(event.delta),
            event.number,
            event.attempt,
            new_id().encode(),
            self._after_id,
            sequence,
        )


# --- the shapes that come in ------------------------------------------------------------------------


class _Message(Incoming):
    type: str
    data: dict[str, Any] = Field(default_factory=dict)


class _DatabaseConfig(Incoming):
    datasource: str | None = None
    type: str | None = None
    host: str | None = None
    port: int | None = None
    user: str | None = None
    username: str | None = None
    password: str | None = None
    database: str | None = None
    path: str | None = None


class _Options(Incoming):
    provider: str | None = None
    model: str | None = None
    locale: Locale | None = None
    max_rows: int | None = Field(default=None, ge=1)
    chunk_rows: int | None = Field(default=None, ge=1, le=100_000)
    timeout: float | None = Field(default=None, gt=0)
    explain: bool = True
    visualize: bool = True
    conversation_id: str | None = Field(default=None, min_length=1, max_length=200)
    cache: bool = False


class _QueryRequest(Incoming):
    query: str
    database_config: _DatabaseConfig | None = None
    options: _Options | None = None


class _QueryId(Incoming):
    query_id: str = Field(min_length=1, max_length=200)


class _Feedback(_QueryId):
    feedback: Any


class _Refresh(Incoming):
    token: str = Field(min_length=1)


class _Understood(Incoming):
    rating: Literal[-1, 0, 1] | None = None
    sql: str | None = None


def _choice(config: _DatabaseConfig) -> DataSourceChoice:
    given = config.model_dump(exclude_none=True, exclude={"datasource", "type"})
    return DataSourceChoice(config.datasource, config.type, tuple(given.items()))


_READERS: Mapping[str, Callable[[Text2Sql, Body], Command]] = {
    "query_request": Text2Sql._read_ask,
    "query_cancel": Text2Sql._read_cancel,
    "heartbeat": Text2Sql._read_heartbeat,
    "user_feedback": Text2Sql._read_feedback,
    "query_retry": Text2Sql._read_retry,
    "refresh_token": Text2Sql._read_refresh,
}

INCOMING: Mapping[str, type[Incoming]] = {
    "query_request": _QueryRequest,
    "query_cancel": _QueryId,
    "heartbeat": Incoming,
    "user_feedback": _Feedback,
    "query_retry": _QueryId,
    "refresh_token": _Refresh,
}
"""The `data` of each type: these models are what messages are held to, and what is told of them."""

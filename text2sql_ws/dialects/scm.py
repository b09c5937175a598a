"""The dialect `scm`: one envelope both ways; answers as START, DATA, END, to the letter of `wire.md` 5. Pure.

What is asked for is read in `scm_commands.py`. The dialect of one connection; it knows of the answers under
way there what `expect` told it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, assert_never

import orjson

from text2sql_ws.clock import iso
from text2sql_ws.dialects import bodies
from text2sql_ws.dialects.dialect import Frames
from text2sql_ws.dialects.scm_commands import Received, ScmCommand, command, receive
from text2sql_ws.dialects.wording import Wording
from text2sql_ws.errors import Fault
from text2sql_ws.events import (
    Closing,
    Connected,
    Ending,
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
    Stamped,
    StatusAnnounced,
    TokenRefreshed,
)
from text2sql_ws.texts import Locale, Text, say
from text2sql_ws.token_estimate import tokens_in

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What START says of an answer to come."""

    request_id: str = ""
    conversation_id: str = ""
    provider: str = ""
    model: str = ""
    streaming: bool = True


@dataclass(slots=True)
class _Reply:
    """An answer under way: its words so far, and how many fragments of them were sent."""

    expected: Expected
    question: str
    wording: Wording = field(default_factory=Wording)
    sent: int = 0


class Scm:
    name: ClassVar[str] = "scm"

    def __init__(self, session_id: str, user_id: str, locale: Locale, question_chars: int) -> None:
        self._session_id = session_id
        self._user_id = user_id
        self._locale = locale
        self._question_chars = question_chars
        self._expected: dict[str, Expected] = {}
        self._replies: dict[str, _Reply] = {}

    @property
    def locale(self) -> Locale:
        return self._locale

    # --- in -------------------------------------------------------------------------------------

    def receive(self, text: str) -> Received:
        """Read a message's envelope. Raises `Fault` INVALID_MESSAGE."""
        return receive(text)

    def command(self, received: Received) -> ScmCommand:
        """What a message asks for. Raises `Fault` INVALID_MESSAGE, UNKNOWN_MESSAGE_TYPE, INVALID_QUESTION."""
        return command(received, self._question_chars)

    # --- out: answers ---------------------------------------------------------------------------

    def expect(self, query_id: str, expected: Expected) -> None:
        """Say what the answer `query_id` will be, before any event of it is rendered."""
        self._expected[query_id] = expected

    def render(self, stamped: Stamped, sequence: int) -> Frames:
        """The frames for an event of an answer; scm counts an answer's fragments, not events."""
        match stamped.event:
            case QueryStarted(query=question):
                return self._start(stamped, question)
            case QueryCompleted() | QueryFailed() | QueryCancelled() as ending:
                reply = self._replies.pop(stamped.query_id, None) or _unexpected()
                return self._end(stamped, reply, ending)
            case _:
                reply = self._replies.get(stamped.query_id) or _unexpected()
                return self._fragment(stamped, reply)

    def _start(self, stamped: Stamped, question: str) -> bytes | None:
        expected = self._expected.pop(stamped.query_id, Expected())
        self._replies[stamped.query_id] = _Reply(expected, question)
        if not expected.streaming:
            return None
        data = {
            "messageId": stamped.query_id,
            "model": expected.model,
            "provider": expected.provider,
            "requestId": expected.request_id,
            "conversationId": expected.conversation_id,
        }
        return self.envelope("CHAT_STREAM_START", data, stamped.at)

    def _fragment(self, stamped: Stamped, reply: _Reply) -> bytes | None:
        """What `stamped` adds to the answer, which a client that wants it whole gets at the end."""
        words = reply.wording.hear(stamped.event)
        if not words or not reply.expected.streaming:
            return None
        data = {"messageId": stamped.query_id, "content": words, "delta": words, "index": reply.sent}
        reply.sent += 1
        return self.envelope("CHAT_STREAM_DATA", data, stamped.at)

    def _end(self, stamped: Stamped, reply: _Reply, ending: Ending) -> tuple[bytes, ...]:
        rest = self._fragment(stamped, reply)
        frames: tuple[bytes, ...] = () if rest is None else (rest,)
        if isinstance(ending, QueryFailed):
            frames += (self.error(ending.fault, stamped.at, reply.expected.request_id, stamped.query_id),)
        closing = {
            "messageId": stamped.query_id,
            "totalTokens": _tokens(reply, ending),
            "duration": round(stamped.elapsed * 1000),
            "finishReason": _finish(ending),
        }
        if reply.expected.streaming:
            return (*frames, self.envelope("CHAT_STREAM_END", {"finished": True} | closing, stamped.at))
        whole = {
            "content": reply.wording.text,
            "model": reply.expected.model,
            "provider": reply.expected.provider,
            "requestId": reply.expected.request_id,
            "conversationId": reply.expected.conversation_id,
        }
        return (*frames, self.envelope("CHAT_RESPONSE", closing | whole, stamped.at))

    # --- out: what belongs to no answer ---------------------------------------------------------

    def notice(self, notice: Notice, at: datetime) -> bytes:
        match notice:
            case Connected(session_id=session_id, heartbeat_seconds=seconds):
                return self.connect(session_id, seconds, at)
            case HeartbeatSent() | HeartbeatAnswered():
                return self.envelope("HEARTBEAT", {"serverTime": milliseconds(at)}, at)
            case MessageRefused(fault=fault):
                return self.error(fault, at)
            case TokenRefreshed(expires_at=expires_at):
                return self.envelope("TOKEN_REFRESHED", {"expires_at": milliseconds(expires_at)}, at)
            case StatusAnnounced(message=text, kind=kind):
                return self.envelope("SYSTEM_MESSAGE", {"message": text, "type": kind}, at)
            case Notified():
                return self.envelope("SYSTEM_MESSAGE", bodies.notified(notice), at)
            case FeedbackReceived():
                return self.system(say("feedback.received"), at)
            case Closing(reason=reason):
                return self.envelope("DISCONNECT", {"reason": reason}, at)
            case other:
                assert_never(other)

    def connect(self, connection_id: str, heartbeat_seconds: float, at: datetime) -> bytes:
        """The first thing a connection hears. The interval is in milliseconds, as all times in `data`."""
        interval = round(heartbeat_seconds * 1000)
        return self.envelope("CONNECT", {"connectionId": connection_id, "heartbeatInterval": interval}, at)

    def system(self, message: Text, at: datetime) -> bytes:
        return self.envelope("SYSTEM_MESSAGE", {"message": message.in_(self._locale)}, at)

    def warning(self, message: Text, at: datetime, request_id: str = "") -> bytes:
        said = {"message": message.in_(self._locale)}
        return self.envelope("WARNING", said, at, {"requestId": request_id} if request_id else {})

    def error(
        self, fault: Fault, at: datetime, request_id: str | None = None, message_id: str | None = None
    ) -> bytes:
        """`data` is the text itself, for pages that show it as it stands; the rest stands beside it."""
        entry = fault.entry
        beside = {
            "code": fault.code.value,
            "level": entry.level,
            "title": entry.title.in_(self._locale),
            "suggestion": entry.suggestion.in_(self._locale),
            "canRetry": entry.can_retry,
            "requestId": request_id or None,
            "messageId": message_id,
            "retryAfter": fault.retry_after,
        }
        wanted = {name: value for name, value in beside.items() if value is not None or name == "requestId"}
        return self.envelope("ERROR", fault.message.in_(self._locale), at, wanted)

    def envelope(self, kind: str, data: object, at: datetime, beside: Body | None = None) -> bytes:
        envelope = {
            "type": kind,
            "sessionId": self._session_id,
            "userId": self._user_id,
            "data": data,
            "timestamp": iso(at),
        }
        return orjson.dumps(envelope | dict(beside or {}))

    # --- out: conversations ---------------------------------------------------------------------

    def conversation(self, kind: str, about: Body, at: datetime, request_id: str | None) -> bytes:
        """The answer to one of the `SESSION_…` requests: of its type, and with its id where it had one."""
        named = {"requestId": request_id} if request_id else {}
        return self.envelope(kind, dict(about) | named, at)


def conversation_body(name: str, title: str, created: datetime, updated: datetime, messages: int) -> Body:
    return {
        "conversationId": name,
        "title": title,
        "createdAt": milliseconds(created),
        "updatedAt": milliseconds(updated),
        "messageCount": messages,
    }


def list_body(sessions: Sequence[Body], total: int, page: int, size: int) -> Body:
    return {"sessions": list(sessions), "total": total, "page": page, "pageSize": size}


def messages_body(name: str, messages: Sequence[Body], has_more: bool) -> Body:
    return {"conversationId": name, "messages": list(messages), "hasMore": has_more}


def message_body(
    message_id: str, parent_id: str | None, role: str, content: str, created: datetime, position: int
) -> Body:
    return {
        "messageId": message_id,
        "parentMessageId": parent_id,
        "role": role,
        "content": content,
        "createdAt": milliseconds(created),
        "position": position,
    }


def milliseconds(at: datetime) -> int:
    """Since 1970, as JavaScript's `Date.now()`."""
    return round(at.timestamp() * 1000)


def _unexpected() -> _Reply:
    """An event without a start was never sent by us; it is rendered all the same, as of an unknown answer."""
    return _Reply(Expected(), "")


def _finish(ending: Ending) -> str:
    match ending:
        case QueryCompleted(answer=answer):
            return "length" if answer.cut_short else "completed"
        case QueryFailed():
            return "error"
        case QueryCancelled():
            return "cancelled"


def _tokens(reply: _Reply, ending: Ending) -> int:
    """What the model reported, else an estimate from what was asked and said."""
    if isinstance(ending, QueryCompleted) and ending.answer.usage is not None:
        return ending.answer.usage.total_tokens
    return tokens_in(reply.question) + tokens_in(reply.wording.text)

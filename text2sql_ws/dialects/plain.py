"""The dialect `plain`: frames of plain text over WebSocket, to the letter of `wire.md` 3. Pure.

It tells one query at a time: `begin` comes before the query's first event.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Self, assert_never

import orjson

from text2sql_ws.commands import Ask, Cancel, DataSourceChoice
from text2sql_ws.dialects import plain_words as words
from text2sql_ws.dialects.dialect import Frames
from text2sql_ws.dialects.incoming import Incoming, read, read_json, read_question
from text2sql_ws.dialects.whole import WholeRows
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
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
    Stage,
    StageProgressed,
    Stamped,
    StatusAnnounced,
    Token,
    TokenRefreshed,
)
from text2sql_ws.texts import Text, say

OF_THE_DATABASE = frozenset({Code.SQL_EXECUTION_FAILED, Code.SQL_SYNTAX_ERROR})
"""What a database says of SQL: after a rewrite without SQL, the last refusal is how the query failed."""


class Delta(bytes):
    """A frame of the model's text; `delta` is what is new in it."""

    delta: str

    @classmethod
    def of(cls, frame: str, delta: str) -> Self:
        made = cls(frame.encode())
        made.delta = delta
        return made


@dataclass(slots=True)
class _Story:
    """How far the telling of one query has come. `ran` is the attempt that the database was last asked."""

    rows: WholeRows | None = None
    model_asked: bool = False
    done: bool = False
    drafted: int = 0
    ran: int = 0
    sql: str | None = None
    said: list[str] = field(default_factory=list)


class Plain:
    """`cumulative`: each frame of the model's text holds all of it so far. `whole_bytes` bounds a result."""

    name: ClassVar[str] = "plain"

    def __init__(self, question_chars: int, whole_bytes: int, *, cumulative: bool = False) -> None:
        self._question_chars = question_chars
        self._whole_bytes = whole_bytes
        self._cumulative = cumulative
        self._story = _Story()
        self.is_telling = False

    def begin(self, *, return_result: bool) -> None:
        """The next event is the first of another query, whose client wants its rows at the end, or not."""
        self._story = _Story(WholeRows(self._whole_bytes) if return_result else None)
        self.is_telling = True

    # --- in -------------------------------------------------------------------------------------

    def parse(self, text: str) -> Ask | Cancel:
        body = read_json(text)
        kind = read(_Message, body).type
        reader = _READERS.get(kind)
        if reader is None:
            known = ", ".join(_READERS)
            raise Fault(Code.UNKNOWN_MESSAGE_TYPE, say("message.unknown_type", type=kind[:100], known=known))
        return reader(self, body)

    def _read_ask(self, body: dict[str, Any]) -> Ask:
        message = read(_Query, body)
        return Ask(
            question=read_question(message.query, self._question_chars),
            datasource=DataSourceChoice(message.datasource),
            explain=False,
            visualize=False,
            return_result=message.return_result or False,
        )

    def _read_cancel(self, _: dict[str, Any]) -> Cancel:
        return Cancel("")

    # --- out ------------------------------------------------------------------------------------

    def render(self, stamped: Stamped, sequence: int) -> Frames:
        match stamped.event:
            case QueryStarted():
                return words.STARTED.encode()
            case StageProgressed(stage=stage):
                return self._reached(stage)
            case Token(kind="sql") as token:
                return self._said(token)
            case SqlDrafted() as drafted:
                return self._drafted(drafted)
            case SqlReady(sql=sql):
                self._story.sql = sql
            case SqlFailed(fault=fault):
                return _frames(self._refused(fault.message), words.REWRITING)
            case RowsReady() as rows:
                if self._story.rows is not None:
                    self._story.rows.take(rows)
            case QueryCompleted(answer=answer):
                return self._completed(answer)
            case QueryFailed(fault=fault, stage=stage):
                return self._ended(*self._failed(fault, stage))
            case QueryCancelled():
                return self._ended(words.CANCELLED)
            case SourceChosen() | Token():
                pass
            case other:
                assert_never(other)
        return None

    def _reached(self, stage: Stage) -> Frames:
        story = self._story
        match stage:
            case Stage.GENERATING_SQL if not story.model_asked:
                story.model_asked = True
                return words.CALLING.encode()
            case Stage.VALIDATING_SQL:
                return _frames(*self._done())
            case Stage.EXECUTING_SQL if story.ran < story.drafted:
                story.ran = story.drafted
                return (words.EXECUTING if story.ran == 1 else words.EXECUTING_REWRITTEN).encode()
            case _:
                return None

    def _said(self, token: Token) -> Frames:
        story = self._story
        if token.attempt > 1:
            story.said.append(token.delta)
            return None
        if not self._cumulative and token.parts:
            return tuple(Delta.of(part, part) for part in token.parts)
        if not self._cumulative:
            return Delta.of(token.delta, token.delta)
        story.said.append(token.delta)
        story.said = ["".join(story.said)]
        return Delta.of(story.said[0], token.delta)

    def _drafted(self, drafted: SqlDrafted) -> Frames:
        self._story.drafted = drafted.attempt
        self._story.said.clear()
        if drafted.attempt == 1:
            return _frames(*self._done(), words.FINAL.format(drafted.sql))
        return _frames(words.REWRITE.format(drafted.text), words.REWRITTEN.format(drafted.sql))

    def _done(self) -> tuple[str, ...]:
        """That the model has said all: once, and only where it was asked."""
        if self._story.done or not self._story.model_asked:
            return ()
        self._story.done = True
        return (words.DONE,)

    def _completed(self, answer: Answer) -> Frames:
        if answer.sql is None:
            return self._ended(*self._done(), words.NO_SQL)
        told = (
            words.SUCCEEDED.format(answer.results.row_count)
            if answer.attempts == 1
            else words.REWRITTEN_SUCCEEDED
        )
        self.is_telling = False
        return _frames(told, *self._result(answer))

    def _result(self, answer: Answer) -> tuple[str | bytes, ...]:
        rows = self._story.rows
        if rows is None:
            return ()
        if not rows.is_whole:
            return (_error(say("plain.result_too_large", limit=f"{self._whole_bytes:,}").zh),)
        truncated = {"truncated": True} if answer.results.truncated else {}
        sql = self._story.sql or answer.sql
        body = {"status": "success", "sql": sql, "result": orjson.Fragment(rows.json())}
        return (orjson.dumps(body | truncated),)

    def _failed(self, fault: Fault, stage: Stage) -> tuple[str, ...]:
        why = fault.message.zh
        match stage:
            case Stage.EXECUTING_SQL if fault.code is not Code.UNKNOWN_ERROR:
                return (self._refused(fault.message),)
            case Stage.GENERATING_SQL if fault.code is Code.SQL_GENERATION_FAILED:
                return (*self._done(), words.NO_SQL)
            case Stage.GENERATING_SQL if self._story.ran and fault.code in OF_THE_DATABASE:
                return (words.REWRITE.format("".join(self._story.said)), words.NO_SQL)
            case _:
                return (words.UNFORESEEN.format(why),)

    def _refused(self, why: Text) -> str:
        return (words.FAILED if self._story.drafted <= 1 else words.REWRITTEN_FAILED).format(why.zh)

    def _ended(self, *told: str) -> Frames:
        """The last frames of a query that has no rows to show; the last of them says why."""
        self.is_telling = False
        wanted = self._story.rows is not None
        return _frames(*told, *((_error(told[-1]),) if wanted else ()))

    def notice(self, notice: Notice, at: datetime) -> bytes:
        match notice:
            case MessageRefused(fault=fault):
                return words.refusal(fault).encode()
            case StatusAnnounced(message=message) | Notified(message=message):
                return message.encode()
            case Closing(reason=reason):
                return words.CLOSINGS.get(reason, reason).encode()
            case Connected() | HeartbeatSent() | HeartbeatAnswered() | FeedbackReceived() | TokenRefreshed():
                return b""  # nobody is told so here: there are no words for it, and no command leads to it
            case other:
                assert_never(other)


def _error(message: str) -> bytes:
    return orjson.dumps({"status": "error", "message": message})


def _frames(*told: str | bytes) -> Frames:
    frames = tuple(frame.encode() if isinstance(frame, str) else frame for frame in told)
    return frames[0] if len(frames) == 1 else frames or None


# --- the shapes that come in ------------------------------------------------------------------------


class _Message(Incoming):
    type: str


class _Query(Incoming):
    type: Literal["query"]
    query: str
    return_result: bool | None = None
    datasource: str | None = None


_READERS: Mapping[str, Callable[[Plain, dict[str, Any]], Ask | Cancel]] = {
    "query": Plain._read_ask,
    "cancel": Plain._read_cancel,
}

INCOMING: Mapping[str, type[Incoming]] = {"query": _Query, "cancel": _Message}
"""The messages by type: these models are what they are held to, and what is told of them."""

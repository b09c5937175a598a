"""The dialect `chat`: flat JSON over WebSocket, to the letter of `wire.md` 4. Pure.

An answer's message bears its query's id. Frames say nothing of who reads them, so that one rendering serves
all members of a session.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, assert_never

from text2sql_ws.clock import iso
from text2sql_ws.dialects import bodies, flat
from text2sql_ws.dialects.bodies import Body
from text2sql_ws.dialects.chat_commands import READERS, ChatCommand, Send
from text2sql_ws.dialects.dialect import Frames
from text2sql_ws.dialects.incoming import read_question
from text2sql_ws.events import (
    PROGRESS,
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
from text2sql_ws.texts import Locale, Text, say


class Chat:
    """`session_id` and `question_id`: what the answer that `render` renders belongs to."""

    name: ClassVar[str] = "chat"

    def __init__(
        self, locale: Locale, question_chars: int, session_id: str = "", question_id: str = ""
    ) -> None:
        self._locale = locale
        self._question_chars = question_chars
        self._session_id = session_id
        self._question_id = question_id

    # --- in -------------------------------------------------------------------------------------

    def parse(self, text: str) -> ChatCommand:
        """Raises `Fault` INVALID_MESSAGE, UNKNOWN_MESSAGE_TYPE or INVALID_QUESTION."""
        command = flat.parse(text, READERS)
        if isinstance(command, Send):
            content = read_question(command.content, self._question_chars)
            return Send(command.session_id, content, command.client_id, command.datasource)
        return command

    # --- out ------------------------------------------------------------------------------------

    def render(self, stamped: Stamped, sequence: int = 0) -> Frames:
        match stamped.event:
            case QueryStarted():
                return self._status(stamped, "started", Stage.ANALYZING, 0)
            case StageProgressed(stage=stage, progress=progress, message=message):
                return self._status(stamped, "processing", stage, progress, message)
            case SourceChosen(name=name, progress=progress):
                message = say("progress.datasource", name=name)
                return self._status(stamped, "processing", Stage.SELECTING_DATASOURCE, progress, message)
            case SqlFailed(fault=fault, attempt=attempt, progress=progress):
                message = say("progress.rewriting", attempt=attempt, why=fault.message)
                return self._status(stamped, "processing", Stage.EXECUTING_SQL, progress, message)
            case Token() as token:
                return self._delta(stamped, token)
            case SqlDrafted() | SqlReady() | RowsReady():
                return None  # they are shown whole, in the answer's message
            case QueryCompleted(answer=answer):
                said = self._answered(stamped, answer)
                return said, self._status(stamped, "completed", Stage.COMPLETED, 100)
            case QueryFailed(fault=fault, stage=stage):
                error = {"error": flat.fault_body(fault, stamped.locale)}
                return self._status(stamped, "failed", stage, PROGRESS[stage], None, error)
            case QueryCancelled():
                return self._status(stamped, "cancelled", None, None)
            case other:
                assert_never(other)

    def notice(self, notice: Notice, at: datetime) -> bytes:
        match notice:
            case HeartbeatSent():
                return flat.frame("ping", at, {})
            case HeartbeatAnswered():
                return flat.frame("pong", at, {})
            case MessageRefused(fault=fault):
                return flat.error(fault, at, self._locale)
            case TokenRefreshed(expires_at=expires_at):
                return flat.frame("token_refreshed", at, {"expires_at": iso(expires_at)})
            case StatusAnnounced():
                return flat.announced(notice, at, self._locale)
            case Notified():
                return flat.notified(notice)
            case Closing(reason=reason):
                return flat.frame("connection_close", at, {"reason": reason})
            case Connected(session_id=session_id, heartbeat_seconds=seconds):
                body = {"session_id": session_id, "server_time": iso(at), "heartbeat_interval": seconds}
                return flat.frame("connection_established", at, body)
            case FeedbackReceived():
                return flat.frame("feedback_received", at, {})
            case other:
                assert_never(other)

    def _status(
        self,
        stamped: Stamped,
        status: str,
        stage: Stage | None,
        progress: int | None,
        message: Text | None = None,
        more: Mapping[str, object] | None = None,
    ) -> bytes:
        body = {
            **self._of(stamped),
            "status": status,
            "stage": stage.value if stage else None,
            "progress": progress,
            **({"message": message.in_(stamped.locale)} if message else {}),
            **(more or {}),
        }
        return flat.frame("ai_processing_status", stamped.at, body)

    def _delta(self, stamped: Stamped, token: Token) -> bytes:
        told = {"kind": token.kind, "delta": token.delta, "index": token.number, "attempt": token.attempt}
        return flat.frame("message_delta", stamped.at, self._of(stamped) | told)

    def _answered(self, stamped: Stamped, answer: Answer) -> bytes:
        whole = bodies.answer_body(answer, stamped.locale)
        message = {
            "id": stamped.query_id,
            "session_id": self._session_id,
            "parent_id": self._question_id,
            "role": "assistant",
            "content": markdown(answer),
            "user_id": None,
            "created_at": iso(stamped.at),
            "sql": answer.sql,
            "results": whole["results"] if answer.sql is not None else None,
            "visualization": whole["visualization"],
        }
        return flat.frame("new_message", stamped.at, {"message": message})

    def _of(self, stamped: Stamped) -> Body:
        return {
            "session_id": self._session_id,
            "message_id": stamped.query_id,
            "question_id": self._question_id,
        }


def markdown(answer: Answer) -> str:
    """An answer as Markdown: what it says, and the SQL that it rests on."""
    said = answer.explanation.explanation
    if answer.sql is None:
        return said
    runs = [len(run) for run in re.findall("`+", answer.sql)]
    fence = "`" * max([3, *(run + 1 for run in runs)])
    return f"{said}\n\n{fence}sql\n{answer.sql}\n{fence}".strip()

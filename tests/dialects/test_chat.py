"""`chat`: what it reads, what it refuses, and what an answer looks like on its wire."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fakes import TODAY
from text2sql_ws.commands import RefreshToken
from text2sql_ws.dialects import chat_frames, flat
from text2sql_ws.dialects.chat import Chat, markdown
from text2sql_ws.dialects.chat_commands import (
    READERS,
    CancelAnswer,
    ChatCommand,
    Join,
    Leave,
    Ping,
    Pong,
    Read,
    Send,
    Share,
    Type,
)
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    Closing,
    Explanation,
    HeartbeatAnswered,
    HeartbeatSent,
    MessageRefused,
    Notice,
    QueryCompleted,
    Results,
    Stage,
    StageProgressed,
    Stamped,
    StatusAnnounced,
    Token,
    TokenRefreshed,
    Visualization,
)
from text2sql_ws.texts import say, verbatim

AT = datetime(TODAY.year, TODAY.month, TODAY.day, 8, 0, tzinfo=UTC)
WHEN = "2026-11-21T08:00:00.000Z"
CHAT = Chat("en", 20, "s1", "m1")


def parsed(**message: Any) -> ChatCommand:
    return CHAT.parse(orjson.dumps(message).decode())


def refused(text: str) -> Fault:
    with pytest.raises(Fault) as raised:
        CHAT.parse(text)
    return raised.value


def shown(frame: bytes) -> dict[str, Any]:
    message: dict[str, Any] = orjson.loads(frame)
    return message


# --- in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ({"type": "join_session", "session_id": "s1"}, Join("s1")),
        ({"type": "join_session"}, Join(None)),
        ({"type": "share_session", "session_id": "s1", "user_id": "bob"}, Share("s1", "bob")),
        ({"type": "leave_session", "session_id": "s1"}, Leave("s1")),
        ({"type": "typing", "session_id": "s1", "is_typing": False}, Type("s1", False)),
        ({"type": "send_message", "content": " 你好 "}, Send(None, "你好")),
        (
            {"type": "send_message", "session_id": "s", "content": "x", "client_id": "c", "datasource": "d"},
            Send("s", "x", "c", "d"),
        ),
        ({"type": "message_read", "message_id": "m"}, Read("m")),
        ({"type": "cancel", "message_id": "m"}, CancelAnswer("m")),
        ({"type": "ping"}, Ping()),
        ({"type": "pong", "timestamp": "whenever"}, Pong()),
        ({"type": "refresh_token", "data": {"token": "t"}}, RefreshToken("t")),
    ],
)
def test_every_command_is_read(message: dict[str, Any], command: ChatCommand) -> None:
    assert parsed(**message) == command


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"type": "join_session", "session_id": "a b"}, "session_id"),
        ({"type": "join_session", "session_id": 7}, "session_id"),
        ({"type": "share_session"}, "user_id"),
        ({"type": "typing", "is_typing": "yes"}, "is_typing"),
        ({"type": "send_message"}, "content"),
        ({"type": "send_message", "content": "x", "client_id": 1}, "client_id"),
        ({"type": "message_read", "message_id": ""}, "message_id"),
        ({"type": "cancel"}, "message_id"),
        ({"type": "refresh_token", "token": "t"}, "data"),
        ({"session_id": "s1"}, "type"),
    ],
)
def test_what_is_wrong_is_named(message: dict[str, Any], field: str) -> None:
    fault = refused(orjson.dumps(message).decode())
    assert (fault.code, field in fault.message.en) == (Code.INVALID_MESSAGE, True)


def test_questions_are_neither_empty_nor_endless_nor_unknown() -> None:
    assert refused('{"type": "send_message", "content": "  "}').code is Code.INVALID_QUESTION
    assert refused('{"type": "send_message", "content": "%s"}' % ("x" * 21)).code is Code.INVALID_QUESTION
    unknown = refused('{"type": "nope"}')
    assert unknown.code is Code.UNKNOWN_MESSAGE_TYPE
    assert all(kind in unknown.message.en for kind in READERS)


@given(
    st.text() | st.recursive(st.none() | st.text(), st.lists).map(lambda value: orjson.dumps(value).decode())
)
def test_any_text_is_a_command_or_a_fault(text: str) -> None:
    with contextlib.suppress(Fault):
        CHAT.parse(text)
    assert flat.kind_of(text) is None or isinstance(flat.kind_of(text), str)


# --- out --------------------------------------------------------------------------------------------


def rendered(event: Any) -> Any:
    return CHAT.render(Stamped("a1", AT, "en", event))


def test_progress_and_deltas_say_which_answer_they_belong_to() -> None:
    named = {"session_id": "s1", "message_id": "a1", "question_id": "m1", "timestamp": WHEN}
    frame = rendered(StageProgressed(Stage.GENERATING_SQL, 45, say("stage.generating_sql")))
    assert shown(frame) == named | {
        "type": "ai_processing_status", "status": "processing", "stage": "generating_sql", "progress": 45,
        "message": "Generate SQL",
    }  # fmt: skip
    assert shown(rendered(Token("sql", "SEL", 3, 1))) == named | {
        "type": "message_delta", "kind": "sql", "delta": "SEL", "index": 3, "attempt": 1,
    }  # fmt: skip


def test_the_answer_comes_whole_before_it_is_called_completed() -> None:
    answer = Answer("SELECT 1", Results(row_count=1), Explanation("One."), Visualization(), None, 1)
    said, status = rendered(QueryCompleted(answer, 0.5))
    message = shown(said)["message"]
    assert (message["id"], message["role"], message["session_id"]) == ("a1", "assistant", "s1")
    assert message["content"] == "One.\n\n```sql\nSELECT 1\n```"
    assert (message["sql"], message["results"]["row_count"]) == ("SELECT 1", 1)
    assert message["visualization"] == {"chart_type": "table", "config": {}}
    assert (shown(status)["status"], shown(status)["progress"]) == ("completed", 100)


def test_an_answer_in_words_has_no_sql_and_no_results() -> None:
    answer = Answer(None, Results(), Explanation("你好！"), Visualization(), None, 1)
    said, _ = rendered(QueryCompleted(answer, 0.5))
    message = shown(said)["message"]
    assert (message["content"], message["sql"], message["results"]) == ("你好！", None, None)


def test_sql_cannot_leave_its_fence() -> None:
    sql = "SELECT '````' AS ticks"
    answer = Answer(sql, Results(), Explanation("x"), Visualization(), None, 1)
    assert markdown(answer).endswith(f"`````sql\n{sql}\n`````")


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (HeartbeatSent(), {"type": "ping"}),
        (HeartbeatAnswered(), {"type": "pong"}),
        (TokenRefreshed(AT), {"type": "token_refreshed", "expires_at": WHEN}),
        (Closing("Token expired"), {"type": "connection_close", "reason": "Token expired"}),
    ],
)
def test_notices_are_flat(notice: Notice, expected: dict[str, Any]) -> None:
    assert shown(CHAT.notice(notice, AT)) == expected | {"timestamp": WHEN}


def test_an_error_says_what_to_do() -> None:
    error = shown(
        CHAT.notice(MessageRefused(Fault(Code.RATE_LIMITED, verbatim("slow"), retry_after=1.2)), AT)
    )
    assert (error["type"], error["code"], error["message"]) == ("error", "RATE_LIMITED", "slow")
    assert (error["title"], error["retry_after"]) == ("Too many requests", 2)
    assert error["suggestion"]


def test_a_broadcast_is_a_notification_of_a_known_type() -> None:
    for kind, expected in (("urgent", "urgent"), ("system_status", "info")):
        body = shown(CHAT.notice(StatusAnnounced("hi", kind), AT))
        assert body["type"] == "notification"
        assert set(body["notification"]) == {
            "id", "title", "message", "type", "action_url", "auto_close", "timestamp",
        }  # fmt: skip
        assert (body["notification"]["type"], body["notification"]["message"]) == (expected, "hi")


def test_what_members_hear_is_flat_and_complete() -> None:
    assert shown(chat_frames.established("c", "u", "s", AT, 30)) == {
        "type": "connection_established", "timestamp": WHEN, "connection_id": "c", "user_id": "u",
        "session_id": "s", "server_time": WHEN, "heartbeat_interval": 30,
    }  # fmt: skip
    assert shown(chat_frames.status_update("m", "sent", AT, client_id="c")) == {
        "type": "message_status_update", "timestamp": WHEN, "message_id": "m", "status": "sent",
        "client_id": "c",
    }  # fmt: skip
    assert shown(chat_frames.joined("s", "u", ["u", "v"], AT))["members"] == ["u", "v"]

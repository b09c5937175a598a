"""The dialect `scm`: what it understands, what it refuses, and its frames to the byte that counts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from text2sql_ws.commands import Heartbeat, RefreshToken
from text2sql_ws.dialects.scm import Expected, Scm, conversation_body, list_body, message_body
from text2sql_ws.dialects.scm_commands import (
    CancelChat,
    Chat,
    CreateConversation,
    DeleteConversation,
    Disconnect,
    ListConversations,
    PassOn,
    ReadMessages,
    RenameConversation,
    ScmCommand,
)
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    Closing,
    Event,
    Explanation,
    HeartbeatAnswered,
    HeartbeatSent,
    MessageRefused,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    ResultColumn,
    Results,
    RowsReady,
    SqlFailed,
    SqlReady,
    Stage,
    Stamped,
    StatusAnnounced,
    Token,
    TokenRefreshed,
    Usage,
    Visualization,
)
from text2sql_ws.texts import verbatim

AT = datetime(2026, 11, 21, 8, 30, 0, 123000, tzinfo=UTC)
LATER = AT + timedelta(milliseconds=2500)
MILLISECONDS = 1795249800123
ROWS = RowsReady(0, 0, (ResultColumn("n", "integer"),), b"[[1]]", 1, True)
DOWN = Fault(Code.LLM_SERVICE_ERROR, verbatim("overloaded"))


def dialect() -> Scm:
    return Scm("session001", "user001", "zh", 20)


def parsed(kind: str, data: Any = None, **more: Any) -> ScmCommand:
    scm = dialect()
    text = orjson.dumps({"type": kind, "data": data, **more}).decode()
    return scm.command(scm.receive(text))


def refusal(kind: str, data: Any = None) -> Fault:
    with pytest.raises(Fault) as refused:
        parsed(kind, data)
    return refused.value


def answer(words: str, *, sql: str | None = None, usage: Usage | None = None, cut: bool = False) -> Answer:
    return Answer(sql, Results(), Explanation(words), Visualization(), usage, 1, cut_short=cut)


def told(scm: Scm, events: Sequence[Event]) -> list[dict[str, Any]]:
    """The frames of one answer, `m1`, whose ending is stamped two and a half seconds after its start."""
    frames: list[dict[str, Any]] = []
    for event in events:
        at, elapsed = (AT, 0.1) if event is not events[-1] else (LATER, 2.5)
        rendered = scm.render(Stamped("m1", at, "zh", event, elapsed=elapsed), len(frames) + 1)
        parts = () if rendered is None else rendered if isinstance(rendered, tuple) else (rendered,)
        frames += [orjson.loads(part) for part in parts]
    return frames


def kinds(frames: Sequence[dict[str, Any]]) -> list[str]:
    return [frame["type"] for frame in frames]


def words(frames: Sequence[dict[str, Any]]) -> str:
    return "".join(frame["data"]["content"] for frame in frames if frame["type"] == "CHAT_STREAM_DATA")


# --- in -----------------------------------------------------------------------------------------------


def test_the_chat_request_of_the_source_document_is_understood() -> None:
    asked = parsed(
        "CHAT_REQUEST",
        {
            "message": "请解释一下供应链管理的核心概念", "streaming": True, "model": "gpt-4",
            "provider": "openai", "conversationId": "conv001", "parentMessageId": None,
        },
        sessionId="session001", userId="user001", timestamp="2025-01-12T10:30:00.000Z",
    )  # fmt: skip
    question = "请解释一下供应链管理的核心概念"
    assert asked == Chat(question, True, "openai", "gpt-4", "conv001", None, False, None)


def test_a_request_alone_is_streamed_talk() -> None:
    assert parsed("CHAT_REQUEST", {"message": " 你好 "}) == Chat(
        "你好", True, None, None, None, None, False, None
    )


@pytest.mark.parametrize(
    ("data", "datasource"), [({"datasource": "sales"}, "sales"), ({"mode": "text2sql"}, None)]
)
def test_a_data_source_or_the_mode_makes_it_a_question_about_data(
    data: dict[str, str], datasource: str | None
) -> None:
    asked = parsed("CHAT_REQUEST", {"message": "q"} | data)
    assert isinstance(asked, Chat)
    assert (asked.about_data, asked.datasource) == (True, datasource)


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("CHAT_CANCEL", {"messageId": "m1"}, CancelChat("m1", None)),
        ("CHAT_CANCEL", {"requestId": "r1"}, CancelChat(None, "r1")),
        ("SESSION_CREATE", None, CreateConversation("")),
        ("SESSION_CREATE", {"title": "采购"}, CreateConversation("采购")),
        ("SESSION_UPDATE", {"conversationId": "c", "title": "t"}, RenameConversation("c", "t")),
        ("SESSION_DELETE", {"conversationId": "c"}, DeleteConversation("c")),
        ("SESSION_LIST", None, ListConversations(1, 20)),
        ("SESSION_LIST", {"page": 2, "pageSize": 5}, ListConversations(2, 5)),
        ("SESSION_MESSAGES", {"conversationId": "c"}, ReadMessages("c", None, 100)),
        ("TYPING_START", {"anything": [1]}, PassOn("TYPING_START", {"anything": [1]})),
        ("TYPING_STOP", "text", PassOn("TYPING_STOP", "text")),
        ("ONLINE_STATUS", None, PassOn("ONLINE_STATUS", {})),
        ("HEARTBEAT", None, Heartbeat()),
        ("REFRESH_TOKEN", {"token": "t"}, RefreshToken("t")),
        ("DISCONNECT", None, Disconnect()),
    ],
)
def test_each_request_has_its_command(kind: str, data: Any, expected: ScmCommand) -> None:
    assert parsed(kind, data) == expected


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("CHAT_REQUEST", {}, "data.message"),
        ("CHAT_REQUEST", {"message": 1}, "data.message"),
        ("CHAT_REQUEST", {"message": "q", "conversationId": "c" * 201}, "data.conversationId"),
        ("CHAT_REQUEST", [], "data"),
        ("CHAT_CANCEL", {}, "data.messageId"),
        ("SESSION_UPDATE", {"conversationId": "c"}, "data.title"),
        ("SESSION_LIST", {"pageSize": 1000}, "data.pageSize"),
        ("SESSION_LIST", {"page": 0}, "data.page"),
    ],
)
def test_a_wrong_field_is_named_as_the_client_wrote_it(kind: str, data: Any, field: str) -> None:
    fault = refusal(kind, data)
    assert fault.code is Code.INVALID_MESSAGE
    assert f" {field}" in fault.message.zh


def test_what_is_no_question_is_refused() -> None:
    assert refusal("CHAT_REQUEST", {"message": " "}).code is Code.INVALID_QUESTION
    assert refusal("CHAT_REQUEST", {"message": "问" * 21}).code is Code.INVALID_QUESTION
    unknown = refusal("CHAT_STREAM_START", {})
    assert unknown.code is Code.UNKNOWN_MESSAGE_TYPE
    assert "CHAT_REQUEST" in unknown.message.en


def test_what_a_client_calls_its_request_is_known_before_its_data_is_read() -> None:
    scm = dialect()
    assert scm.receive('{"type": "CHAT_REQUEST", "data": {"requestId": "r1"}}').request_id == "r1"
    assert scm.receive('{"type": "CHAT_REQUEST", "data": {"requestId": 1}}').request_id is None
    assert scm.receive('{"type": "CHAT_REQUEST", "data": "r1"}').request_id is None


# --- out: answers -------------------------------------------------------------------------------------


def test_talk_is_a_start_fragments_and_an_end() -> None:
    scm = dialect()
    scm.expect("m1", Expected("r1", "c1", "openai", "gpt-4"))
    frames = told(
        scm,
        [
            QueryStarted("供应链?"),
            Token("reasoning", "想一想", 0, 1),
            Token("explanation", "供应链", 0, 1),
            Token("explanation", "管理", 1, 1),
            QueryCompleted(answer("供应链管理", usage=Usage(100, 50)), 9.9),
        ],
    )
    envelope = {"sessionId": "session001", "userId": "user001"}
    assert frames == [
        {
            "type": "CHAT_STREAM_START", **envelope, "timestamp": "2026-11-21T08:30:00.123Z",
            "data": {
                "messageId": "m1", "model": "gpt-4", "provider": "openai",
                "requestId": "r1", "conversationId": "c1",
            },
        },
        {
            "type": "CHAT_STREAM_DATA", **envelope, "timestamp": "2026-11-21T08:30:00.123Z",
            "data": {"messageId": "m1", "content": "供应链", "delta": "供应链", "index": 0},
        },
        {
            "type": "CHAT_STREAM_DATA", **envelope, "timestamp": "2026-11-21T08:30:00.123Z",
            "data": {"messageId": "m1", "content": "管理", "delta": "管理", "index": 1},
        },
        {
            "type": "CHAT_STREAM_END", **envelope, "timestamp": "2026-11-21T08:30:02.623Z",
            "data": {
                "messageId": "m1", "finished": True, "totalTokens": 150, "duration": 2500,
                "finishReason": "completed",
            },
        },
    ]  # fmt: skip


def test_a_whole_answer_is_one_response() -> None:
    scm = dialect()
    scm.expect("m1", Expected("r1", "c1", "openai", "gpt-4", streaming=False))
    frames = told(
        scm,
        [
            QueryStarted("q"),
            Token("explanation", "供应链", 0, 1),
            Token("explanation", "管理", 1, 1),
            QueryCompleted(answer("供应链管理", usage=Usage(100, 50)), 1.0),
        ],
    )
    assert kinds(frames) == ["CHAT_RESPONSE"]
    assert frames[0]["data"] == {
        "messageId": "m1", "content": "供应链管理", "model": "gpt-4", "provider": "openai",
        "totalTokens": 150, "duration": 2500, "finishReason": "completed",
        "requestId": "r1", "conversationId": "c1",
    }  # fmt: skip


@pytest.mark.parametrize("streaming", [True, False])
def test_a_failure_is_an_error_and_then_the_end(streaming: bool) -> None:
    scm = dialect()
    scm.expect("m1", Expected("r1", "c1", streaming=streaming))
    frames = told(scm, [QueryStarted("q"), QueryFailed(DOWN, Stage.ANALYZING)])
    error, end = frames[-2:]
    assert (error["type"], error["data"], error["code"]) == ("ERROR", "overloaded", "LLM_SERVICE_ERROR")
    assert (error["requestId"], error["messageId"]) == ("r1", "m1")
    assert error["suggestion"]
    assert end["type"] == ("CHAT_STREAM_END" if streaming else "CHAT_RESPONSE")
    assert end["data"]["finishReason"] == "error"


def test_a_cancel_and_a_limit_of_tokens_are_finish_reasons() -> None:
    cancelled = told(dialect(), [QueryStarted("q"), QueryCancelled()])
    assert cancelled[-1]["data"]["finishReason"] == "cancelled"
    cut = told(
        dialect(),
        [QueryStarted("q"), Token("explanation", "半", 0, 1), QueryCompleted(answer("半", cut=True), 1)],
    )
    assert cut[-1]["data"]["finishReason"] == "length"


def test_tokens_that_nobody_counted_are_estimated() -> None:
    frames = told(
        dialect(),
        [
            QueryStarted("供应链"),
            Token("explanation", "four four", 0, 1),
            QueryCompleted(answer("four four"), 1.0),
        ],
    )
    assert frames[-1]["data"]["totalTokens"] == 3 + 3


def test_an_answer_about_data_is_its_sql_and_its_explanation() -> None:
    frames = told(
        dialect(),
        [
            QueryStarted("q"),
            Token("sql", "```sql\nSELECT x", 0, 1),
            SqlReady("SELECT x", 1),
            SqlFailed("SELECT x", DOWN, 1, 70),
            SqlReady("SELECT 1", 2),
            ROWS,
            Token("explanation", "一", 0, 1),
            Token("explanation", "行。", 1, 1),
            QueryCompleted(answer("一行。", sql="SELECT 1"), 1.0),
        ],
    )
    assert words(frames) == "```sql\nSELECT 1\n```\n\n一行。"
    assert [f["data"].get("index") for f in frames[1:-1]] == [0, 1, 2]


def test_an_explanation_that_was_computed_is_said_at_the_end() -> None:
    frames = told(
        dialect(),
        [
            QueryStarted("q"),
            SqlReady("SELECT 1", 1),
            ROWS,
            QueryCompleted(answer("共 1 行。", sql="SELECT 1"), 1.0),
        ],
    )
    assert words(frames) == "```sql\nSELECT 1\n```\n\n共 1 行。"
    in_words = told(
        dialect(), [QueryStarted("q"), Token("sql", "你好", 0, 1), QueryCompleted(answer("你好"), 1.0)]
    )
    assert words(in_words) == "你好"


# --- out: the rest ------------------------------------------------------------------------------------


def notice(frame: bytes) -> dict[str, Any]:
    shown: dict[str, Any] = orjson.loads(frame)
    assert shown.pop("sessionId") == "session001"
    assert shown.pop("userId") == "user001"
    assert shown.pop("timestamp") == "2026-11-21T08:30:00.123Z"
    return shown


def test_what_belongs_to_no_answer() -> None:
    scm = dialect()
    assert notice(scm.connect("k1", 30, AT)) == {
        "type": "CONNECT", "data": {"connectionId": "k1", "heartbeatInterval": 30_000},
    }  # fmt: skip
    for beat in (HeartbeatSent(), HeartbeatAnswered()):
        assert notice(scm.notice(beat, AT)) == {"type": "HEARTBEAT", "data": {"serverTime": MILLISECONDS}}
    assert notice(scm.notice(TokenRefreshed(AT), AT)) == {
        "type": "TOKEN_REFRESHED", "data": {"expires_at": MILLISECONDS},
    }  # fmt: skip
    assert notice(scm.notice(StatusAnnounced("维护", "info"), AT))["data"]["message"] == "维护"
    assert notice(scm.notice(Closing("Heartbeat timeout"), AT)) == {
        "type": "DISCONNECT", "data": {"reason": "Heartbeat timeout"},
    }  # fmt: skip
    assert notice(scm.warning(verbatim("注意"), AT, "r1")) == {
        "type": "WARNING", "data": {"message": "注意"}, "requestId": "r1",
    }  # fmt: skip


def test_the_data_of_an_error_is_its_text() -> None:
    scm = dialect()
    limited = Fault(Code.RATE_LIMITED, verbatim("太快"), retry_after=3)
    shown = notice(scm.error(limited, AT, "r1"))
    assert (shown["type"], shown["data"], shown["code"]) == ("ERROR", "太快", "RATE_LIMITED")
    assert (shown["requestId"], shown["retryAfter"]) == ("r1", 3)
    assert notice(scm.notice(MessageRefused(limited), AT))["requestId"] is None


def test_conversations_carry_times_in_milliseconds() -> None:
    scm = dialect()
    about = conversation_body("c1", "采购", AT, LATER, 2)
    assert notice(scm.conversation("SESSION_CREATE", about, AT, None)) == {
        "type": "SESSION_CREATE",
        "data": {
            "conversationId": "c1", "title": "采购", "createdAt": MILLISECONDS,
            "updatedAt": MILLISECONDS + 2500, "messageCount": 2,
        },
    }  # fmt: skip
    assert list_body([about], 7, 2, 5) == {"sessions": [about], "total": 7, "page": 2, "pageSize": 5}
    assert message_body("m1", None, "user", "q", AT, 7) == {
        "messageId": "m1", "parentMessageId": None, "role": "user", "content": "q", "createdAt": MILLISECONDS,
        "position": 7,
    }  # fmt: skip

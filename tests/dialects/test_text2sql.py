"""The dialect `text2sql`: what it understands, what it refuses and in which words, and its envelope."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from text2sql_ws.commands import Ask, Cancel, DataSourceChoice, Feedback, Heartbeat, Retry
from text2sql_ws.dialects.text2sql import Text2Sql
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Closing,
    Connected,
    FeedbackReceived,
    HeartbeatAnswered,
    HeartbeatSent,
    MessageRefused,
    SqlReady,
    Stamped,
    StatusAnnounced,
    TokenRefreshed,
)
from text2sql_ws.texts import say

AT = datetime(2026, 11, 21, 8, 30, 0, 123456, tzinfo=UTC)
ZH = Text2Sql("s1", 1, "zh", 20)


def message(kind: str, **data: Any) -> str:
    return orjson.dumps({"type": kind, "data": data}).decode()


def refusal(text: str) -> Fault:
    with pytest.raises(Fault) as refused:
        ZH.parse(text)
    return refused.value


def test_a_question_with_everything() -> None:
    asked = ZH.parse(
        message(
            "query_request",
            query=" 去年的销售额 ",
            database_config={"datasource": "sales", "type": "mysql"},
            options={
                "provider": "main", "model": "m", "locale": "en",
                "max_rows": 10, "chunk_rows": 5, "timeout": 30,
                "explain": False, "visualize": False, "conversation_id": "c1", "unknown": 1,
            },
        )
    )  # fmt: skip
    assert asked == Ask(
        "去年的销售额", DataSourceChoice("sales", "mysql"), "main", "m", "en", 10, 5, 30, False, False, "c1"
    )


def test_a_question_alone() -> None:
    assert ZH.parse(message("query_request", query="q")) == Ask("q", locale="zh")
    assert ZH.parse(message("query_request", query="q", options=None, database_config=None)) == Ask("q")


def test_connection_details_are_carried_for_the_judge_to_see() -> None:
    asked = ZH.parse(
        message("query_request", query="q", database_config={"type": "mysql", "host": "h", "port": 1})
    )
    assert isinstance(asked, Ask)
    assert asked.datasource == DataSourceChoice(None, "mysql", (("host", "h"), ("port", 1)))


@pytest.mark.parametrize("query", ["", "   ", "\n\t"])
def test_an_empty_question_is_refused_in_the_words_that_clients_look_for(query: str) -> None:
    fault = refusal(message("query_request", query=query))
    assert fault.code is Code.INVALID_QUESTION
    assert "不能为空" in fault.message.zh
    assert "不能为空" in fault.message.en


def test_a_question_may_be_so_long_and_no_longer() -> None:
    ZH.parse(message("query_request", query="问" * 20))
    assert refusal(message("query_request", query="问" * 21)).code is Code.INVALID_QUESTION


def test_the_other_commands() -> None:
    assert ZH.parse(message("query_cancel", query_id="q")) == Cancel("q")
    assert ZH.parse(message("query_retry", query_id="q")) == Retry("q")
    assert ZH.parse('{"type": "heartbeat"}') == Heartbeat()
    assert ZH.parse(message("heartbeat")) == Heartbeat()
    assert ZH.parse(message("user_feedback", query_id="q", feedback="好")) == Feedback("q", "好")
    rated = {"rating": -1, "sql": "SELECT 1", "more": [1]}
    assert ZH.parse(message("user_feedback", query_id="q", feedback=rated)) == Feedback(
        "q", rated, -1, "SELECT 1"
    )


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("", Code.INVALID_MESSAGE, "JSON"),
        ("{", Code.INVALID_MESSAGE, "JSON"),
        ("[" * 100_000, Code.INVALID_MESSAGE, "JSON"),
        ('{"type": "query_request", "data": {"query": NaN}}', Code.INVALID_MESSAGE, "JSON"),
        ('"text"', Code.INVALID_MESSAGE, "JSON"),
        ("[]", Code.INVALID_MESSAGE, "JSON"),
        ('{"data": {}}', Code.INVALID_MESSAGE, "type"),
        ('{"type": 3}', Code.INVALID_MESSAGE, "type"),
        ('{"type": "heartbeat", "data": []}', Code.INVALID_MESSAGE, "data"),
        ('{"type": "ask", "data": {}}', Code.UNKNOWN_MESSAGE_TYPE, "ask"),
        (message("query_request"), Code.INVALID_MESSAGE, "data.query"),
        (message("query_request", query=3), Code.INVALID_MESSAGE, "data.query"),
        (message("query_request", query="q", options=[]), Code.INVALID_MESSAGE, "data.options"),
        (message("query_request", query="q", options={"max_rows": 0}), Code.INVALID_MESSAGE, "max_rows"),
        (message("query_request", query="q", options={"locale": "fr"}), Code.INVALID_MESSAGE, "locale"),
        (message("query_request", query="q", options={"explain": "no"}), Code.INVALID_MESSAGE, "explain"),
        (message("query_request", query="q", options={"timeout": -1}), Code.INVALID_MESSAGE, "timeout"),
        (message("query_request", query="q", database_config="x"), Code.INVALID_MESSAGE, "database_config"),
        (message("query_cancel"), Code.INVALID_MESSAGE, "data.query_id"),
        (message("query_cancel", query_id=7), Code.INVALID_MESSAGE, "data.query_id"),
        (message("user_feedback", query_id="q"), Code.INVALID_MESSAGE, "data.feedback"),
        (message("user_feedback", query_id="q", feedback={"rating": 5}), Code.INVALID_MESSAGE, "rating"),
    ],
)  # fmt: skip
def test_a_bad_message_is_refused_with_the_field_that_is_wrong(text: str, code: Code, named: str) -> None:
    fault = refusal(text)
    assert fault.code is code
    assert named in fault.message.zh
    assert named in fault.message.en


def test_the_envelope() -> None:
    frame = orjson.loads(ZH.render(Stamped("q", AT, "zh", SqlReady("SELECT '中'", 1)), 7) or b"")
    assert set(frame) == {"type", "session_id", "timestamp", "data", "message_id", "user_id", "sequence"}
    assert frame["timestamp"] == "2026-11-21T08:30:00.123Z"
    assert (frame["session_id"], frame["user_id"], frame["sequence"]) == ("s1", 1, 7)
    assert frame["data"] == {"query_id": "q", "sql": "SELECT '中'", "attempt": 1}


def test_chinese_is_not_escaped() -> None:
    assert "中文".encode() in (ZH.render(Stamped("q", AT, "zh", SqlReady("中文", 1)), 1) or b"")


def test_notices() -> None:
    def data(notice: Any) -> tuple[str, dict[str, Any]]:
        frame = orjson.loads(ZH.notice(notice, AT))
        assert "sequence" not in frame
        return frame["type"], frame["data"]

    now = "2026-11-21T08:30:00.123Z"
    assert data(HeartbeatSent()) == ("heartbeat", {"server_time": now})
    assert data(HeartbeatAnswered()) == ("heartbeat", {"status": "alive", "server_time": now})
    assert data(FeedbackReceived()) == ("user_feedback", {"status": "received", "message": "感谢您的反馈"})
    assert data(StatusAnnounced("m", "maintenance")) == (
        "system_status",
        {"message": "m", "type": "maintenance"},
    )
    kind, body = data(MessageRefused(Fault(Code.QUERY_NOT_FOUND, say("query.not_found", query_id="q")), "q"))
    assert (kind, body["code"], body["query_id"], body["can_retry"]) == (
        "query_error",
        "QUERY_NOT_FOUND",
        "q",
        False,
    )
    limited = Fault(Code.RATE_LIMITED, say("limit.messages", seconds=2), retry_after=1.2)
    kind, body = data(MessageRefused(limited))
    assert (kind, body["code"], body["retry_after"]) == ("query_error", "RATE_LIMITED", 2)
    assert data(TokenRefreshed(AT)) == ("token_refreshed", {"expires_at": now})
    kind, body = data(Connected("s1", "e", 30, False, 0, 0, [], "expired"))
    assert kind == "connection_ack"
    assert body == {
        "status": "connected", "session_id": "s1", "server_time": now, "heartbeat_interval": 30, "epoch": "e",
        "resumed": False, "replayed": 0, "last_sequence": 0, "queries": [], "reason": "expired",
    }  # fmt: skip


def test_the_closing_frame_is_as_bare_as_it_was() -> None:
    assert orjson.loads(ZH.notice(Closing("New connection established"), AT)) == {
        "type": "connection_close",
        "reason": "New connection established",
        "timestamp": "2026-11-21T08:30:00.123Z",
    }

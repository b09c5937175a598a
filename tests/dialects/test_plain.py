"""The dialect `plain`: what it understands, what it answers to what it doesn't, and how its endings read."""

from datetime import UTC, datetime

import orjson
import pytest

from text2sql_ws.commands import Ask, Cancel, DataSourceChoice
from text2sql_ws.departures import (
    DISCONNECTED,
    NO_PLACE,
    SHUTTING_DOWN,
    TOKEN_EXPIRED,
    TOO_MANY_MESSAGES,
    Departure,
)
from text2sql_ws.dialects.plain import Delta, Plain
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import (
    Answer,
    Closing,
    Event,
    Explanation,
    MessageRefused,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    ResultColumn,
    Results,
    RowsReady,
    SqlDrafted,
    SqlFailed,
    SqlReady,
    Stage,
    StageProgressed,
    Stamped,
    Token,
    Visualization,
)
from text2sql_ws.texts import verbatim

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
COLUMNS = (ResultColumn("id", "integer"), ResultColumn("id", "integer"))


def plain(*, return_result: bool = False, cumulative: bool = False, whole_bytes: int = 4096) -> Plain:
    dialect = Plain(20, whole_bytes, cumulative=cumulative)
    dialect.begin(return_result=return_result)
    return dialect


def told(dialect: Plain, *events: Event) -> list[str]:
    frames: list[str] = []
    for event in events:
        made = dialect.render(Stamped("q", AT, "zh", event), 1)
        several = () if made is None else made if isinstance(made, tuple) else (made,)
        frames += [frame.decode() for frame in several]
    return frames


def stage(stage: Stage) -> StageProgressed:
    return StageProgressed(stage, 0, verbatim(""))


def completed(sql: str | None, rows: int = 0, attempts: int = 1) -> QueryCompleted:
    results = Results(COLUMNS, rows)
    return QueryCompleted(Answer(sql, results, Explanation(), Visualization(), None, attempts), 1.0)


def refused(code: Code, why: str = "why", retry_after: float | None = None) -> MessageRefused:
    return MessageRefused(Fault(code, verbatim(why), retry_after=retry_after))


def test_a_question() -> None:
    asked = Plain(20, 1024).parse('{"type": "query", "query": " 销售额 "}')
    assert asked == Ask("销售额", explain=False, visualize=False)
    wanted = {"type": "query", "query": "q", "return_result": True, "datasource": "sales", "more": 1}
    assert Plain(20, 1024).parse(orjson.dumps(wanted).decode()) == Ask(
        "q", DataSourceChoice("sales"), explain=False, visualize=False, return_result=True
    )
    assert Plain(20, 1024).parse('{"type": "cancel"}') == Cancel("")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "JSON"),
        ("SELECT 1", "JSON"),
        ("[]", "JSON"),
        ('{"query": "q"}', "type"),
        ('{"type": "ask", "query": "q"}', "ask"),
        ('{"type": "query"}', "query"),
        ('{"type": "query", "query": ["q"]}', "query"),
        ('{"type": "query", "query": "q", "return_result": "yes"}', "return_result"),
        ('{"type": "query", "query": "q", "datasource": 3}', "datasource"),
        ('{"type": "query", "query": "  "}', "不能为空"),
        ('{"type": "query", "query": "' + "问" * 21 + '"}', "21"),
    ],
)
def test_a_bad_message_is_answered_with_what_is_wrong(text: str, named: str) -> None:
    dialect = Plain(20, 1024)
    with pytest.raises(Fault) as bad:
        dialect.parse(text)
    answer = dialect.notice(MessageRefused(bad.value), AT).decode()
    assert answer.startswith("请求格式错误: ")
    assert named in answer


@pytest.mark.parametrize(
    ("refusal", "answer"),
    [
        (refused(Code.RATE_LIMITED, retry_after=1.2), "请求过于频繁，请2秒后重试"),
        (refused(Code.QUERY_NOT_FOUND), "没有正在执行的查询"),
        (refused(Code.RESOURCE_LIMIT_EXCEEDED, "满了"), "查询处理过程中发生异常: 满了"),
    ],
)
def test_other_refusals(refusal: MessageRefused, answer: str) -> None:
    assert Plain(20, 1024).notice(refusal, AT).decode() == answer


@pytest.mark.parametrize(
    ("departure", "said"),
    [
        (TOO_MANY_MESSAGES, "请求过于频繁，请60秒后重试"),
        (TOKEN_EXPIRED, "登录已过期"),
        (NO_PLACE, "连接数已达上限"),
        (SHUTTING_DOWN, "服务器正在关闭"),
        (DISCONNECTED, "管理员断开了连接"),
    ],
)
def test_the_frame_before_a_close_code(departure: Departure, said: str) -> None:
    assert Plain(20, 1024).notice(Closing(departure.reason), AT).decode() == said


def test_reasoning_is_not_sent_and_a_delta_knows_what_is_new_in_it() -> None:
    dialect = plain(cumulative=True)
    told(dialect, QueryStarted("q"), stage(Stage.GENERATING_SQL))
    assert told(dialect, Token("reasoning", "hm", 0, 1)) == []
    dialect.render(Stamped("q", AT, "zh", Token("sql", "SELECT", 0, 1)), 1)
    frame = dialect.render(Stamped("q", AT, "zh", Token("sql", " 1", 1, 1)), 1)
    assert isinstance(frame, Delta)
    assert (frame.decode(), frame.delta) == ("SELECT 1", " 1")


def test_deltas_that_came_together_have_a_frame_each() -> None:
    joined = Token("sql", "SELECT 1", 0, 1, ("SELECT", " 1"))
    assert plain().render(Stamped("q", AT, "zh", joined), 1) == (b"SELECT", b" 1")


def test_whatever_it_is_called_by_every_column_is_in_the_result() -> None:
    dialect = plain(return_result=True)
    rows = RowsReady(0, 0, COLUMNS, b"[[1,2],[3,null]]", 2, False)
    more = RowsReady(1, 2, COLUMNS, b"[[5,6]]", 1, True)
    told(dialect, QueryStarted("q"), SqlDrafted("s", "s", 1), SqlReady("SELECT 1", 1), rows, more)
    success, result = told(dialect, completed("SELECT 1", 3))
    assert success == "SQL查询成功，结果行数: 3"
    assert orjson.loads(result) == {
        "status": "success",
        "sql": "SELECT 1",
        "result": [{"id": 1, "id_2": 2}, {"id": 3, "id_2": None}, {"id": 5, "id_2": 6}],
    }


def test_no_rows_are_an_empty_result() -> None:
    dialect = plain(return_result=True)
    told(dialect, QueryStarted("q"), SqlDrafted("s", "s", 1), RowsReady(0, 0, COLUMNS, b"[]", 0, True))
    assert orjson.loads(told(dialect, completed("s"))[1])["result"] == []


def test_a_result_beyond_its_bound_is_an_error_and_not_a_part() -> None:
    dialect = plain(return_result=True, whole_bytes=1024)
    rows = RowsReady(0, 0, COLUMNS, b"[" + b",".join([b"[1,2]"] * 100) + b"]", 100, True)
    told(dialect, QueryStarted("q"), SqlDrafted("s", "s", 1), rows)
    success, result = told(dialect, completed("s", 100))
    assert success == "SQL查询成功，结果行数: 100"
    assert orjson.loads(result)["status"] == "error"
    assert "1,024" in orjson.loads(result)["message"]


def test_a_rewrite_without_sql_says_what_the_model_said() -> None:
    dialect, fault = plain(), Fault(Code.SQL_EXECUTION_FAILED, verbatim("no such column"))
    told(dialect, QueryStarted("q"), stage(Stage.GENERATING_SQL), stage(Stage.VALIDATING_SQL))
    told(dialect, SqlDrafted("s", "s", 1), stage(Stage.EXECUTING_SQL), SqlFailed("s", fault, 1, 70))
    told(dialect, stage(Stage.GENERATING_SQL), Token("sql", "不知", 0, 2), Token("sql", "道", 1, 2))
    assert told(dialect, QueryFailed(fault, Stage.GENERATING_SQL)) == [
        "模型重写的SQL内容: 不知道",
        "SQL语句生成失败",
    ]


def test_an_empty_answer_of_the_model_is_done_and_no_sql() -> None:
    dialect = plain()
    told(dialect, QueryStarted("q"), stage(Stage.GENERATING_SQL), Token("sql", "```", 0, 1))
    empty = Fault(Code.SQL_GENERATION_FAILED, verbatim("empty"))
    assert told(dialect, QueryFailed(empty, Stage.GENERATING_SQL)) == ["DONE", "SQL语句生成失败"]


def test_a_second_rewrite_fails_like_the_first() -> None:
    dialect, fault = plain(), Fault(Code.SQL_EXECUTION_FAILED, verbatim("no"))
    told(dialect, QueryStarted("q"), SqlDrafted("s", "s", 1), stage(Stage.EXECUTING_SQL))
    assert told(dialect, SqlFailed("s", fault, 1, 70)) == ["SQL查询失败: no", "正在尝试重写SQL语句..."]
    told(dialect, SqlDrafted("t", "t", 2), stage(Stage.EXECUTING_SQL))
    again = ["重写后的SQL查询仍然失败: no", "正在尝试重写SQL语句..."]
    assert told(dialect, SqlFailed("t", fault, 2, 70)) == again


def test_what_nobody_foresaw_is_told_as_such_wherever_it_happened() -> None:
    for where in Stage:
        dialect, bug = plain(), Fault(Code.UNKNOWN_ERROR, verbatim("编号 1"))
        told(dialect, QueryStarted("q"), SqlDrafted("s", "s", 1), stage(Stage.EXECUTING_SQL))
        assert told(dialect, QueryFailed(bug, where)) == ["查询处理过程中发生异常: 编号 1"]


def test_it_is_telling_from_its_beginning_to_its_ending() -> None:
    dialect = plain(return_result=True)
    told(dialect, QueryStarted("q"), SqlDrafted("s", "s", 1))
    assert dialect.is_telling
    told(dialect, completed("s"))
    assert not dialect.is_telling

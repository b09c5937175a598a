"""The one catalogue of errors, for every dialect; and `Fault`, the exception that carries one.

Foreign exceptions become a `Fault` at the border where the library is called, and nowhere else. A `Fault`
never holds a traceback, a password, a key or a path of the server: what it says may go to any client.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from text2sql_ws.texts import Text

Level = Literal["warning", "error", "critical"]


class Code(StrEnum):
    """The codes of `wire.md` 1.2."""

    NETWORK_ERROR = "NETWORK_ERROR"
    TIMEOUT_ERROR = "TIMEOUT_ERROR"
    INVALID_QUESTION = "INVALID_QUESTION"
    DATASOURCE_NOT_FOUND = "DATASOURCE_NOT_FOUND"
    DATABASE_CONNECTION_FAILED = "DATABASE_CONNECTION_FAILED"
    SQL_GENERATION_FAILED = "SQL_GENERATION_FAILED"
    SQL_SYNTAX_ERROR = "SQL_SYNTAX_ERROR"
    SQL_EXECUTION_FAILED = "SQL_EXECUTION_FAILED"
    NO_DATA_RETURNED = "NO_DATA_RETURNED"
    CHART_CONFIG_FAILED = "CHART_CONFIG_FAILED"
    CHART_RENDER_FAILED = "CHART_RENDER_FAILED"
    LLM_SERVICE_ERROR = "LLM_SERVICE_ERROR"
    INSUFFICIENT_PERMISSIONS = "INSUFFICIENT_PERMISSIONS"
    RESOURCE_LIMIT_EXCEEDED = "RESOURCE_LIMIT_EXCEEDED"
    UNKNOWN_ERROR = "UNKNOWN_ERROR"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    UNKNOWN_MESSAGE_TYPE = "UNKNOWN_MESSAGE_TYPE"
    QUERY_NOT_FOUND = "QUERY_NOT_FOUND"
    SQL_NOT_READ_ONLY = "SQL_NOT_READ_ONLY"
    RATE_LIMITED = "RATE_LIMITED"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    SESSION_NOT_FOUND = "SESSION_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a code. `can_retry`: may the very same request succeed later?"""

    level: Level
    title: Text
    suggestion: Text
    can_retry: bool


MisnamedKind = Literal["table", "column", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A name that the database could not place, as it stood in the SQL (`e.nme`)."""

    kind: MisnamedKind
    name: str


class Fault(Exception):
    """A failure with a code of the catalogue and a sentence for whom it concerns.

    `mendable`: the database refused the SQL in a way that another SQL could avoid (syntax, unknown column);
    a lost connection, a time-out or a missing right is not. `retry_after`: seconds until it is worth trying
    again, where that is known. `misnamed`: the name in the SQL that it was refused for.
    """

    def __init__(
        self,
        code: Code,
        message: Text,
        *,
        mendable: bool = False,
        retry_after: float | None = None,
        misnamed: Misnamed | None = None,
    ) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.mendable = mendable
        self.retry_after = retry_after
        self.misnamed = misnamed

    @property
    def entry(self) -> Entry:
        return CATALOGUE[self.code]


def _entry(level: Level, can_retry: bool, title: tuple[str, str], suggestion: tuple[str, str]) -> Entry:
    return Entry(level, Text(*title), Text(*suggestion), can_retry)


CATALOGUE: dict[Code, Entry] = {
    Code.NETWORK_ERROR: _entry(
        "error", True, ("网络连接错误", "Network error"),
        ("请检查网络连接后重试", "Check the network connection, then try again"),
    ),
    Code.TIMEOUT_ERROR: _entry(
        "error", True, ("处理超时", "Time-out"),
        ("请缩小查询范围，或稍后重试", "Narrow the question, or try again later"),
    ),
    Code.INVALID_QUESTION: _entry(
        "warning", False, ("问题无效", "Invalid question"),
        ("请输入一个具体的、长度适中的问题", "Ask a specific question of moderate length"),
    ),
    Code.DATASOURCE_NOT_FOUND: _entry(
        "error", False, ("数据源不存在", "Data source not found"),
        ("请从可用的数据源中选择", "Choose one of the data sources that are configured"),
    ),
    Code.DATABASE_CONNECTION_FAILED: _entry(
        "critical", True, ("数据库连接失败", "Database connection failed"),
        ("请稍后重试；若持续失败，请联系管理员检查数据库", "Try again later; if it persists, have the database checked"),
    ),
    Code.SQL_GENERATION_FAILED: _entry(
        "error", True, ("SQL生成失败", "SQL generation failed"),
        ("请换一种说法，或把问题说得更具体", "Put the question in other words, or be more specific"),
    ),
    Code.SQL_SYNTAX_ERROR: _entry(
        "error", True, ("SQL语法错误", "SQL syntax error"),
        ("请检查SQL，或换一种说法重新提问", "Check the SQL, or put the question in other words"),
    ),
    Code.SQL_EXECUTION_FAILED: _entry(
        "error", True, ("SQL执行失败", "SQL execution failed"),
        ("请查看数据库的错误信息，修改问题或SQL后重试", "Read the database's error, change the question or the SQL, try again"),
    ),
    Code.NO_DATA_RETURNED: _entry(
        "warning", False, ("没有数据", "No data"),
        ("请放宽条件，例如扩大时间范围", "Loosen the conditions, for instance the range of dates"),
    ),
    Code.CHART_CONFIG_FAILED: _entry(
        "warning", True, ("图表配置失败", "Chart configuration failed"),
        ("请改用表格查看结果", "Look at the table instead"),
    ),
    Code.CHART_RENDER_FAILED: _entry(
        "warning", True, ("图表渲染失败", "Chart rendering failed"),
        ("请改用表格查看结果", "Look at the table instead"),
    ),
    Code.LLM_SERVICE_ERROR: _entry(
        "critical", True, ("模型服务异常", "Model service error"),
        ("请稍后重试，或换一个模型", "Try again later, or choose another model"),
    ),
    Code.INSUFFICIENT_PERMISSIONS: _entry(
        "error", False, ("权限不足", "Insufficient permissions"),
        ("请联系管理员获取权限，或改问允许访问的数据", "Ask an administrator for access, or ask about data that is allowed"),
    ),
    Code.RESOURCE_LIMIT_EXCEEDED: _entry(
        "error", True, ("资源超限", "Resource limit exceeded"),
        ("请等待正在运行的查询结束，或缩小查询范围", "Wait for running queries to end, or narrow the question"),
    ),
    Code.UNKNOWN_ERROR: _entry(
        "error", True, ("未知错误", "Unknown error"),
        ("请重试；若持续失败，请把编号告知管理员", "Try again; if it persists, give the reference to an administrator"),
    ),
    Code.INVALID_MESSAGE: _entry(
        "error", False, ("消息格式错误", "Invalid message"),
        ("请按接口文档修正消息中指出的字段", "Correct the field that is named, as the interface's documentation says"),
    ),
    Code.UNKNOWN_MESSAGE_TYPE: _entry(
        "error", False, ("未知的消息类型", "Unknown message type"),
        ("请使用接口文档中列出的类型", "Use one of the types that the documentation lists"),
    ),
    Code.QUERY_NOT_FOUND: _entry(
        "warning", False, ("查询不存在", "Query not found"),
        ("请检查查询编号，它可能已经结束", "Check the query's id; it may have ended already"),
    ),
    Code.SQL_NOT_READ_ONLY: _entry(
        "error", False, ("只允许只读查询", "Only read-only queries are allowed"),
        ("请改为一条只读取数据的查询语句", "Ask with one statement that only reads data"),
    ),
    Code.RATE_LIMITED: _entry(
        "warning", True, ("请求过于频繁", "Too many requests"),
        ("请稍等片刻再试", "Wait a moment, then try again"),
    ),
    Code.AUTHENTICATION_FAILED: _entry(
        "error", False, ("身份验证失败", "Authentication failed"),
        ("请重新登录后再试", "Log in again, then retry"),
    ),
    Code.SESSION_NOT_FOUND: _entry(
        "error", False, ("会话不存在", "Session not found"),
        ("请检查会话编号，或新建一个会话", "Check the session's id, or start a new session"),
    ),
}  # fmt: skip

"""What `plain` says (`wire.md` 3 and 1.4): the wire format itself, exact, and in Chinese whatever the locale.

So these sentences stand here, and not in `texts.py`. Pure.
"""

import math
from collections.abc import Mapping

from text2sql_ws.departures import (
    DISCONNECTED,
    NO_PLACE,
    SHUTTING_DOWN,
    SILENT,
    TOKEN_EXPIRED,
    TOO_LARGE,
    TOO_MANY_MESSAGES,
)
from text2sql_ws.errors import Code, Fault

STARTED = "正在处理查询请求..."
CALLING = "正在调用text2sql模型生成SQL语句..."
DONE = "DONE"
FINAL = "最终SQL语句: {}"
EXECUTING = "正在执行SQL查询..."
SUCCEEDED = "SQL查询成功，结果行数: {}"
FAILED = "SQL查询失败: {}"
REWRITING = "正在尝试重写SQL语句..."
REWRITE = "模型重写的SQL内容: {}"
REWRITTEN = "重写后的SQL语句: {}"
EXECUTING_REWRITTEN = "正在执行重写后的SQL查询..."
REWRITTEN_SUCCEEDED = "重写后的SQL查询成功"
REWRITTEN_FAILED = "重写后的SQL查询仍然失败: {}"
NO_SQL = "SQL语句生成失败"
UNFORESEEN = "查询处理过程中发生异常: {}"
CANCELLED = "查询已取消"
MALFORMED = "请求格式错误: {}"
NOTHING_RUNS = "没有正在执行的查询"
TOO_OFTEN = "请求过于频繁，请{}秒后重试"
CLOSINGS: Mapping[str, str] = {
    TOO_MANY_MESSAGES.reason: TOO_OFTEN.format(60),
    TOKEN_EXPIRED.reason: "登录已过期",
    NO_PLACE.reason: "连接数已达上限",
    SHUTTING_DOWN.reason: "服务器正在关闭",
    SILENT.reason: "心跳超时",
    TOO_LARGE.reason: "消息过大",
    DISCONNECTED.reason: "管理员断开了连接",
}


def refusal(fault: Fault) -> str:
    """The answer to a message that was not carried out."""
    match fault.code:
        case Code.RATE_LIMITED:
            return TOO_OFTEN.format(math.ceil(fault.retry_after or 1))
        case Code.QUERY_NOT_FOUND:
            return NOTHING_RUNS
        case Code.INVALID_MESSAGE | Code.INVALID_QUESTION | Code.UNKNOWN_MESSAGE_TYPE:
            return MALFORMED.format(fault.message.zh)
        case _:
            return UNFORESEEN.format(fault.message.zh)

"""Example values of text columns that hold few different ones: what a question's words are compared with.

Secrets and personal identifiers are never sampled, by name or comment; nor are views, where even a LIMIT may
cost a whole aggregation. Missing examples are no fault: when time runs out, the rest go without.
"""

import asyncio
import re
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from text2sql_ws.catalog.words import snake_case
from text2sql_ws.schema import Column, Table

log = structlog.get_logger()

SAMPLED_ROWS = 5_000
MAX_DISTINCT = 20
MAX_CHARS = 40
MAX_EXAMPLES = 8
MAX_DECLARED = 255

TEXT_TYPE = re.compile(r"^(n?var)?n?char(acter)?( varying)?\b|^tinytext\b|^clob\b|^string\b", re.IGNORECASE)
DECLARED_LENGTH = re.compile(r"\((\d+)\)")
PRIVATE_NAME = re.compile(
    r"passw(or)?d|pwd|secret|token|credential|api_?key|private_?key|phone|mobile|e_?mail|passport|id_?card"
    r"|identity|(first|last|middle|full|real|maiden|user|nick)_?name|surname|street|address|birth"
    r"|(^|_)(tel|fax|ssn|iban|qq|wechat|salt|hash|otp|pin|ip|login|card_no|card_number|account_no)(_|$)"
)
PRIVATE_COMMENT = re.compile(
    r"密码|口令|令牌|密钥|私钥|手机|电话|联系方式|邮箱|邮件|身份证|证件|护照|银行卡|卡号|账号|姓名|地址|住址"
    r"|生日|微信|password|secret|token|phone|e-?mail|passport|social security|id card|address",
    re.IGNORECASE,
)


async def with_examples(
    connection: AsyncConnection, tables: tuple[Table, ...], views: frozenset[str], until: float
) -> tuple[Table, ...]:
    """The same tables, columns with up to 8 values each where few occur, the most frequent first.

    Looks at the first and the last rows only, by primary key. Ends at `until` (the loop's clock) with what
    it has by then; the connection may be unusable afterwards.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    sampled = (table for table in tables if table.name not in views)
    is_sqlite = connection.dialect.name == "sqlite"
    wanted = [(t, c) for t in sampled for c in t.columns if may_be_sampled(c, text_is_long=not is_sqlite)]
    try:
        async with asyncio.timeout_at(until):
            for table, column in wanted:
                found[table.name, column.name] = await _sample(connection, table, column)
    except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
        log.info("examples_incomplete", columns=len(wanted), sampled=len(found), reason=type(error).__name__)
    return tuple(_filled(table, found) for table in tables)


def may_be_sampled(column: Column, *, text_is_long: bool = False) -> bool:
    """Is it text of moderate length, and neither secret nor personal?

    `text_is_long`: does the database keep the type TEXT for what no VARCHAR holds?
    """
    length = DECLARED_LENGTH.search(column.type)
    is_text = TEXT_TYPE.match(column.type) or (column.type.lower() == "text" and not text_is_long)
    is_short = length is None or int(length[1]) <= MAX_DECLARED
    return bool(is_text and is_short) and not is_private(column)


def is_private(column: Column) -> bool:
    """Does its name or comment suggest a secret or something that identifies a person?"""
    return bool(
        PRIVATE_NAME.search(snake_case(column.name)) or PRIVATE_COMMENT.search(column.name + column.comment)
    )


async def _sample(connection: AsyncConnection, table: Table, column: Column) -> tuple[str, ...]:
    values = (await connection.execute(_distinct_values(table, column))).scalars().all()
    if len(values) > MAX_DISTINCT:
        return ()
    texts = [str(value) for value in values]
    if any(len(value) > MAX_CHARS for value in texts):
        return ()
    return tuple(texts[:MAX_EXAMPLES])


def _distinct_values(table: Table, column: Column) -> sa.Select[Any]:
    """The different values among the first and last rows, one more of them than we would show."""
    value: sa.Label[Any] = sa.column(column.name).label("value")
    rows = sa.select(value).select_from(sa.table(table.name))
    order: list[sa.ColumnClause[Any]] = [sa.column(key.name) for key in table.columns if key.primary_key]
    first = rows.order_by(*order).limit(SAMPLED_ROWS // 2).subquery()
    last = rows.order_by(*(key.desc() for key in order)).limit(SAMPLED_ROWS // 2).subquery()
    both = sa.union_all(sa.select(first.c.value), sa.select(last.c.value)).subquery()
    return (
        sa.select(both.c.value)
        .where(both.c.value.is_not(None), both.c.value != "")
        .group_by(both.c.value)
        .order_by(sa.func.count().desc(), both.c.value)
        .limit(MAX_DISTINCT + 1)
    )


def _filled(table: Table, found: dict[tuple[str, str], tuple[str, ...]]) -> Table:
    columns = (
        replace(column, examples=found.get((table.name, column.name)) or column.examples)
        for column in table.columns
    )
    return replace(table, columns=tuple(columns))

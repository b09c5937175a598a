"""No value of a query may be made big: what multiplies text takes small numbers that the text itself tells.

A server doesn't look at its time limit, nor at KILL, while it works on one value
(`MD5(REPEAT('a', 16000000))`, `randomblob(900000000)`). The one rule: sizes are over-estimated, and a size
that can't be told is too big. What the tables hold is taken to be short: only growth is judged.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from sqlglot import exp

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals
from text2sql_ws.sql.bounds import COUNTED, Bounds, as_number, function_name
from text2sql_ws.sql.lexer import Token
from text2sql_ws.sql.scopes import Scopes

MAX_COUNT = 1000
MAX_CHARACTERS = 1 << 18
_GROWING = (exp.Concat, exp.ConcatWs, exp.DPipe, exp.Replace, exp.RegexpReplace, exp.Hex, exp.GroupConcat)
_GROWING_NAMES = frozenset(
    ("export_set", "insert", "make_set", "group_concat", "string_agg", "to_base64", "quote")
)
_WIDE_FORMAT = re.compile(r"%[-+ 0,#!]*(?:\*|\d{4,})|%[^%a-zA-Z]*\.(?:\*|\d{4,})")
_MAX_TYPE_LENGTH = 65_535


def check(
    tokens: Sequence[Token],
    nodes: Sequence[exp.Expr],
    dialect: SqlDialect,
    scopes: Callable[[], Scopes],
) -> None:
    """Raise `Fault` SQL_NOT_READ_ONLY for a value that is, or may become, too big.

    `scopes` is only called where there is something to judge.
    """
    counted = list(_counted_calls(tokens, nodes))
    growing = [node for node in nodes if _grows(node)]
    for node in nodes:
        if isinstance(node, exp.DataTypeParam):
            _check_type(node)
    if dialect == "sqlite":
        _check_formats(tokens)
    if counted or growing:
        bounds = Bounds(scopes())
        for name, node in counted:
            _check_count(name, node, bounds)
        for node in growing:
            if bounds.text(node) > MAX_CHARACTERS:
                raise refusals.not_read_only("value_too_big", name=function_name(node).upper())


def _counted_calls(tokens: Sequence[Token], nodes: Sequence[exp.Expr]) -> Iterator[tuple[str, exp.Expr]]:
    """Each call of a `COUNTED` function: found in the text, so that no class of sqlglot's is overlooked."""
    calls = [
        token
        for token, after in pairwise(tokens)
        if after.text == "(" and token.kind in ("word", "quoted") and token.name in COUNTED
    ]
    if not calls:
        return
    functions = {node.meta.get("start"): node for node in nodes if isinstance(node, exp.Func)}
    for token in calls:
        if token.start not in functions:
            raise refusals.not_read_only("size", name=token.name.upper(), limit=MAX_COUNT)
        yield token.name, functions[token.start]


def _check_count(name: str, call: exp.Expr, bounds: Bounds) -> None:
    if bounds.count(call, COUNTED[name]) > MAX_COUNT:
        raise refusals.not_read_only("size", name=name.upper(), limit=MAX_COUNT)
    if bounds.text(call) > MAX_CHARACTERS:
        raise refusals.not_read_only("value_too_big", name=name.upper())


def _check_type(parameter: exp.Expr) -> None:
    length = parameter.this
    if isinstance(length, exp.Literal) and as_number(length) > _MAX_TYPE_LENGTH:
        raise refusals.not_read_only("size", name="CAST", limit=_MAX_TYPE_LENGTH)


def _check_formats(tokens: Sequence[Token]) -> None:
    """SQLite's printf: a literal format, without wide fields."""
    for token, opening, form, closing in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if opening.text == "(" and token.name in ("printf", "format"):
            is_literal = form.kind == "string" and closing.text in (",", ")")
            if not is_literal or _WIDE_FORMAT.search(form.text):
                raise refusals.not_read_only("size", name=token.name.upper(), limit=MAX_COUNT)


def _grows(node: exp.Expr) -> bool:
    return isinstance(node, _GROWING) or (
        isinstance(node, exp.Anonymous) and function_name(node) in _GROWING_NAMES
    )

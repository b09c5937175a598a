"""Short forms that people use ("研发") become the values that the database stores ("研究开发部").

The one rule: only whole string literals that are compared with a column change; every other character of the
statement stays as it was. `wire.md` 1.8 is the contract.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.lexer import Unreadable, scan
from text2sql_ws.sql.syntax import trees

MAX_CHARACTERS = 32 << 10

_COMPARISONS = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_WRAPPERS = (exp.Paren, exp.Collate, exp.Cast, exp.Trim)


@dataclass(frozen=True, slots=True)
class Expanded:
    """`replaced`: each (short form, stored value) that was put in, once, in the order of the text."""

    sql: str
    replaced: tuple[tuple[str, str], ...] = ()


def expand(sql: str, dialect: SqlDialect, tables: Mapping[str, Mapping[str, str]]) -> Expanded:
    """`sql` with the abbreviations of `tables` written out, table after table in their order.

    What one table put in is looked up in the tables after it, and never again in the same table. Text that
    can't be parsed, or is longer than the guard allows, is given back as it came. Pure; raises nothing.
    """
    if not any(tables.values()) or len(sql) > MAX_CHARACTERS:
        return Expanded(sql)
    edits: list[tuple[int, int, str]] = []
    replaced: dict[tuple[str, str], None] = {}
    for literal, is_pattern in _compared_literals(sql, dialect):
        head, core, tail = _parted(literal.this, is_pattern, tables)
        stored = _stored(core, tables)
        start, end = literal.meta["start"], literal.meta["end"]
        if stored != core and sql[start] in "'\"" and sql[start] == sql[end]:
            edits.append((start, end + 1, _literal(head + stored + tail, sql[start], dialect)))
            replaced[core, stored] = None
    for start, end, text in sorted(edits, reverse=True):
        sql = sql[:start] + text + sql[end:]
    return Expanded(sql, tuple(replaced))


def _compared_literals(sql: str, dialect: SqlDialect) -> Iterator[tuple[exp.Expr, bool]]:
    """The string literals that are compared with a column, in the order of the text, and whether by LIKE."""
    found = []
    for tree in trees(_without_comments(sql, dialect), dialect):
        for node in tree.walk():
            for column, value in _pairs(node):
                literal = _unwrapped(value)
                is_text = isinstance(literal, exp.Literal) and literal.is_string and "start" in literal.meta
                if is_text and isinstance(_unwrapped(column), exp.Column):
                    found.append((literal, isinstance(node, exp.Like)))
    yield from sorted(found, key=lambda pair: pair[0].meta["start"])


def _pairs(node: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """What `node` compares with what; the second may be a literal."""
    match node:
        case exp.In():
            for value in node.expressions:
                yield from _aligned(node.this, value)
        case exp.Like():
            pattern = node.expression
            yield node.this, pattern.this if isinstance(pattern, exp.Escape) else pattern
        case _ if isinstance(node, _COMPARISONS):
            yield from _aligned(node.this, node.expression)
            yield from _aligned(node.expression, node.this)


def _aligned(column: exp.Expr, value: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """`(a, b)` and `('x', 'y')` are compared pair by pair."""
    if isinstance(column, exp.Tuple) and isinstance(value, exp.Tuple):
        yield from zip(column.expressions, value.expressions, strict=False)
    else:
        yield column, value


def _unwrapped(node: exp.Expr) -> exp.Expr:
    while isinstance(node, _WRAPPERS):
        node = node.this
    return node


def _parted(value: str, is_pattern: bool, tables: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    """A pattern's wildcards at either end, and what stands between them."""
    if is_pattern:
        for wildcards in ("%", "%_"):
            core = value.strip(wildcards)
            if core and _stored(core, tables) != core:
                start = value.index(core)
                return value[:start], core, value[start + len(core) :]
    return "", value, ""


def _stored(value: str, tables: Mapping[str, Mapping[str, str]]) -> str:
    for table in tables.values():
        value = table.get(value, value)
    return value


def _literal(value: str, quote: str, dialect: SqlDialect) -> str:
    if dialect != "sqlite":
        value = value.replace("\\", "\\\\")
    return quote + value.replace(quote, quote * 2) + quote


def _without_comments(sql: str, dialect: SqlDialect) -> str:
    """Every comment blanked, so that offsets stay what they were; text that can't be read stays as it is."""
    try:
        return "".join(
            re.sub(r"[^\n]", " ", token.text) if token.kind == "comment" else token.text
            for token in scan(sql, dialect)
        )
    except Unreadable:
        return sql

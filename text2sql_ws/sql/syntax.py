"""sqlglot behind one door: text to tree, and proof that the tree is all of the text.

The one rule: a tree is only given out when sqlglot cut the text where the database's lexer does, understood
every word of it, and lost none on the way. Its parser ignores some things and forgives others.
"""

import logging
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import Token as ForeignToken

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals
from text2sql_ws.sql.functions import ALLOWED, FOREIGN, SYNTAX
from text2sql_ws.sql.gaps import respelled
from text2sql_ws.sql.lexer import Token, neighbours
from text2sql_ws.sql.nodes import GRAMMAR_WORDS, check_node
from text2sql_ws.sql.text import Canonical, canonical, replaced

_DIALECTS: dict[SqlDialect, str] = {
    "mysql": "mysql",
    "tidb": "mysql",
    "sqlite": "sqlite",
    "starrocks": "starrocks",
    "doris": "doris",
}


def parse(statement: Canonical, dialect: SqlDialect) -> exp.Expr:
    """The tree of a query, every node of a known kind, every name of the text in it.

    Raises `Fault`: SQL_SYNTAX_ERROR where there is no tree, SQL_NOT_READ_ONLY for what is not allowed in one.
    """
    statement = respelled(statement, dialect)
    tree = _tree(statement, dialect)
    nodes = list(tree.walk())
    for node in nodes:
        check_node(node)
    _check_table_names(statement, nodes, dialect)
    _check_calls(statement.tokens, nodes, dialect)
    _check_nothing_lost(statement.tokens, nodes)
    if not isinstance(tree, exp.Query | exp.Values):
        raise refusals.not_read_only("verb", verb=tree.key.upper())
    return tree


# Besides its own errors, sqlglot's parser trips over some malformed texts with Python's.
_PARSER_ERRORS = (SqlglotError, ValueError, TypeError, AttributeError, LookupError)


def trees(sql: str, dialect: SqlDialect) -> list[exp.Expr]:
    """The trees of the statements in `sql`, for looking only: nothing is checked.

    Empty where it can't be parsed.
    """
    known = Dialect.get_or_raise(_DIALECTS[dialect])
    try:
        found = _parsed(known, known.tokenize(sql), sql)
    except (RecursionError, *_PARSER_ERRORS):
        return []
    return [tree for tree in found if tree is not None]


def _parsed(known: Dialect, tokens: list[ForeignToken], sql: str) -> list[exp.Expr | None]:
    """Parse without the log lines about what sqlglot doesn't support: here that is an answer, no event."""
    log = logging.getLogger("sqlglot")
    was_disabled, log.disabled = log.disabled, True
    try:
        return known.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, sql)
    finally:
        log.disabled = was_disabled


def _tree(statement: Canonical, dialect: SqlDialect) -> exp.Expr:
    known = Dialect.get_or_raise(_DIALECTS[dialect])
    try:
        foreign = known.tokenize(statement.sql)
        _check_boundaries(statement.tokens, foreign)
        found = _parsed(known, foreign, statement.sql)
    except _PARSER_ERRORS as error:
        raise refusals.malformed(_place(error, statement.sql)) from None
    if len(found) != 1 or found[0] is None:
        raise refusals.malformed("")
    return found[0]


def _place(error: Exception, sql: str) -> str:
    details = getattr(error, "errors", None)
    if details:
        return str(details[0].get("highlight") or "") + str(details[0].get("end_context") or "")
    return sql[:60]


def _check_boundaries(tokens: Sequence[Token], foreign: Sequence[ForeignToken]) -> None:
    """Refuse a text that sqlglot cuts inside one of the database's tokens."""
    starts = {token.start for token in tokens}
    ends = {token.end for token in tokens}
    # A number's point may be a token of its own there: `.5` is `.` and `5`.
    points = {
        token.start + token.text.index(".")
        for token in tokens
        if token.kind == "number" and "." in token.text
    }
    starts |= points | {point + 1 for point in points}
    ends |= points | {point + 1 for point in points}
    for token in foreign:
        if token.start not in starts or token.end + 1 not in ends:
            raise refusals.malformed(token.text)


def _check_table_names(statement: Canonical, nodes: Sequence[exp.Expr], dialect: SqlDialect) -> None:
    """A string can name a table in SQLite; elsewhere only the parser thinks so."""
    for node in nodes:
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier) and dialect != "sqlite":
            start = node.this.meta.get("start", 0)
            if statement.sql[start] in "'\"":
                raise refusals.malformed(statement.sql[start:])


def _check_calls(tokens: Sequence[Token], nodes: Sequence[exp.Expr], dialect: SqlDialect) -> None:
    """Refuse every name before `(` that is neither an allowed function, nor grammar, nor an alias."""
    aliases = set(_alias_positions(nodes))
    for before, token, after in neighbours(tokens):
        if (
            after is None
            or after.text != "("
            or token.kind not in ("word", "quoted")
            or token.start in aliases
        ):
            continue
        if before is not None and before.text == ".":
            raise refusals.not_read_only("stored_function", name=token.name)
        if token.name in ALLOWED[dialect] or (token.kind == "word" and token.name in SYNTAX):
            continue
        if token.name in FOREIGN:
            raise refusals.unknown_function(token.text)
        raise refusals.not_read_only("function", name=token.name.upper())


def _alias_positions(nodes: Sequence[exp.Expr]) -> Iterator[int]:
    """Where a name with a list of columns stands: `WITH name (a, b) AS`, `AS name (a, b)`."""
    for node in nodes:
        if isinstance(node, exp.TableAlias) and node.args.get("columns") and node.this is not None:
            start = node.this.meta.get("start")
            if start is not None:
                yield start


def _check_nothing_lost(tokens: Sequence[Token], nodes: Sequence[exp.Expr]) -> None:
    """sqlglot drops what it has no place for, such as surplus arguments; the database doesn't."""
    positions = {node.meta["start"] for node in nodes if node._meta and "start" in node._meta}
    for before, token, after in neighbours(tokens):
        if token.kind not in ("word", "quoted") or token.start in positions:
            continue
        is_called = after is not None and after.text == "("
        is_collation = before is not None and before.is_word("collate")
        is_grammar = token.kind == "word" and token.name in GRAMMAR_WORDS
        if not (is_called or is_collation or is_grammar):
            raise refusals.malformed(token.text)
    written = sum(token.is_word("select") for token in tokens)
    if written != sum(isinstance(node, exp.Select) for node in nodes):
        raise refusals.malformed("SELECT")


def spelled_out(statement: Canonical, dialect: SqlDialect) -> Canonical:
    """MySQL's `TABLE t` as the `SELECT * FROM t` that it stands for: sqlglot doesn't know it."""
    tokens = statement.tokens
    if dialect == "sqlite":
        return statement
    edits = []
    for before, token, after in neighbours(tokens):
        opens = before is None or before.text == "(" or before.is_word("union", "all", "except", "intersect")
        if opens and token.is_word("table") and after is not None and after.kind in ("word", "quoted"):
            edits.append((token.start, token.end, "SELECT * FROM"))
    return canonical(replaced(statement, edits), dialect) if edits else statement

"""The text that runs: the statement without comments, without `;`, and with one possible reading.

Knows tokens, no grammar. The one rule: after this, no setting of a server (`NO_BACKSLASH_ESCAPES`,
`ANSI_QUOTES`, versions in executable comments) puts the end of a string, name or comment anywhere else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals, words
from text2sql_ws.sql.lexer import Token, Unreadable, scan

# `/*!50000 …*/` (MySQL), `/*M! …*/` (MariaDB), `/*T! …*/` (TiDB): comments that run.
_EXECUTABLE = re.compile(r"/\*\s*[A-Za-z]{0,3}!")
# Optimizer hints that set variables, limits or resource groups; the others only choose a plan.
_SETTING_HINT = re.compile(r"/\*\+.*?(SET_VAR|MAX_EXECUTION_TIME|RESOURCE_GROUP|MEMORY_QUOTA)", re.I | re.S)
_ESCAPED = re.compile(r"\\(.)", re.S)
_CONTROL = re.compile(r"[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Canonical:
    """One statement and its tokens, spaces left out; each token's offsets are those in `sql`."""

    sql: str
    tokens: tuple[Token, ...]


def canonical(sql: str, dialect: SqlDialect) -> Canonical:
    """The one statement in `sql`, as it will run.

    Comments become spaces, spaces that a server doesn't know become plain ones, `\\'` becomes `''`, and
    MySQL's `1--1` becomes `1- -1`. Everything else stays as it was. Raises `Fault`: SQL_NOT_READ_ONLY for
    executable comments and for more than one statement, SQL_SYNTAX_ERROR for what has no reading.
    """
    if _CONTROL.search(sql):
        raise refusals.not_read_only("control_character")
    return _joined(_one_statement(_readable(sql, dialect)), dialect)


def _readable(sql: str, dialect: SqlDialect) -> list[Token]:
    tokens: list[Token] = []
    try:
        for token in scan(sql, dialect):
            if token.kind == "comment":
                _check_comment(token.text)
            tokens.append(token)
    except Unreadable as unreadable:
        words.check([token for token in tokens if token.kind not in ("space", "comment")], dialect)
        words.check_unread(sql[unreadable.offset :])
        raise refusals.malformed(unreadable.near) from None
    return tokens


def _check_comment(comment: str) -> None:
    if _EXECUTABLE.search(comment):
        raise refusals.not_read_only("executable_comment", comment=comment[:40])
    if _SETTING_HINT.match(comment):
        raise refusals.not_read_only("hint", comment=comment[:40])


def _one_statement(tokens: list[Token]) -> list[Token]:
    significant = [i for i, token in enumerate(tokens) if token.kind not in ("space", "comment")]
    while significant and tokens[significant[-1]].text == ";":
        significant.pop()
    if any(tokens[i].text == ";" for i in significant):
        raise refusals.not_read_only("several_statements")
    if not significant:
        raise refusals.malformed("")
    return tokens[significant[0] : significant[-1] + 1]


def _joined(tokens: Iterable[Token], dialect: SqlDialect) -> Canonical:
    parts: list[str] = []
    kept: list[Token] = []
    length = 0
    for token in tokens:
        text = _unambiguous(token, dialect)
        if text == "-" and parts and parts[-1] == "-":
            parts.append(" ")
            length += 1
        if token.kind not in ("space", "comment"):
            kept.append(Token(token.kind, text, length))
        parts.append(text)
        length += len(text)
    return Canonical("".join(parts), tuple(kept))


def _unambiguous(token: Token, dialect: SqlDialect) -> str:
    match token.kind:
        case "space":
            return (
                token.text
                if token.text.isascii() and token.text.strip(" \t\r\n") == ""
                else _blank(token.text)
            )
        case "comment":
            return _blank(token.text)
        case "string" if dialect != "sqlite" and "\\" in token.text:
            return _requoted(token.text)
    return token.text


def _blank(text: str) -> str:
    return "\n" if "\n" in text else " "


def _requoted(string: str) -> str:
    """`'it\\'s'` as `'it''s'`: the same to a server with `NO_BACKSLASH_ESCAPES`."""
    quote = string[-1]
    if ";" in string and f"\\{quote}" in string:
        # Harmless as it is meant to be read, but written for a server that ends the string sooner.
        raise refusals.not_read_only("several_statements")
    return _ESCAPED.sub(lambda found: quote * 2 if found[1] == quote else found[0], string)


def sliced(statement: Canonical, first: int) -> Canonical:
    """The statement from its token `first` on, as a statement of its own."""
    offset = statement.tokens[first].start
    tokens = tuple(Token(t.kind, t.text, t.start - offset) for t in statement.tokens[first:])
    return Canonical(statement.sql[offset:], tokens)


def replaced(statement: Canonical, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with each `(start, end, new)` put in the place of what stood there. Edits don't overlap."""
    sql = statement.sql
    for start, end, new in sorted(edits, reverse=True):
        sql = sql[:start] + new + sql[end:]
    return sql

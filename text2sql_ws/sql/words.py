"""What a statement's tokens alone give away: verbs, reserved words, functions and variables that do harm.

Knows no grammar, so it also judges text that can't be parsed. The one rule: it only refuses; that something
passes here means nothing yet.
"""

import re
from collections.abc import Sequence

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql import refusals
from text2sql_ws.sql.functions import DENIED, listed
from text2sql_ws.sql.lexer import Token, neighbours

QUERY_VERBS = frozenset({"select", "with", "values", "table"})
METADATA_VERBS = frozenset({"show", "describe", "desc", "explain"})

# Reserved words, so unquoted they can only be the statement or clause that they name.
_RESERVED = listed("""
    into delete update drop alter create insert grant revoke call load lock unlock kill purge optimize rename
    procedure outfile infile dumpfile trigger signal resignal
""")
_RESERVED_IN_SQLITE = listed("into delete update drop alter create insert")
# `INSERT(…)` is a string function of MySQL.
_ALSO_FUNCTIONS = frozenset({"insert"})
_LOCKING = (("for", "update"), ("for", "share"), ("lock", "in"))
# MariaDB's `NEXT VALUE FOR sequence`
_SEQUENCES = (("next", "value"), ("previous", "value"))


def check(tokens: Sequence[Token], dialect: SqlDialect) -> None:
    """Raise `Fault` SQL_NOT_READ_ONLY when a token, or a few in a row, can only do harm."""
    _check_verb(tokens)
    shows_creation = tokens[0].is_word("show") and len(tokens) > 1 and tokens[1].is_word("create")
    for before, token, after in neighbours(tokens):
        if shows_creation and token is tokens[1]:
            continue
        match token.kind:
            case "word" | "quoted":
                _check_call(token, after)
                if before is not None and before.text == ".":
                    _check_member(token, dialect)
                elif token.kind == "word":
                    _check_word(token, after, dialect)
            case "string":
                _check_string(token, after)
            case "operator":
                _check_operator(token)


def _check_verb(tokens: Sequence[Token]) -> None:
    first = next((token for token in tokens if token.text != "("), None)
    if first is None or first.kind != "word" or first.name not in QUERY_VERBS | METADATA_VERBS:
        raise refusals.not_read_only("verb", verb=first.text[:30].upper() if first else "(")


def _check_call(token: Token, after: Token | None) -> None:
    if after is not None and after.text == "(" and token.name in DENIED:
        raise refusals.not_read_only(DENIED[token.name], name=token.name.upper())


def _check_word(token: Token, after: Token | None, dialect: SqlDialect) -> None:
    word = token.name
    following = after.name if after is not None and after.kind == "word" else ""
    if (word, following) in _LOCKING:
        raise refusals.not_read_only("locks", clause=f"{word} {following}".upper())
    if (word, following) in _SEQUENCES and dialect != "sqlite":
        raise refusals.not_read_only(DENIED["nextval"], name=f"{word} {following}".upper())
    reserved = _RESERVED_IN_SQLITE if dialect == "sqlite" else _RESERVED
    if word in reserved and not (word in _ALSO_FUNCTIONS and after is not None and after.text == "("):
        raise refusals.not_read_only("word", word=word.upper())
    if word in ("current_user", "current_role") and dialect != "sqlite":
        raise refusals.not_read_only(DENIED[word], name=word.upper())


def _check_member(token: Token, dialect: SqlDialect) -> None:
    """`s.nextval` advances a sequence of MariaDB where `sql_mode` is ORACLE."""
    if token.name == "nextval" and dialect != "sqlite":
        raise refusals.not_read_only(DENIED["nextval"], name="NEXTVAL")


def _check_string(token: Token, after: Token | None) -> None:
    """A string in the place of a name: a server with other settings would take it for one."""
    if after is not None and after.text in ("(", "."):
        raise refusals.not_read_only("string_as_name", text=token.text[:40])


def _check_operator(token: Token) -> None:
    if token.text == "::":
        raise refusals.malformed("::")
    if token.text == ":=":
        raise refusals.not_read_only("assigns")
    if token.text == "@":
        raise refusals.not_read_only("variable")
    if token.text in ("?", ":", "$", "#", "{", "}", "\\"):
        raise refusals.not_read_only("placeholder", sign=token.text)


def check_unread(text: str) -> None:
    """Raise `Fault` SQL_NOT_READ_ONLY for text that can't be cut into tokens and holds a sign of harm."""
    found = _HARM.search(text)
    if found is None:
        return
    if found["name"]:
        raise refusals.not_read_only(DENIED[found["name"].lower()], name=found["name"].upper())
    raise refusals.not_read_only("word", word=found.group().upper())


_HARM = re.compile(
    rf"(?P<name>{'|'.join(sorted(DENIED, key=len, reverse=True))})[`\"\]]?\s*\(|;|/\*.{{0,3}}!"
    rf"|\b(?:{'|'.join(sorted(_RESERVED))})\b",
    re.IGNORECASE,
)

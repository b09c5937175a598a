"""Is this text a SQL statement, or words? Also of statements that will be refused.

Judges the form only, never whether the statement may run. The one rule: what a person might as well have said
in English is words ("Show me all customers", "Update on sales?").
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.lexer import Token, Unreadable, scan
from text2sql_ws.sql.syntax import trees
from text2sql_ws.sql.verbs import OTHER_STATEMENTS

_MAX_CHARACTERS = 64 << 10
# What follows tells nothing more about a statement's form.
_MAX_TOKENS = 200


@dataclass(frozen=True, slots=True)
class _Statement:
    """The tokens up to the first `;`, of which the first `opening` are parentheses."""

    text: str
    tokens: tuple[Token, ...]
    opening: int
    dialect: SqlDialect

    @property
    def words(self) -> tuple[Token, ...]:
        return self.tokens[self.opening :]

    @property
    def source(self) -> str:
        return self.text[self.tokens[0].start : self.tokens[-1].end]

    @property
    def spelled(self) -> str:
        """One space between tokens, words in lower case, names and strings as signs of their own."""
        kinds = {"quoted": "`n`", "string": "'s'"}
        return " ".join(kinds.get(token.kind, token.text.lower()) for token in self.words[:_MAX_TOKENS])

    def matches(self, pattern: str | re.Pattern[str]) -> bool:
        return re.match(pattern, self.spelled) is not None


def is_sql(text: str, dialect: SqlDialect) -> bool:
    """Does `text` start with a SQL statement, comments and parentheses left aside?

    So `SELECT 1; DROP TABLE t` is one. Pure; raises nothing.
    """
    return _is_sql(_first_tokens(text[:_MAX_CHARACTERS], dialect), text, dialect)


def _is_sql(tokens: tuple[Token, ...], text: str, dialect: SqlDialect) -> bool:
    opening = next((i for i, token in enumerate(tokens) if token.text != "("), len(tokens))
    if opening == len(tokens) or tokens[opening].kind != "word":
        return False
    statement = _Statement(text, tokens, opening, dialect)
    known = _FORMS.get(tokens[opening].name)
    return known(statement) if known else OTHER_STATEMENTS.fullmatch(statement.spelled) is not None


def _first_tokens(text: str, dialect: SqlDialect) -> tuple[Token, ...]:
    """The tokens up to the first `;`, or to where the text can't be read any more."""
    found: list[Token] = []
    try:
        for token in scan(text, dialect):
            if token.text == ";" and found:
                break
            if token.kind not in ("space", "comment") and token.text != ";":
                found.append(token)
    except Unreadable as unreadable:
        found.append(Token("operator", unreadable.near[:1], unreadable.offset))
    return tuple(found)


def _is_select(statement: _Statement) -> bool:
    found = trees(statement.source, statement.dialect)
    if len(found) == 1 and isinstance(found[0], exp.Query):
        if found[0].find(exp.From) is None:
            return found[0].find(exp.Column, exp.Star) is None
        has_signs = any(token.kind != "word" for token in statement.words)
        return has_signs or statement.words[0].text != "Select"
    return statement.matches(_MALFORMED_SELECT) or _has_clauses(statement)


# Not SQL as it stands, but nobody would say it: `select * form orders`, `select count(x from t`.
_MALFORMED_SELECT = re.compile(r"select (?:distinct |all )?(?:\*|[0-9]|'s'|`n`|\(|[\w$]+ [.(])(?!.*\?$)")


def _has_clauses(statement: _Statement) -> bool:
    """FROM, a clause behind it, and a sign that words don't have."""
    words = [token.name for token in statement.words if token.kind == "word"]
    after = words[words.index("from") :] if "from" in words else []
    has_signs = any(token.kind == "string" or token.text in "=<>(" for token in statement.words)
    return has_signs and not _CLAUSES.isdisjoint(after)


_CLAUSES = frozenset(("where", "group", "order", "having", "join", "limit", "into"))
_NAME = r"(?:[\w$]+|`n`)"
_PATH = rf"{_NAME}(?: \. {_NAME}){{0,2}}"


def _is_with(statement: _Statement) -> bool:
    columns = r"(?:\( [\w$`, ]+ \) )?"
    return statement.matches(rf"with (?:recursive )?{_NAME} {columns}as (?:(?:not )?materialized )?\(")


def _is_values(statement: _Statement) -> bool:
    return statement.matches(r"values (?:row )?\(")


def _is_table(statement: _Statement) -> bool:
    tail = r"(?: (?:order by|limit|union|except|intersect|into) .*)?"
    return statement.dialect != "sqlite" and statement.matches(rf"table {_PATH}{tail}\Z")


def _is_show(statement: _Statement) -> bool:
    return statement.matches(_SHOW)


# What might as well be asked in words (`show events`, `show status of orders`) is left to the model.
_SPACED_PATH = _PATH.replace(" ", r"\ ")
_SHOW = re.compile(
    rf"""show\ (?:(?:full|extended|global|session|open)\ )*
    (?: tables | databases | schemas | processlist | variables | grants | engines | plugins | table\ status
      | triggers | (?:columns|fields|index|indexes|keys)\ (?:from|in)\ {_SPACED_PATH}
      | create\ (?:table|view|database|schema|procedure|function|trigger|event|user)
        \ (?:if\ not\ exists\ )?{_SPACED_PATH}
      | (?:master|slave|replica|binary\ log|procedure|function|engine\ {_NAME})\ status
      | (?:binary|master|replica)\ (?:logs|replicas) | binlog\ events | character\ set | storage\ engines
    )
    (?:\ (?:from|in)\ {_NAME})? (?:\ like\ 's')? (?:\ where\ .*[=<>(].*)? (?:\ for\ .*)? \Z""",
    re.VERBOSE,
)


def _is_describe(statement: _Statement) -> bool:
    if _explains(statement):
        return True
    words = statement.words
    if words[0].text.isupper():
        return statement.matches(rf"\w+ {_PATH}(?: {_NAME}| 's')?\Z")
    is_words = words[0].name == "explain" or (len(words) == 2 and words[1].name in _PRONOUNS)
    return not is_words and statement.matches(rf"\w+ {_PATH}(?: 's')?\Z")


_PRONOUNS = frozenset(
    ("it", "this", "that", "them", "these", "those", "me", "us", "yourself", "itself", "everything",
     "something", "what", "how")
)  # fmt: skip


def _explains(statement: _Statement) -> bool:
    """`EXPLAIN` and its options with a statement behind them."""
    options = _EXPLAIN.match(statement.spelled)
    skipped = len(options[0].split()) if options else 0
    rest = statement.words[skipped:]
    if not options or not rest or rest[0].name in ("explain", "desc", "describe"):
        return False
    return _is_sql(rest, statement.text, statement.dialect)


_EXPLAIN = re.compile(
    r"(?:desc|describe|explain)"
    r"(?: (?:analyze|extended|partitions|query plan|verbose|format = (?:\w+|'s')))* "
)

_FORMS: dict[str, Callable[[_Statement], bool]] = {
    "select": _is_select,
    "with": _is_with,
    "values": _is_values,
    "table": _is_table,
    "show": _is_show,
    "desc": _is_describe,
    "describe": _is_describe,
    "explain": _is_describe,
}

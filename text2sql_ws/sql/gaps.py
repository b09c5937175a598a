"""Phrases of the databases that sqlglot's parser doesn't know, respelled for it in the same length.

What runs keeps the phrase; only the parser reads the respelled text. The one rule: what is blanked is a fixed
sequence of keywords and literals, so that nothing that has to be judged goes unseen.
"""

import re
from collections.abc import Callable, Sequence

from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.lexer import Token
from text2sql_ws.sql.text import Canonical, canonical

_LITERAL = r"(?:'s'|\d+|null|error|true|false|empty|object|array)"


def respelled(statement: Canonical, dialect: SqlDialect) -> Canonical:
    """`statement` as sqlglot can read it: other words at some places, every offset the same."""
    tokens = statement.tokens
    if not any(token.kind == "word" and token.name in _FIRST_WORDS for token in tokens):
        return statement
    signs, places = _signs(tokens)
    sql = statement.sql
    for pattern, respell in _PHRASES:
        for found in pattern.finditer(signs):
            start, end = tokens[places[found.start() + 1]].start, tokens[places[found.end() - 1]].end
            sql = sql[:start] + respell(sql[start:end]) + sql[end:]
    return canonical(sql, dialect) if sql != statement.sql else statement


def _signs(tokens: Sequence[Token]) -> tuple[str, dict[int, int]]:
    """The tokens between spaces, names and literals as signs; and for each character, whose token it is."""
    parts, places, length = [" "], {}, 1
    for i, token in enumerate(tokens):
        sign = {"quoted": "`n`", "string": "'s'"}.get(token.kind, token.text.lower())
        places.update(dict.fromkeys(range(length, length + len(sign)), i))
        parts.append(sign + " ")
        length += len(sign) + 1
    return "".join(parts), places


def _blank(phrase: str) -> str:
    return " " * len(phrase)


def _integer(phrase: str) -> str:
    return "INT".ljust(len(phrase))


def _select(phrase: str) -> str:
    """`VALUES (1, 2)` as `SELECT 1, 2`, each value where it was."""
    return "SELECT" + phrase[len("values") : -1].replace("(", " ", 1) + " "


_FIRST_WORDS = frozenset(("returning", "default", "empty", "error", "ordinality", "fetch", "values"))

_PHRASES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    # JSON_VALUE and JSON_TABLE, https://dev.mysql.com/doc/refman/8.4/en/json-table-functions.html
    (re.compile(r" returning (?:[a-z]+ \( \d+ (?:, \d+ )?\)|[a-z]+)(?= [)dne])"), _blank),
    (re.compile(rf" (?:default )?{_LITERAL} on (?:empty|error)(?= )"), _blank),
    (re.compile(r" for ordinality(?= )"), _integer),
    # MariaDB, https://mariadb.com/kb/en/select-offset-fetch/
    (re.compile(r" offset \d+ rows?(?= fetch )"), _blank),
    (re.compile(r" fetch (?:first|next) (?:\d+ )?rows? (?:only|with ties)(?= )"), _blank),
    # The first member of a recursive CTE in SQLite
    (re.compile(r"(?<= \() values \( [^;]*? \)(?= (?:union|except|intersect) )"), _select),
)

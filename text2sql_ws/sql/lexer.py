"""Cuts SQL text into tokens exactly as the database's own lexer does. Pure; knows no grammar.

The one rule: where two servers, or two settings of one server, could put a token's end in different places,
the text is refused (`Unreadable`), so that whatever is decided about the tokens holds for what runs.

Sources: https://dev.mysql.com/doc/refman/8.4/en/language-structure.html,
https://mariadb.com/kb/en/comment-syntax/, https://www.sqlite.org/lang_keywords.html and lang_comment.html.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from text2sql_ws.schema import SqlDialect

Kind = Literal["space", "comment", "string", "quoted", "number", "word", "operator"]


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what stands in the statement at `start`; `end` is the offset after its last character."""

    kind: Kind
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def name(self) -> str:
        """A word or quoted identifier as the database compares it: unquoted, lower case."""
        if self.kind != "quoted":
            return self.text.lower()
        close = self.text[-1]
        return self.text[1:-1].replace(close * 2, close).lower()

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words


class Unreadable(Exception):
    """No token of the dialect starts at `offset`, or one that does has no end."""

    def __init__(self, offset: int, near: str) -> None:
        super().__init__(f"unreadable at {offset}: {near!r}")
        self.offset = offset
        self.near = near


def scan(sql: str, dialect: SqlDialect) -> Iterator[Token]:
    """The tokens of `sql`, spaces and comments included: joined, their texts are `sql`.

    Raises `Unreadable`. Linear in the length of the text.
    """
    match_at = (_SQLITE if dialect == "sqlite" else _MYSQL).match
    position = 0
    while position < len(sql):
        found = match_at(sql, position)
        if found is None or found.lastgroup is None:
            raise Unreadable(position, sql[position : position + 20])
        yield Token(found.lastgroup, found.group(), position)  # type: ignore[arg-type]
        position = found.end()


def neighbours(tokens: Sequence[Token]) -> Iterator[tuple[Token | None, Token, Token | None]]:
    """Each token between the one before it and the one after it."""
    return zip((None, *tokens), tokens, (*tokens[1:], None), strict=False)


# U+200B..U+200D, U+2060 and U+FEFF can't be seen, and servers take them for letters: here they are spaces.
_SPACE = r"(?P<space>[\s\u200b-\u200d\u2060\ufeff]+)"
_NUMBER = (
    r"(?P<number>0x[0-9a-fA-F]+(?![\w$])|0b[01]+(?![\w$])"
    r"|(?:[0-9]+(?:\.[0-9]*)?|(?<![\w$)\]`\"])\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w$.]))"
)
_OPERATOR = r"(?P<operator>->>|<=>|->|:=|::|<>|!=|<=|>=|==|\|\||&&|(?!/\*)[-+*/%=<>!~^&|(),.;?:@#{}\\$\[\]])"

# A digit may open a name (2023_sales), but 1e5x and 1.e are numbers with something behind: no token at all.
_MYSQL = re.compile(
    r"(?P<comment>--(?=[\x00-\x20\x7f]|\Z)[^\n]*|#[^\n]*|/\*.*?\*/)"
    r"|(?P<string>\b[xX]'[0-9a-fA-F]*'|\b[bB]'[01]*'|'(?:[^'\\]|\\.|'')*+'"
    r'|"(?:[^"\\]|\\.|"")*+")'
    r"|(?P<quoted>`(?:[^`]|``)++`)"
    rf"|{_SPACE}|{_NUMBER}"
    r"|(?P<word>(?![0-9]+[eE](?:[0-9]|[^\w$]|\Z))(?!0[xb])[0-9]*[^\W\d][\w$]*+)"
    rf"|{_OPERATOR}",
    re.DOTALL,
)
_SQLITE = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<string>\b[xX]'[0-9a-fA-F]*'|'(?:[^']|'')*+')"
    r'|(?P<quoted>"(?:[^"]|"")++"|`(?:[^`]|``)++`|\[[^\]]++\])'
    rf"|{_SPACE}|{_NUMBER}"
    r"|(?P<word>[^\W\d][\w$]*+)"
    rf"|{_OPERATOR}",
    re.DOTALL,
)

"""The comments in a SQLite CREATE TABLE statement, which is the only place where SQLite keeps any. Pure.

A comment belongs to the definition it follows on its line, before or after the comma; one that follows the
opening parenthesis to the end of the line (or stands before it) is the table's; one on a line of its own
introduces the definition after it. Comments on constraints are nobody's.
"""

import re
from dataclasses import dataclass, field

# The tokens of https://www.sqlite.org/lang_keywords.html#quoting and https://www.sqlite.org/lang_comment.html
TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<name> "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] | [^\W\d][\w$]* )
    | (?P<literal> '(?:[^']|'')*(?:'|\Z) )
    | (?P<newline> \n )
    | (?P<mark> [(),] )
    | (?P<other> \S )
    """,
    re.VERBOSE | re.DOTALL,
)
CONSTRAINTS = frozenset({"constraint", "primary", "unique", "check", "foreign"})


@dataclass(slots=True)
class Comments:
    """The table's comment, and its columns' by name (as written, unquoted)."""

    table: str = ""
    columns: dict[str, str] = field(default_factory=dict)


def read_comments(create_table: str) -> Comments:
    """The comments of one CREATE TABLE statement. Anything else, also nonsense, has none; it never raises."""
    reader = _Reader()
    for token in TOKEN.finditer(create_table):
        reader.read(token.lastgroup or "", token.group())
    reader.end_line()
    return reader.comments


class _Reader:
    """Reads tokens in order. `_owner` is the definition that a comment on this line would belong to."""

    def __init__(self) -> None:
        self.comments = Comments()
        self._depth = 0
        self._owner: str | None = ""  # "" is the table, None a constraint
        self._awaits_name = False
        self._line_has_owner = True
        self._loose: list[str] = []  # comments that wait to see whether the line ends or a definition follows

    def read(self, kind: str, text: str) -> None:
        match kind:
            case "comment":
                self._comment(text)
            case "newline":
                self.end_line()
            case "mark":
                self._mark(text)
            case "name" if self._awaits_name:
                self._begin_definition(text)

    def end_line(self) -> None:
        """What waited belongs to the definition before it, if that is on this line."""
        if self._line_has_owner:
            self._give(self._owner)
        self._line_has_owner = not self._awaits_name

    def _comment(self, text: str) -> None:
        self._loose.append(_stripped(text))
        if not self._awaits_name and self._depth > 0:
            self._give(self._owner)

    def _mark(self, mark: str) -> None:
        self._depth += {"(": 1, ")": -1, ",": 0}[mark]
        opens = mark == "(" and self._depth == 1
        if opens or (mark == "," and self._depth == 1):
            self._awaits_name = True
            self._line_has_owner = True

    def _begin_definition(self, name: str) -> None:
        quoted = name[0] in '"`['
        self._owner = None if not quoted and name.lower() in CONSTRAINTS else _unquoted(name)
        self._awaits_name = False
        self._line_has_owner = True
        self._give(self._owner)

    def _give(self, owner: str | None) -> None:
        text = " ".join(filter(None, self._loose))
        self._loose.clear()
        if not text or owner is None:
            return
        if owner == "":
            self.comments.table = f"{self.comments.table} {text}".strip()
        else:
            self.comments.columns[owner] = f"{self.comments.columns.get(owner, '')} {text}".strip()


def _stripped(comment: str) -> str:
    bare = comment.removeprefix("/*").removesuffix("*/") if comment.startswith("/*") else comment
    return " ".join(" ".join(line.strip("-* \t\r") for line in bare.split("\n")).split())


def _unquoted(name: str) -> str:
    if name[0] not in '"`[':
        return name
    closing = "]" if name[0] == "[" else name[0]
    return name[1:-1].replace(closing * 2, closing) if closing != "]" else name[1:-1]

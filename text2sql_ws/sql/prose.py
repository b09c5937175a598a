"""SQL that stands in plain prose, without a fence: where it starts and where it ends.

The one rule: a sentence that merely begins with a SQL word is no SQL (`Select the region first.`).
"""

import re
from collections.abc import Iterator

from text2sql_ws.sql.punctuation import plain
from text2sql_ws.sql.statement import is_sql

_VERBS = (
    r"select|with|show|desc|describe|explain|values|table|insert|update|delete|drop|create|alter|truncate"
    r"|replace|call|set|use|grant|revoke|pragma|attach|merge|load|begin|lock|handler|do|kill|rename|flush"
)
_LEAD = r"(?:[-*>•]\s+|\d+[.、)]\s+|mysql>\s*|sqlite>\s*|mariadb[^>\n]*>\s*)?"
# At the start of a line, behind a label, a prompt, a bullet or an opening backtick; a query, anywhere.
_START = re.compile(
    rf"(?:^[ \t]*{_LEAD}|[:：]\s*|`)(?P<at>(?:\(\s*)*(?:{_VERBS})\b)", re.IGNORECASE | re.MULTILINE
)
_ANYWHERE = re.compile(r"(?<![\w`'\"])(?P<at>select|with)\b", re.IGNORECASE)
_CJK_SENTENCE = re.compile(r"[ \t]*(?:[*#>-]+[ \t]*)?[\u4e00-\u9fff“【（(]")
_MARKDOWN = re.compile(
    r"[ \t]*(?:\|(?!\|)|\+--|[*#]{1,6}[ \t]+\S|\*\*|\d+\.[ \t]|[-•][ \t]|=+[ \t]*(?:\n|\Z)|```|~~~"
    r"|[A-Za-z][A-Za-z ]{2,24}[:：](?!:))"
)
_JOIN = r"(?:(?:left|right|inner|outer|cross|full|natural) )*(?:straight_)?join"
_SQL_LINE = re.compile(
    rf"[ \t]*(?:(?:select|from|where|and|or|on|{_JOIN}|group|order|having|limit|offset|union|except"
    r"|intersect|with|case|when|then|else|end|window|values|set|into|as|using|not|in|exists|between|like|is|for|lock)\b"
    r"|[(),;]|--|/\*)",
    re.IGNORECASE,
)
# Behind an empty line a statement goes on with a clause; "In short, …" and "For each …" are prose again.
_CLAUSE_LINE = re.compile(
    rf"[ \t]*(?:(?:from|where|and|or|{_JOIN}|group by|order by|having|limit|union|except|intersect|when|else"
    r"|end)\b|[(),;]|--|/\*)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(r"(?:^[ \t]*(?:--[^\n]*|/\*(?:(?!\*/).)*\*/)[ \t]*\n)+\Z", re.MULTILINE | re.DOTALL)
_TRAILING = re.compile(r"(?:[\s;；。`]|(?<!\\)\\[gG])*\Z")
# Trying whether a text is SQL costs about 10 µs a character.
_MAX_WORK = 32 << 10


def sql_in_prose(text: str) -> str | None:
    """The last statement in prose that is one by its form; `None` where there is none."""
    found = None
    position = tried = 0
    for start in _starts(text):
        if start < position:
            continue
        candidate = _cut(text, start)
        if tried and tried + len(candidate) > _MAX_WORK:
            break
        tried += len(candidate)
        if _is_sql(candidate):
            found, position = _comments_before(text, start) + candidate, start + len(candidate)
    return found


def _comments_before(text: str, start: int) -> str:
    comments = _COMMENTS.search(text, max(0, start - 2000), start)
    return comments.group() if comments else ""


def _is_sql(candidate: str) -> bool:
    mended = trimmed(plain(candidate))
    return is_sql(mended, "mysql") or is_sql(mended, "sqlite")


def trimmed(sql: str) -> str:
    """Without the `;`, `\\G`, spaces and stray backticks at its end."""
    sql = sql.strip()
    # A backtick at the end closes a name, unless there is an odd number of them.
    if sql.endswith("`") and sql.count("`") % 2 == 0:
        return sql
    return _TRAILING.sub("", sql)


def _starts(text: str) -> Iterator[int]:
    seen = {found.start("at") for found in _START.finditer(text)}
    seen |= {found.start("at") for found in _ANYWHERE.finditer(text)}
    yield from sorted(seen)[:200]


def _cut(text: str, start: int) -> str:
    """From `start` to the `;`, the closing backtick, or the line where prose or a table goes on."""
    tick = start > 0 and text[start - 1] == "`"
    piece = _END.search(text, start)
    while piece is not None:
        kind = piece.lastgroup
        if (
            kind == "semicolon"
            or (kind == "stop")
            or (kind == "tick" and tick and _closes(text, start, piece.start()))
        ):
            return text[start : piece.start()]
        if kind == "line" and _is_prose(text, piece.end(), piece.group().count("\n") > 1):
            return text[start : piece.start()]
        piece = _END.search(text, piece.end())
    return text[start:]


_END = re.compile(
    r"(?P<quoted>'(?:[^'\\\n]|\\[^\n]|'')*+'?|\"(?:[^\"\\\n]|\\[^\n]|\"\")*+\"?|“[^”\n]*”|‘[^’\n]*’|`[^`\s]+`"
    r"|--[^\n]*|/\*.*?\*/)"
    r"|(?P<semicolon>[;；])|(?P<stop>[。？！]|```)|(?P<tick>`)|(?P<line>\r?\n(?:[ \t]*\r?\n)*)",
    re.DOTALL,
)


def _closes(text: str, start: int, position: int) -> bool:
    return text.count("`", start, position) % 2 == 0


def _is_prose(text: str, position: int, after_blank: bool) -> bool:
    """Does the line at `position` no longer belong to the statement?"""
    if after_blank:
        return _CLAUSE_LINE.match(text, position) is None
    is_other = _CJK_SENTENCE.match(text, position) or _MARKDOWN.match(text, position)
    return is_other is not None and _SQL_LINE.match(text, position) is None

"""Fenced blocks in a model's answer: their text, their label, and the prose before each.

The one rule: a fence ends where Markdown says, but never inside one of the block's own strings.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_OPENING = re.compile(
    r"(?P<fence>```+|~~~+)[ \t]*(?P<label>[A-Za-z0-9_+.#-]*)(?=[ \t]*\r?\n|[ \t]|\Z)|(?P<bare>```+)(?=\S)"
    r"|<(?P<tag>sql|query|code|sql_query)>|\[(?P<bracket>SQL)\]",
    re.IGNORECASE,
)
_QUOTED = r"/\*.*?\*/|'(?:[^'\\]|\\.|'')*+'|\"(?:[^\"\\]|\\.|\"\")*+\""


MAX_BLOCKS = 200


@dataclass(frozen=True, slots=True)
class Block:
    """`before` is the prose between the block before and this one."""

    text: str
    label: str = ""
    before: str = ""
    start: int = 0
    end: int = 0


def blocks(text: str) -> list[Block]:
    """The first `MAX_BLOCKS` blocks of `text` in order; one that is never closed goes to the end."""
    found: list[Block] = []
    position = 0
    while len(found) < MAX_BLOCKS and (opening := _OPENING.search(text, position)):
        start, label = opening.end(), opening["label"] or ""
        if opening["fence"] and label and text[start : start + 1] not in ("", "\n", "\r", " ", "\t"):
            start -= len(label)
        stop, end = _closing(text, start, opening)
        found.append(
            Block(
                text[start:stop].strip(),
                label.lower(),
                text[position : opening.start()],
                opening.start(),
                end,
            )
        )
        position = end
    return found


def without_blocks(text: str, found: Sequence[Block]) -> str:
    for block in reversed(found):
        text = text[: block.start] + text[block.end :]
    return text


def _closing(text: str, start: int, opening: re.Match[str]) -> tuple[int, int]:
    """Where the block's text ends, and where the text after the block starts.

    A fence on a line of its own always closes; one inside a line does, unless it stands in a string.
    """
    mark = _mark(opening)
    own_line = re.compile(rf"^[ \t>]*{mark}", re.MULTILINE | re.IGNORECASE).search(text, start + 1)
    limit = own_line.start() if own_line else len(text)
    pieces = re.compile(rf"--(?:(?!{mark})[^\n])*|{_QUOTED}|(?P<mark>{mark})", re.DOTALL | re.IGNORECASE)
    for piece in pieces.finditer(text, start, limit):
        if piece["mark"]:
            return piece.start(), piece.end()
    if own_line:
        return limit, own_line.end()
    # The answer was cut off in the middle of its fence.
    cut = re.compile(r"\n[ \t]*[`~]{1,2}\s*\Z").search(text, start)
    return cut.start() if cut else limit, limit


def _mark(opening: re.Match[str]) -> str:
    if opening["tag"]:
        return f"</{opening['tag']}>"
    if opening["bracket"]:
        return r"\[/SQL\]"
    return re.escape((opening["fence"] or opening["bare"])[:3]) + "+"

"""Keeps `<think>…</think>` inside a model's content apart from its answer, and mends split surrogates. Pure.

Both work on text that arrives in pieces, cut anywhere. The one rule: apart from the tags, every character
that goes in comes out once, in order.
"""

import re
from typing import Literal

Kind = Literal["reasoning", "content"]

_TAGS: dict[Kind, tuple[str, ...]] = {
    "content": ("<think>", "<thinking>"),
    "reasoning": ("</think>", "</thinking>"),
}
_PATTERNS: dict[Kind, re.Pattern[str]] = {
    kind: re.compile("|".join(tags), re.IGNORECASE) for kind, tags in _TAGS.items()
}


class ThinkSplitter:
    """Splits content into `reasoning` and `content` at think tags of either case.

    A `</think>` that nothing opened (the prompt had opened it) stays where it is, and so does what came
    before it: that was handed on as content already.
    """

    __slots__ = ("_held", "_kind", "is_within")

    def __init__(self) -> None:
        self._kind: Kind = "content"
        self._held = ""
        self.is_within = False
        """Within a thought, or within what may be the start of a tag."""

    def push(self, text: str) -> list[tuple[Kind, str]]:
        """The pieces that `text` settles, none empty; what may be the start of a tag waits for more."""
        if not self._held and "<" not in text:
            return [(self._kind, text)] if text else []
        text = self._held + text
        pieces: list[tuple[Kind, str]] = []
        start = 0
        while tag := _PATTERNS[self._kind].search(text, start):
            pieces.append((self._kind, text[start : tag.start()]))
            self._kind = "content" if self._kind == "reasoning" else "reasoning"
            start = tag.end()
        end = self._start_of_tag(text, start)
        pieces.append((self._kind, text[start:end]))
        self._held = text[end:]
        self.is_within = self._kind == "reasoning" or bool(self._held)
        return [piece for piece in pieces if piece[1]]

    def close(self) -> list[tuple[Kind, str]]:
        """What was held back for a tag that never came."""
        held, self._held = self._held, ""
        return [(self._kind, held)] if held else []

    def _start_of_tag(self, text: str, start: int) -> int:
        """Where an unfinished tag begins at the end of `text`, or its length."""
        at = text.rfind("<", start)
        if at >= 0:
            tail = text[at:].lower()
            if any(tag.startswith(tail) for tag in _TAGS[self._kind]):
                return at
        return len(text)


class SurrogateJoiner:
    """Makes whole characters of UTF-16 surrogates that JSON escapes split over two pieces.

    Some servers send `"\\ud83d"` in one delta and `"\\ude00"` in the next. A lone one becomes U+FFFD.
    """

    __slots__ = ("_high", "is_within")

    def __init__(self) -> None:
        self._high = ""
        self.is_within = False
        """Half a character waits for its other half."""

    def push(self, text: str) -> str:
        """The text that is settled; a high surrogate at its end waits for its other half."""
        if not self._high and not has_surrogates(text):
            return text
        text = self._high + text
        self._high = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        self.is_within = bool(self._high)
        settled = text[: len(text) - len(self._high)]
        return settled.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def close(self) -> str:
        """U+FFFD if a half still waits."""
        waited, self._high = self._high, ""
        return "�" if waited else ""


def has_surrogates(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False

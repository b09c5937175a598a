"""Text cut into tokens, and the keys under which words are looked up. Nothing of any schema here.

The one rule: a Chinese character is a token of its own (what is a word is decided later, by what is
known), an English word is one token, and its key is its stem, so that "hired", "hires" and "hire" are the
same word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"[\u3400-\u9fff]|[A-Za-z]&[A-Za-z]|[A-Za-z\u00c0-\u024f]+|\d+|\S")
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "bought": "buy", "sold": "sell",
    "paid": "pay", "left": "leave", "spent": "spend", "made": "mak", "gave": "giv", "took": "tak",
    "quantities": "quantity", "began": "begin", "begun": "begin", "ran": "run", "won": "win", "held": "hold",
    "oldest": "oldest", "criteria": "criterion", "data": "data", "series": "series", "this": "this",
    "is": "is", "was": "was", "has": "has", "does": "does", "as": "as", "us": "us", "its": "its",
    "his": "his",
    "rating": "rating", "building": "building", "meeting": "meeting", "training": "training",
    "shipping": "ship", "opening": "opening", "setting": "setting", "listing": "list", "during": "during",
    "excluding": "excluding", "including": "including", "ordering": "order", "news": "news",
    "earning": "earning", "earnings": "earning", "spending": "spend", "wing": "wing",
    "airline": "airline", "written": "write",
    "wrote": "write", "born": "birth", "speed": "speed", "need": "need", "needed": "need",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are offsets in the text; `key` is what it is looked up by."""

    text: str
    key: str
    start: int
    end: int

    @property
    def is_cjk(self) -> bool:
        return "\u3400" <= self.text <= "\u9fff"

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha() and not self.is_cjk

    @property
    def is_mark(self) -> bool:
        return not self.text[0].isalnum()


def listed(words: str) -> tuple[str, ...]:
    """Words written as one text, parted by spaces: how long lists of words are kept readable here."""
    return tuple(words.split())


def tokenise(text: str) -> list[Token]:
    """The tokens of `text` in order; white space is dropped."""
    return [
        Token(found[0], stem(found[0]) if found[0].isascii() else found[0].casefold(), *found.span())
        for found in _TOKEN.finditer(text)
    ]


def key_of(tokens: Sequence[Token]) -> str:
    """One key for a run of tokens: English words are parted by a space, everything else is joined."""
    parts: list[str] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and (before.is_word or token.is_word) and not (before.is_cjk or token.is_cjk):
            parts.append(" ")
        parts.append(token.key)
    return "".join(parts)


@lru_cache(maxsize=8192)
def key(phrase: str) -> str:
    """The key of a phrase as a person would type it."""
    return key_of([token for token in tokenise(phrase) if not token.is_mark or token.text in "%+#"])


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A crude stem, good enough to bring the forms of one word together: `categories` -> `category`."""
    low = word.casefold()
    if low in _IRREGULAR or len(low) <= 3 or not low.isalpha():
        return _IRREGULAR.get(low, low)
    return _without_e(_without_ending(_singular(low)))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _without_ending(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 2 and not word.endswith("eed"):
            rest = word.removesuffix(ending)
            return rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "sle" else rest
    return word


def _without_e(word: str) -> str:
    return word[:-1] if word.endswith("e") and len(word) > 3 else word

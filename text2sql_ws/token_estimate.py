"""How many tokens a text is, about: for budgets and for models that don't report their usage."""

import re

_DENSE = re.compile(r"[\u2e80-\ud7ff\uf900-\uffef\U0001f000-\U0003ffff]")
"""Characters of which each is about a token of its own: Chinese, Japanese, Korean, emoji."""

CHARS_PER_TOKEN = 4


def tokens_in(text: str) -> int:
    """A token a dense character, a token for four of any other; rounded up, for budgets are upper bounds."""
    dense = len(_DENSE.findall(text))
    return dense + -(-(len(text) - dense) // CHARS_PER_TOKEN)

"""Keeps secrets out of what is logged of a conversation, wherever they may have come from.

Whoever logs what a client is sent can't know what a model, a database or the client itself has put into it.
"""

import re
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, SecretStr

from text2sql_ws.settings import Settings

LOGGED_CHARS = 10_000
"""Of a longer message only so much is logged: a whole result would fill a disk."""

SHORTEST_SECRET = 6
STARS = "***"
LOOKS_SECRET = re.compile(r"\bsk-[\w-]{8,}|\bBearer\s+\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]+", re.IGNORECASE)


class Withheld:
    """A text as it may be logged: cut, without `secrets` and without what looks like a key or a token."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._known: set[str] = set()
        self._secrets: re.Pattern[str] | None = None
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Withhold these as well; what was a secret once stays one."""
        self._known.update(s for s in secrets if len(s) >= SHORTEST_SECRET)
        longest_first = sorted(self._known, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        cut = text[:LOGGED_CHARS]
        if self._secrets is not None:
            cut = self._secrets.sub(STARS, cut)
        cut = LOOKS_SECRET.sub(STARS, cut)
        return cut if len(text) <= LOGGED_CHARS else f"{cut}… ({len(text)})"


def secrets_of(settings: Settings) -> set[str]:
    """Every secret that the settings hold or name."""
    named = {key for provider in settings.llm.providers.values() if (key := provider.key())}
    named |= {source.secret() for source in settings.datasources.values()}
    return named | set(_held(settings))


def _held(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for _, part in value:
                yield from _held(part)
        case dict():
            for part in value.values():
                yield from _held(part)
        case tuple():
            for part in value:
                yield from _held(part)
        case _:
            return

"""Makes a foreign server's words fit to be shown: one line, bounded, and without our secrets. Pure."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_QUOTE = 300
_SHORTEST_SECRET = 6
_STARS = "***"
_LOOKS_SECRET = re.compile(r"\bsk-[\w*-]+|\bBearer\s+\S+|[\w-]*\*{3,}[\w-]*", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Quoter:
    """Knows what must not be shown: the key, what `headers` hold, and the address beyond its host.

    Servers like to repeat the key they refuse, in part or whole, and the path they were asked for.
    """

    def __init__(self, key: str, base_url: str, headers: Iterable[str]) -> None:
        url = urlsplit(base_url)
        inside = [url.path.rstrip("/"), url.query, *(value for _, value in parse_qsl(url.query))]
        inside += [url.username or "", url.password or ""]
        secrets = {word for text in (key, *headers, *inside) for word in (text, unquote(text))}
        longest_first = sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, foreign: str) -> str:
        text = _UNPRINTABLE.sub(" ", foreign[: 20 * MAX_QUOTE])
        if self._secrets:
            text = self._secrets.sub(_STARS, text)
        text = " ".join(_LOOKS_SECRET.sub(_STARS, text).split())
        return text if len(text) <= MAX_QUOTE else text[: MAX_QUOTE - 1] + "…"

"""One message to one service URL, by apprise: the one module that knows it, and imports it in a thread.

The one rule: a URL holds secrets, so nothing of it but its host is ever said, and nothing that a library
says of it is believed to be clean.
"""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from text2sql_ws.settings import Misconfigured, Notifications

KINDS = {"info": "info", "success": "success", "warning": "warning", "error": "failure", "urgent": "failure"}
WHY_CHARS = 300
SHORTEST_SECRET = 3
STARS = "***"


@dataclass(frozen=True, slots=True)
class Posted:
    """`why` it was not sent, without secrets."""

    sent: bool
    why: str = ""


def check_services(settings: Notifications) -> None:
    """Raises `Misconfigured` naming each service URL that apprise can't use; it takes half a second."""
    problems = [
        f"notifications.{channel}: the {position}. URL is of no service that apprise knows, or something is "
        f"missing in it: {urlsplit(url.get_secret_value()).scheme}://… (https://appriseit.com/services)"
        for channel in ("email", "sms", "push")
        for position, url in enumerate(getattr(settings, channel), 1)
        if not _is_known(url.get_secret_value())
    ]
    if problems:
        raise Misconfigured(problems)


def _is_known(url: str) -> bool:
    from apprise import Apprise

    with _overheard():
        return Apprise.instantiate(url) is not None


def post(url: str, title: str, message: str, kind: str, seconds: float) -> Posted:
    """Send; it takes a few time-outs of `seconds` at most where the service's library keeps to them."""
    # Half a second the first time, so not before it is needed, and never in the event loop's thread.
    from apprise import Apprise, NotifyType

    with _overheard():
        service = Apprise.instantiate(url)
    if service is None:
        return Posted(False, "not the URL of a service that apprise knows, or something is missing in it")
    service.socket_connect_timeout = service.socket_read_timeout = seconds / 3
    # By the service itself: `Apprise.notify` sends from threads of its own, for which the process would wait.
    with _overheard() as said:
        if service.notify(body=message, title=title, notify_type=NotifyType(KINDS[kind])):
            return Posted(True)
    return Posted(False, clean(" ".join(said), url) or "the service refused it")


class _Ear(logging.Handler):
    """Hears what apprise says in this very thread; others talk of other secrets."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What apprise says, which goes nowhere else: its lines quote addresses and keys."""
    logger, ear = logging.getLogger("apprise"), _Ear()
    logger.propagate = False
    logger.addHandler(ear)
    try:
        yield ear.said
    finally:
        logger.removeHandler(ear)


def clean(said: str, url: str) -> str:
    """The end of what was said, in one line, without anything that stands in the URL but its host."""
    parts = urlsplit(url)
    _, _, host = parts.netloc.rpartition("@")
    words = [*re.split(r"[:@]", parts.netloc.removesuffix(host)), *parts.path.split("/"), parts.query]
    words += [value for _, value in parse_qsl(parts.query)]
    secrets = {form for word in words for form in (word, unquote(word)) if len(form) >= SHORTEST_SECRET}
    said = said.replace(url, STARS)
    for secret in sorted(secrets, key=len, reverse=True):
        said = said.replace(secret, STARS)
    return " ".join(said.split())[-WHY_CHARS:]

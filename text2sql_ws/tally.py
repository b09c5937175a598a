"""Counts what happens since the start, keeps the latest of it, and says how many queries fail lately.

Listens to the bulletin. Everything here is bounded: the latest events by number, the rate by its window.
"""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from text2sql_ws.clock import Clock
from text2sql_ws.events import QueryCancelled, QueryFailed
from text2sql_ws.happenings import (
    ConnectionRefused,
    Happening,
    LoginFailed,
    QueryOver,
    ServiceWentDown,
    UserConnected,
    UserGone,
)

LATEST = 500
ENDINGS = 10_000
"""Ended queries that the rate is taken of at most."""


@dataclass(frozen=True, slots=True)
class Noted:
    """`kind` is `connected`, `disconnected` or `error`; `facts` what there is to say of it."""

    at: datetime
    kind: str
    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class Rate:
    """Of so many queries that ended within the window, so many failed; cancelled ones count for neither."""

    errors: int
    total: int

    @property
    def value(self) -> float:
        return self.errors / self.total if self.total else 0.0


class Tally:
    """`window_seconds` is what the rate looks back on."""

    def __init__(self, clock: Clock, window_seconds: float) -> None:
        self._clock = clock
        self._window = window_seconds
        self._started = clock.monotonic()
        self._latest: deque[Noted] = deque(maxlen=LATEST)
        self._endings: deque[tuple[float, bool]] = deque(maxlen=ENDINGS)
        self.online: Counter[str] = Counter()
        self.disconnections = 0
        self.errors = 0

    @property
    def uptime_seconds(self) -> float:
        return self._clock.monotonic() - self._started

    def latest(self) -> Sequence[Noted]:
        """The latest first."""
        return list(reversed(self._latest))

    def rate(self) -> Rate:
        oldest = self._clock.monotonic() - self._window
        while self._endings and self._endings[0][0] < oldest:
            self._endings.popleft()
        return Rate(sum(failed for _, failed in self._endings), len(self._endings))

    def hear(self, happening: Happening) -> None:
        match happening:
            case UserConnected(connection_id, user_id, dialect, session_id, address):
                self.online[user_id] += 1
                self._note(
                    "connected", connection_id=connection_id, user_id=user_id,
                    dialect=dialect, session_id=session_id, address=address,
                )  # fmt: skip
            case UserGone(connection_id, user_id, dialect, session_id, code, seconds):
                self.online -= Counter({user_id: 1})
                self.disconnections += 1
                self._note(
                    "disconnected", connection_id=connection_id, user_id=user_id,
                    dialect=dialect, session_id=session_id, code=code, seconds=round(seconds, 3),
                )  # fmt: skip
            case ConnectionRefused(user_id, reason):
                self._note_error("connection_refused", user_id=user_id, reason=reason)
            case LoginFailed(address, failures):
                self._note_error("login_failed", address=address, failures=failures)
            case ServiceWentDown(service, name, why):
                self._note_error("service_down", service=service, name=name, reason=why)
            case QueryOver(query) if not isinstance(query.ending, QueryCancelled):
                failed = isinstance(query.ending, QueryFailed)
                self._endings.append((self._clock.monotonic(), failed))
                if isinstance(query.ending, QueryFailed):
                    self._note_error(
                        "query_failed", query_id=query.id, user_id=query.owner.user_id,
                        session_id=query.owner.session_id, code=query.ending.fault.code.value,
                    )  # fmt: skip
            case _:
                pass

    def _note_error(self, error: str, **facts: object) -> None:
        self.errors += 1
        self._note("error", error=error, **facts)

    def _note(self, kind: str, **facts: object) -> None:
        self._latest.append(Noted(self._clock.now(), kind, facts))

"""What happens in this house that others may want to know: a closed union, and the bulletin that tells it.

Told by the rooms where it happens, heard by those that count, store, warn or call an embedder's hooks. The
one rule: a listener returns at once and raises nothing, for it is called from where the thing happened.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from text2sql_ws.query import Query

Service = Literal["datasource", "provider"]


@dataclass(frozen=True, slots=True)
class UserConnected:
    """`address` is the peer's; `dialect` the wire format it speaks; `session_id` where it named one."""

    connection_id: str
    user_id: str
    dialect: str
    session_id: str
    address: str


@dataclass(frozen=True, slots=True)
class UserGone:
    """The same connection's end, `seconds` later, with the WebSocket close code where there was one."""

    connection_id: str
    user_id: str
    dialect: str
    session_id: str
    code: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class ConnectionRefused:
    """A connection or a request that was turned away; `reason` is one of a few words, such as `no_place`."""

    user_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SessionJoined:
    session_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class SessionLeft:
    session_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message of a client, of whichever dialect; what it says is nobody's business here."""

    session_id: str
    user_id: str
    length: int


@dataclass(frozen=True, slots=True)
class QueryBegan:
    query: Query


@dataclass(frozen=True, slots=True)
class QueryOver:
    """`query.ending` says how."""

    query: Query


@dataclass(frozen=True, slots=True)
class LoginFailed:
    """`failures`: how many of this address within the time that is counted."""

    address: str
    failures: int


@dataclass(frozen=True, slots=True)
class ServiceWentDown:
    service: Service
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class ServiceCameBack:
    service: Service
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class BudgetReached:
    """`percent` of the day's token budget is used up: of a user's, or of all (`user_id` is then `None`)."""

    percent: int
    user_id: str | None
    used: int
    budget: int


Happening = (
    UserConnected
    | UserGone
    | ConnectionRefused
    | SessionJoined
    | SessionLeft
    | MessageReceived
    | QueryBegan
    | QueryOver
    | LoginFailed
    | ServiceWentDown
    | ServiceCameBack
    | BudgetReached
)

Listener = Callable[[Happening], None]


class Bulletin:
    """Tells every listener, in the order in which they came."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def tell(self, happening: Happening) -> None:
        for listener in self._listeners:
            listener(happening)

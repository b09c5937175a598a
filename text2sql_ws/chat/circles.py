"""Who is in a session at the moment, and what they hear. The one rule: telling them never waits."""

from collections import OrderedDict
from typing import Protocol

from text2sql_ws.channel import Overwhelmed
from text2sql_ws.chat.outbox import Outbox
from text2sql_ws.messages import Conversation

REMEMBERED = 1000
"""Messages whose authors are known without asking the storage."""


class Seat(Protocol):
    """One connection of a user's."""

    @property
    def user_id(self) -> str: ...

    @property
    def outbox(self) -> Outbox: ...

    def drop_out(self) -> None:
        """It reads too slowly: close it. Returns at once, and nobody waits for it any more."""
        ...


class Delivery:
    """Counts who takes a message; `done` is called when the last of the `others` has, and one did."""

    def __init__(self, others: int) -> None:
        self._left = others
        self._taken = 0

    def heard(self, taken: bool) -> bool:
        """Another one took it, or went; true where the message is delivered by that."""
        self._left -= 1
        self._taken += taken
        return self._left == 0 and self._taken > 0


class Circle:
    """A session that somebody is in, or that something is still being done for (`errands`)."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.errands = 0
        # It was deleted: nothing can be written down for it any more.
        self.is_gone = False
        self._seats: dict[Seat, None] = {}
        self._authors: OrderedDict[str, str] = OrderedDict()

    @property
    def name(self) -> str:
        return self.conversation.name

    @property
    def seats(self) -> list[Seat]:
        """Connections, in the order in which they came."""
        return list(self._seats)

    @property
    def users(self) -> list[str]:
        return list(dict.fromkeys(seat.user_id for seat in self._seats))

    def __contains__(self, seat: Seat) -> bool:
        return seat in self._seats

    def enter(self, seat: Seat) -> None:
        self._seats[seat] = None

    def leave(self, seat: Seat) -> None:
        self._seats.pop(seat, None)

    def tell(self, frame: bytes, *, but: Seat | None = None) -> None:
        """All in it hear this, but one."""
        for seat in self.seats:
            if seat is not but:
                push(seat, frame)

    def note(self, message_id: str, author_id: str) -> None:
        self._authors[message_id] = author_id
        if len(self._authors) > REMEMBERED:
            self._authors.popitem(last=False)

    def author(self, message_id: str) -> str | None:
        return self._authors.get(message_id)


def push(seat: Seat, frame: bytes) -> None:
    """One hears this, or is dropped because too much waits for it."""
    try:
        seat.outbox.push(frame)
    except Overwhelmed:
        seat.drop_out()

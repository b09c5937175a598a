"""What a dialect is: a pure translation between one wire format and our commands, events and notices."""

from datetime import datetime
from typing import ClassVar, Protocol

from text2sql_ws.commands import Command
from text2sql_ws.events import Notice, Stamped

Frames = bytes | tuple[bytes, ...] | None
"""What an event becomes on the wire: a frame, several (the first bears the sequence given), or nothing."""


class Renderer(Protocol):
    """The half of a dialect that goes out. It keeps nothing between events but what it renders needs."""

    name: ClassVar[str]

    def render(self, stamped: Stamped, sequence: int) -> Frames:
        """The frames for an event of a query, in UTF-8; `None` where this dialect doesn't show it.

        Where there are several, they count on from `sequence`.
        """
        ...

    def notice(self, notice: Notice, at: datetime) -> bytes:
        """The frame for what belongs to no query, in UTF-8."""
        ...


class Dialect(Renderer, Protocol):
    """One session's wire format, both ways, where what comes in is the commands of `commands.py`."""

    def parse(self, text: str) -> Command:
        """Read one message. Raises `Fault` INVALID_MESSAGE, UNKNOWN_MESSAGE_TYPE or INVALID_QUESTION."""
        ...

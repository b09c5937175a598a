"""What waits of one query, in order: deltas of a kind join; progress that newer progress outdates goes."""

from collections import deque
from dataclasses import replace

from text2sql_ws.events import Event, QueryStarted, StageProgressed, Stamped, Token


class Lane:
    """With sizes in bytes."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events: deque[tuple[Stamped, int]] = deque()

    def append(self, stamped: Stamped, size: int) -> int:
        """Add at the end; returns the bytes of what it replaced: progress that newer progress outdates."""
        replaced = 0
        if self.events and _outdates(stamped.event, self.events[-1][0].event):
            replaced = self.events.pop()[1]
        self.events.append((stamped, size))
        return replaced

    def pop(self, joined_chars: int) -> tuple[Stamped, int]:
        """Take the first; deltas of its kind that wait right behind it join it, up to so many characters."""
        stamped, size = self.events.popleft()
        if not self.events or not isinstance(stamped.event, Token):
            return stamped, size
        deltas, length = [stamped.event.delta], len(stamped.event.delta)
        while self.events and length < joined_chars:
            follower = self.events[0][0].event
            if not isinstance(follower, Token) or not _same_run(follower, stamped.event):
                break
            deltas.append(follower.delta)
            length += len(follower.delta)
            size += self.events.popleft()[1]
        joined = replace(stamped.event, delta="".join(deltas), parts=())
        return replace(stamped, event=joined), size

    def clear(self) -> int:
        """Forget all but the start; returns the bytes that this frees."""
        kept = [waiting for waiting in self.events if isinstance(waiting[0].event, QueryStarted)]
        size = sum(size for _, size in self.events) - sum(size for _, size in kept)
        self.events = deque(kept)
        return size


def _outdates(newer: Event, older: Event) -> bool:
    return (
        isinstance(newer, StageProgressed)
        and isinstance(older, StageProgressed)
        and newer.stage == older.stage
        and not older.details
    )


def _same_run(one: Token, other: Token) -> bool:
    return one.kind == other.kind and one.attempt == other.attempt

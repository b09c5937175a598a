"""What was given to the wire and is kept for who comes back: frames, numbered without a gap."""

from collections import deque


class Journal:
    """The last `limit` bytes of frames; the first ever has the number 1."""

    __slots__ = ("_bytes", "_frames", "_limit", "last")

    def __init__(self, limit: int) -> None:
        self.last = 0
        self._limit = limit
        self._bytes = 0
        self._frames: deque[bytes] | None = None  # even an empty one would cost every idle session 600 bytes

    def keep(self, frame: bytes) -> bytes:
        """The same frame, which has the next number now."""
        if self._frames is None:
            self._frames = deque()
        self.last += 1
        self._frames.append(frame)
        self._bytes += len(frame)
        while self._bytes > self._limit:
            self._bytes -= len(self._frames.popleft())
        return frame

    def after(self, sequence: int) -> list[bytes] | None:
        """The frames that follow `sequence`; `None` when the first of them is no longer kept."""
        missed, kept = self.last - sequence, list(self._frames or ())
        if missed > len(kept):
            return None
        return kept[len(kept) - missed :]

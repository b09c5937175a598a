"""Server-sent events out of bytes, however the bytes are cut. Pure: no I/O, no JSON, no text decoding.

Format: WHATWG HTML, section 9.2 "Server-sent events". Lines end at CR, LF or CRLF and nowhere else: U+2028
and U+0085 are data, which is why this works on bytes. `id` and `retry` are read over, for nobody reconnects
to a model. Beyond the standard, because model servers do it: a last event without its blank line counts
(`close`), an `error: …` line is an event named "error", and a line that is a JSON object is an event.

The one rule: what comes out depends on the bytes alone, never on how they were cut.
"""

from dataclasses import dataclass

MAX_LINE_BYTES = 1 << 20
MAX_EVENT_BYTES = 4 << 20

_BOM = b"\xef\xbb\xbf"
_LINE_ENDS = (b"\n", b"\r")


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is the `event:` field, empty if there was none; `data` the data lines, joined by LF."""

    data: bytes
    name: str = ""


class Oversized(ValueError):
    """A line or an event is larger than any model's; the stream can't be read on."""


class EventStream:
    """An incremental decoder: `feed` bytes as they come, `close` at their end."""

    __slots__ = (
        "_after_cr", "_at_start", "_data", "_data_bytes", "_name", "_partial", "_partial_bytes", "at_rest",
    )  # fmt: skip

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._partial_bytes = 0
        self._after_cr = False
        self._at_start = True
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._name = ""
        self.at_rest = False
        """The next byte begins an event: nothing of one is held, and something came before it."""

    def feed(self, received: bytes) -> list[Event]:
        """The events that `received` completes, in order. Linear in its length; raises `Oversized`."""
        events: list[Event] = []
        for line in self._lines(received):
            self._take(line, events)
        self.at_rest = not (self._partial or self._data or self._name or self._after_cr or self._at_start)
        return events

    def close(self) -> list[Event]:
        """What the end of the stream completes: the last event, if its blank line is missing."""
        events: list[Event] = []
        if self._partial:
            self._take(self._whole_line(b""), events)
        self._dispatch(events)
        return events

    def _lines(self, received: bytes) -> list[bytes]:
        """The complete lines, without their ends; what is left waits in `_partial`."""
        if not received:
            return []
        if self._after_cr and received.startswith(b"\n"):
            received = received[1:]
        self._after_cr = received.endswith(b"\r")
        lines = received.splitlines()  # of bytes: at CR, LF and CRLF only
        rest = b"" if received.endswith(_LINE_ENDS) or not lines else lines.pop()
        if lines and self._partial:
            lines[0] = self._whole_line(lines[0])
        if rest:
            self._keep(rest)
        return lines

    def _keep(self, rest: bytes) -> None:
        self._partial.append(rest)
        self._partial_bytes += len(rest)
        if self._partial_bytes > MAX_LINE_BYTES:
            raise Oversized("line")

    def _whole_line(self, end: bytes) -> bytes:
        line = b"".join((*self._partial, end))
        self._partial.clear()
        self._partial_bytes = 0
        return line

    def _take(self, line: bytes, events: list[Event]) -> None:
        if len(line) > MAX_LINE_BYTES:
            raise Oversized("line")
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        if line.startswith(b"data:"):
            self._keep_data(line[5:])
        elif not line:
            self._dispatch(events)
        elif not line.startswith(b":"):
            self._take_rare(line, events)

    def _take_rare(self, line: bytes, events: list[Event]) -> None:
        if line.startswith(b"{"):
            if line.rstrip().endswith(b"}"):
                self._dispatch(events)
                events.append(Event(line))
            return
        field, _, value = line.partition(b":")
        if field == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")
        elif field == b"data":
            self._keep_data(value)
        elif field == b"error":
            self._dispatch(events)
            events.append(Event(value.removeprefix(b" "), "error"))

    def _keep_data(self, value: bytes) -> None:
        self._data.append(value.removeprefix(b" "))
        self._data_bytes += len(value)
        if self._data_bytes > MAX_EVENT_BYTES:
            raise Oversized("event")

    def _dispatch(self, events: list[Event]) -> None:
        if self._data:
            events.append(Event(b"\n".join(self._data), self._name))
            self._data = []
            self._data_bytes = 0
        self._name = ""

"""Reads a response's body as one answer, whatever the server made of it: bytes in, deltas out. Pure.

The one rule: the `Content-Type` is not asked, for it lies. JSON comes labelled as a stream, streams come as
plain text, and proxies answer 200 with a web page; the bytes tell them apart.
"""

from collections.abc import Iterable, Sequence

from text2sql_ws.llm.answer import Answer, Cut, Flaw, Garbled
from text2sql_ws.llm.chunks import Chunk, read_chunk
from text2sql_ws.llm.complaints import Complaint, complaint_about, page_title
from text2sql_ws.llm.event_stream import MAX_LINE_BYTES, Event, EventStream, Oversized
from text2sql_ws.llm.model import Completion, Delta
from text2sql_ws.llm.parsing import Malformed
from text2sql_ws.llm.stencil import Stencil, cut

MAX_BODY_BYTES = 64 << 20

LESSONS = 8
"""A server whose chunks differ in more than their text is not tried with ever new stencils."""

HELD_BYTES = 4096
"""The beginning of an event is held back for its end up to this size."""

_DONE = frozenset({b"[DONE]", b'"[DONE]"'})
_CHUNK_EVENTS = frozenset({"", "message", "data"})
_STREAM_FIELDS = (b"data", b"event", b"id", b"retry", b":")


class Reading:
    """Feed it the body until it is `over`, `close` it, then take the `outcome`."""

    __slots__ = (
        "_answer", "_applicable", "_done", "_events", "_flaw", "_held", "_is_completion", "_is_page",
        "_lessons", "_received_bytes", "_stencil", "_unread", "moved",
    )  # fmt: skip

    def __init__(self, model: str) -> None:
        self._answer = Answer(model)
        self._events = EventStream()
        self._stencil: Stencil | None = None
        self._applicable: Stencil | None = None  # the same, where an event begins next
        self._lessons = LESSONS
        self._held = b""
        self._received_bytes = 0
        self._unread = bytearray()  # all of the body, while it may still turn out to be no stream
        self._is_page: bool | None = None
        self._is_completion = False
        self._done = False
        self._flaw: Flaw | None = None
        self.moved = False
        """What was fed last held an event, and not only comments or a part of one."""

    @property
    def over(self) -> bool:
        """Nothing that may still come can change the outcome."""
        return self._done or self._flaw is not None

    @property
    def ended(self) -> bool:
        """The answer is whole; only usage may still come, and a failure no longer matters."""
        return self._done or self._answer.ended

    @property
    def ending(self) -> bool:
        """It is over, or has ended."""
        return self._done or self._flaw is not None or self._answer.ended

    @property
    def satisfied(self) -> bool:
        """The answer is whole, and its usage known: not worth waiting any longer."""
        return self._done or (self._answer.ended and self._answer.usage_known)

    def feed(self, received: bytes) -> list[Delta]:
        """The deltas that `received` completes, in order."""
        self._received_bytes += len(received)
        if self._received_bytes > MAX_BODY_BYTES:
            self._flaw = Garbled("oversized")
        if not self._is_completion:
            self._keep_unread(received)
        if self._is_page or self._done or self._flaw is not None:
            return []
        block, self._held = self._held + received, b""
        deltas: list[Delta] = []
        texts: Sequence[str] = ()
        if (stencil := self._applicable) is not None:
            texts, block = stencil.read(block)
            deltas = self._answer.hear_all(stencil.kind, texts)
        self.moved = bool(texts)
        return deltas + self._read(block) if block else deltas

    def close(self) -> list[Delta]:
        """The body ended, or won't be read on: the last deltas."""
        deltas: list[Delta] = []
        if not (self.over or self._is_page):
            deltas = self._take([*self._events.feed(self._held), *self._events.close()], at_end=True)
        if not (self.over or self._is_completion):
            deltas += self._read_body(bytes(self._unread).strip())
        return deltas + self._answer.close()

    def outcome(self) -> Completion | Flaw:
        """The whole answer, or what is wrong with it. Call it after `close`."""
        return self._flaw or self._answer.outcome(done=self._done)

    def _keep_unread(self, received: bytes) -> None:
        if len(self._unread) > MAX_LINE_BYTES:
            self._flaw = Garbled("oversized")
        self._unread += received if self._unread else received.lstrip()
        if self._is_page is None and self._unread:
            self._is_page = self._unread.startswith(b"<")

    def _read(self, block: bytes) -> list[Delta]:
        """The deltas of chunks that are not all like one before."""
        try:
            events = self._events.feed(self._hold_back(block))
        except Oversized:
            self._flaw = Garbled("oversized")
            return []
        self.moved = self.moved or bool(events)
        deltas = self._take(events)
        self._applicable = self._stencil if self._events.at_rest else None
        return deltas

    def _hold_back(self, block: bytes) -> bytes:
        """`block` without the event that only begins in it: it may turn out to be like those before."""
        if self._stencil is None:
            return block
        whole, blank, begun = block.rpartition(b"\n\n")
        if (blank or self._events.at_rest) and len(begun) < HELD_BYTES and b"\n" not in begun:
            self._held = begun
            return whole + blank
        return block

    def _take(self, events: Iterable[Event], *, at_end: bool = False) -> list[Delta]:
        deltas: list[Delta] = []
        for event in events:
            if self.over:
                break
            deltas += self._take_event(event, at_end)
        return deltas

    def _take_event(self, event: Event, at_end: bool) -> list[Delta]:
        data = event.data.strip()
        if data in _DONE:
            self._done = True
        elif event.name == "error":
            self._object(complaint_about(0, data))
        elif data:
            return self._take_objects(data, event.name, at_end)
        return []

    def _take_objects(self, data: bytes, name: str, at_end: bool) -> list[Delta]:
        try:
            read = read_chunk(data)
        except Malformed as malformed:
            if b"\n" in data:  # servers that forget the blank line between events
                return self._take((Event(line, name) for line in data.split(b"\n")), at_end=at_end)
            if name in _CHUNK_EVENTS and not at_end:  # at the end it is merely cut off
                self._object(Garbled("not_json", str(malformed)))
            return []
        self._learn(data, read)
        return self._add(read)

    def _learn(self, data: bytes, read: Chunk | Complaint) -> None:
        if self._lessons and isinstance(read, Chunk) and (read.content or read.reasoning):
            self._lessons -= 1
            self._stencil = cut(data, read) or self._stencil

    def _add(self, read: Chunk | Complaint) -> list[Delta]:
        if isinstance(read, Complaint):
            self._object(read)
            return []
        if read.spoken and not self._is_completion:
            self._is_completion = True
            self._unread.clear()
        return self._answer.add(read)

    def _object(self, flaw: Flaw) -> None:
        if not self._answer.ended:
            self._flaw = flaw

    def _read_body(self, body: bytes) -> list[Delta]:
        """The body was no stream: JSON over several lines, a web page, plain words, or nothing."""
        if not body or body.startswith(_STREAM_FIELDS):
            self._flaw = Cut("ended")
        elif self._is_page:
            self._flaw = Garbled("page", page_title(body.decode("utf-8", "replace")))
        else:
            return self._read_json(body)
        return []

    def _read_json(self, body: bytes) -> list[Delta]:
        try:
            deltas = self._add(read_chunk(body))
        except Malformed as malformed:
            self._flaw = (
                Cut("ended") if body.startswith((b"{", b"[")) else Garbled("not_json", str(malformed))
            )
            return []
        if not (self._flaw or self._is_completion):
            self._flaw = Garbled("other", body[:300].decode("utf-8", "replace"))
        return deltas

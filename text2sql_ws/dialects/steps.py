"""The dialect `steps`: server-sent events in three vocabularies, to the letter of `wire.md` 6. Pure.

A vocabulary makes bodies of a query's events; here they get their envelope, exactly `data: {json}` and an
empty line. What belongs to no query is a comment, which every reader of such streams skips.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

import orjson

from text2sql_ws.clock import iso
from text2sql_ws.dialects.dialect import Frames
from text2sql_ws.dialects.steps_simple import Simply
from text2sql_ws.dialects.steps_walk import Step
from text2sql_ws.dialects.steps_words import InProgress, InSteps
from text2sql_ws.errors import Fault
from text2sql_ws.events import HeartbeatSent, Notice, Stamped
from text2sql_ws.texts import Locale

Form = Literal["steps", "progress", "simple"]
Body = dict[str, Any]

KEEP_ALIVE = b": keep-alive\n\n"


class Vocabulary(Protocol):
    """How one form of the stream tells of a query."""

    def tell(self, stamped: Stamped, at: str) -> Iterator[Body]:
        """The bodies for one event, in order; each has a `type`."""
        ...

    def part(self, fault: Fault, locale: Locale, at: str) -> Iterator[Body]:
        """The bodies that end a stream whose query may go on."""
        ...

    @property
    def failed_step(self) -> Step | None:
        """The step that failed, once that was told."""
        ...


class Steps:
    """One stream. `whole_bytes` bounds its result; `kept` steps were completed by the stream it retries."""

    name: ClassVar[str] = "steps"

    def __init__(self, stream_id: str, form: Form, whole_bytes: int, kept: int = 0) -> None:
        self._stream_id = stream_id
        self._vocabulary = _vocabulary(form, stream_id, whole_bytes, kept)

    @property
    def failed_step(self) -> Step | None:
        return self._vocabulary.failed_step

    def render(self, stamped: Stamped, sequence: int) -> Frames:
        at = iso(stamped.at)
        bodies = self._vocabulary.tell(stamped, at)
        frames = tuple(self._frame(body, at, sequence + n) for n, body in enumerate(bodies))
        return frames[0] if len(frames) == 1 else frames or None

    def notice(self, notice: Notice, at: datetime) -> bytes:
        return KEEP_ALIVE if isinstance(notice, HeartbeatSent) else b":\n\n"

    def farewell(
        self, fault: Fault, locale: Locale, at: datetime, last_sequence: int, *, counted: bool
    ) -> bytes:
        """What ends a stream before its query has; the sequence stays where it was, or is `counted` on."""
        bodies = self._vocabulary.part(fault, locale, iso(at))
        return b"".join(
            self._frame(body, iso(at), last_sequence + n * counted) for n, body in enumerate(bodies, 1)
        )

    def _frame(self, body: Body, at: str, sequence: int) -> bytes:
        envelope = {"timestamp": at, "sequence": sequence, "sessionId": self._stream_id}
        return b"data: " + orjson.dumps(body | envelope) + b"\n\n"


def _vocabulary(form: Form, stream_id: str, whole_bytes: int, kept: int) -> Vocabulary:
    match form:
        case "steps":
            return InSteps(whole_bytes, kept)
        case "progress":
            return InProgress(stream_id, whole_bytes, kept)
        case "simple":
            return Simply(whole_bytes)

"""What every call of a model cost, however it ended: noted where the model is called, summed elsewhere.

Whoever wants to know sets `CALLS` for its task. The one rule: a failed or cancelled call is noted too, with
an estimate where the provider said nothing of its usage; one that was refused before it began cost nothing.
"""

import time
from collections.abc import Awaitable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from text2sql_ws.errors import Fault
from text2sql_ws.events import Usage
from text2sql_ws.llm.model import Completion, Delta, Message, Model, OnDelta
from text2sql_ws.token_estimate import tokens_in


@dataclass(frozen=True, slots=True)
class Call:
    """`fault` is why it failed; a call that was cancelled is not `whole` and has none.

    `began`, `first` (its first delta, if one came) and `ended` are moments of `SystemClock.monotonic`.
    """

    provider: str
    model: str
    usage: Usage
    whole: bool
    fault: Fault | None = None
    began: float = 0.0
    first: float | None = None
    ended: float = 0.0


CALLS: ContextVar[list[Call] | None] = ContextVar("calls", default=None)
"""Where the calls of this task are noted, if anywhere."""


class Metered:
    """A model as `Model` has it, whose calls are noted."""

    def __init__(self, provider: str, name: str, model: Model) -> None:
        self._provider = provider
        self._name = name
        self._model = model

    async def stream(
        self, messages: Sequence[Message], on_delta: OnDelta, *, model: str | None = None
    ) -> Completion:
        fault, usage, whole = None, None, False
        began, meter = time.monotonic(), _Meter(on_delta)
        try:
            completion = await self._model.stream(messages, meter.hear, model=model)
            usage, whole = completion.usage, True
        except Fault as failed:
            fault = failed
            raise
        else:
            return completion
        finally:
            if (calls := CALLS.get()) is not None:
                refused = fault is not None and not meter.heard
                usage = usage or (Usage() if refused else _estimate(messages, meter.heard))
                name, ended = model or self._name, time.monotonic()
                calls.append(Call(self._provider, name, usage, whole, fault, began, meter.first, ended))


class _Meter:
    """Counts the model's own deltas on their way, and knows when the first came."""

    __slots__ = ("_on_delta", "first", "heard")

    def __init__(self, on_delta: OnDelta) -> None:
        self._on_delta = on_delta
        self.heard = 0
        self.first: float | None = None

    def hear(self, delta: Delta) -> Awaitable[None]:
        if not self.heard:
            self.first = time.monotonic()
        self.heard += len(delta.parts) or 1
        return self._on_delta(delta)


def _estimate(messages: Sequence[Message], heard: int) -> Usage:
    """A delta is a token, about."""
    return Usage(sum(tokens_in(message.content) for message in messages), heard)

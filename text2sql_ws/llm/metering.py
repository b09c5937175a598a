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
        heard, fault, usage, whole = 0, None, None, False
        began, first = time.monotonic(), None

        def hear(delta: Delta) -> Awaitable[None]:
            nonlocal heard, first
            if first is None:
                first = time.monotonic()
            heard += len(delta.parts) or 1
            return on_delta(delta)

        try:
            completion = await self._model.stream(messages, hear, model=model)
            usage, whole = completion.usage, True
        except Fault as failed:
            fault = failed
            raise
        else:
            return completion
        finally:
            if (calls := CALLS.get()) is not None:
                refused = fault is not None and not heard
                usage = usage or (Usage() if refused else _estimate(messages, heard))
                name, ended = model or self._name, time.monotonic()
                calls.append(Call(self._provider, name, usage, whole, fault, began, first, ended))


def _estimate(messages: Sequence[Message], heard: int) -> Usage:
    """A delta is a token, about."""
    return Usage(sum(tokens_in(message.content) for message in messages), heard)

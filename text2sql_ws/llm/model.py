"""What the rest of the product knows of a model: a protocol and the values it deals in. No I/O here."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from text2sql_ws.events import Usage

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    content: str


@dataclass(slots=True)
class Delta:
    """A piece of the model's output, never empty. `<think>` inside the content is `reasoning` already.

    What came off the wire together is one piece; `parts` are the model's own, where they were several. Not
    frozen, as `Token` isn't, and no more to be changed.
    """

    kind: Literal["reasoning", "content"]
    text: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole, well-ended answer: `content` and `reasoning` are the joined deltas."""

    content: str
    reasoning: str
    usage: Usage | None
    model: str


OnDelta = Callable[[Delta], Awaitable[None]]
"""Takes a delta. What it returns is awaited before more is read: `DONE` where nothing is to be waited for."""


class Model(Protocol):
    """A model behind a provider."""

    async def stream(
        self, messages: Sequence[Message], on_delta: OnDelta, *, model: str | None = None
    ) -> Completion:
        """Ask, push each delta as it comes (awaited before more is read), and return the whole.

        `model` overrides the provider's configured one. Raises a `ModelFault` (`llm/faults.py`). Cancelling
        closes the stream at once.
        """
        ...

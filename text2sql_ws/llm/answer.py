"""What a model has said so far, chunk by chunk; and at the end all of it, or what is wrong with it. Pure.

The one rule: an answer is whole only if the server said so, with a finish reason or `[DONE]`. Half an answer
is a `Flaw`, however good it looks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from text2sql_ws.events import Usage
from text2sql_ws.llm.chunks import Chunk
from text2sql_ws.llm.complaints import Complaint
from text2sql_ws.llm.model import Completion, Delta
from text2sql_ws.llm.thinking import Kind, SurrogateJoiner, ThinkSplitter


@dataclass(frozen=True, slots=True)
class Garbled:
    """What came is no chat completion: not JSON, a web page, JSON of something else, too large."""

    why: Literal["not_json", "page", "other", "oversized", "encoding"]
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """The answer is not whole: the stream ended early, or the model met its limit of tokens."""

    why: Literal["ended", "length"]


@dataclass(frozen=True, slots=True)
class Filtered:
    """A content filter stopped the answer."""


@dataclass(frozen=True, slots=True)
class Empty:
    """The answer is whole, and holds nothing; or nothing but thoughts, or calls of tools."""

    why: Literal["nothing", "thoughts", "tools"]


Flaw = Complaint | Garbled | Cut | Filtered | Empty
Ending = Literal["stop", "length", "filter", "error", "tools"]


class Answer:
    """Collects chunks. `model` is whom we asked; the server may name it more precisely."""

    __slots__ = ("_content", "_ending", "_finish", "_model", "_reasoning", "_splitter", "_usage", "ended")

    def __init__(self, model: str) -> None:
        self._model = model
        self._reasoning = _Voice()
        self._content = _Voice()
        self._splitter = ThinkSplitter()
        self._usage: Usage | None = None
        self._ending: Ending | None = None
        self._finish = ""
        self.ended = False
        """The server gave a finish reason: what still comes can only add usage."""

    @property
    def usage_known(self) -> bool:
        return self._usage is not None

    def add(self, chunk: Chunk) -> list[Delta]:
        """The deltas that `chunk` brings, in order, none empty."""
        self._note(chunk)
        deltas: list[Delta] = []
        if chunk.reasoning:
            deltas += self.hear("reasoning", chunk.reasoning, whole=chunk.whole)
        if chunk.content:
            deltas += self.hear("content", chunk.content, whole=chunk.whole)
        return deltas

    def hear(self, kind: Kind, text: str, *, whole: bool = False) -> list[Delta]:
        """The deltas that the next `text` of one kind brings."""
        voice = self._voice(kind)
        text = voice.hear(text, whole)
        pieces = self._splitter.push(text) if kind == "content" else [(kind, text)]
        voice.is_within = voice.joiner.is_within or (kind == "content" and self._splitter.is_within)
        return self._say(pieces)

    def hear_all(self, kind: Kind, texts: Sequence[str]) -> list[Delta]:
        """The same for texts that came together and hold no half of a character."""
        text = texts[0] if len(texts) == 1 else "".join(texts)
        if not text:
            return []
        voice = self._voice(kind)
        if voice.is_within or "<" in text:
            return [delta for part in texts for delta in self.hear(kind, part)]
        voice.heard.append(text)
        voice.said.append(text)
        return [Delta(kind, text, tuple(filter(None, texts)) if len(texts) > 1 else ())]

    def close(self) -> list[Delta]:
        """What was held back for the other half of a tag or a character."""
        last = self._content.joiner.close()
        return self._say(
            [
                ("reasoning", self._reasoning.joiner.close()),
                *self._splitter.push(last),
                *self._splitter.close(),
            ]
        )

    def outcome(self, *, done: bool) -> Completion | Flaw:
        """The whole answer, or its flaw. `done`: the server said `[DONE]`. Call it after `close`."""
        match self._ending:
            case "error":
                return Complaint(f"finish_reason: {self._finish}", self._finish)
            case "filter":
                return Filtered()
            case "length":
                return Cut("length")
            case None if not done:
                return Cut("ended")
        return self._emptiness() or self._completion()

    def _voice(self, kind: Kind) -> "_Voice":
        return self._content if kind == "content" else self._reasoning

    def _note(self, chunk: Chunk) -> None:
        if chunk.model:
            self._model = chunk.model
        if chunk.usage:
            self._usage = _larger(self._usage, chunk.usage)
        if chunk.finish and self._ending in (None, "stop"):
            self._finish = chunk.finish
            self._ending = ENDINGS.get(chunk.finish.lower(), "stop")
            self.ended = True

    def _say(self, pieces: Iterable[tuple[Kind, str]]) -> list[Delta]:
        deltas = []
        for kind, text in pieces:
            if text:
                self._voice(kind).said.append(text)
                deltas.append(Delta(kind, text))
        return deltas

    def _emptiness(self) -> Empty | None:
        if any(not piece.isspace() for piece in self._content.said):
            return None
        if self._ending == "tools":
            return Empty("tools")
        return Empty("thoughts" if self._reasoning.said else "nothing")

    def _completion(self) -> Completion:
        return Completion(
            "".join(self._content.said), "".join(self._reasoning.said), self._usage, self._model
        )


class _Voice:
    """One kind of text: what was handed on of it, and what was heard before any tag was taken out.

    The latter so that a whole message at the end is not said a second time.
    """

    __slots__ = ("heard", "is_within", "joiner", "said")

    def __init__(self) -> None:
        self.is_within = False  # a thought, a tag or a character, which began before
        self.said: list[str] = []
        self.heard: list[str] = []
        self.joiner = SurrogateJoiner()

    def hear(self, text: str, whole: bool) -> str:
        """What is new in `text`; of a whole message only what goes beyond the deltas before it."""
        if whole and self.heard:
            before = "".join(self.heard)
            text = text[len(before) :] if text.startswith(before) else ""
        self.heard.append(text)
        return self.joiner.push(text)


def _larger(known: Usage | None, new: Usage) -> Usage:
    """Usage that comes with each chunk counts up from the start; some servers end with zeros."""
    if known is None:
        return new
    return Usage(
        max(known.prompt_tokens, new.prompt_tokens), max(known.completion_tokens, new.completion_tokens)
    )


# What finish reasons mean, lower case; any other is a stop, for the server did end the answer.
ENDINGS: dict[str, Ending] = {
    "length": "length",
    "max_tokens": "length",
    "max_length": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "token_limit": "length",
    "model_context_window_exceeded": "length",
    "content_filter": "filter",
    "content_filtered": "filter",
    "safety": "filter",
    "sensitive": "filter",
    "recitation": "filter",
    "blocklist": "filter",
    "prohibited_content": "filter",
    "guardrail_intervened": "filter",
    "refusal": "filter",
    "error": "error",
    "network_error": "error",
    "insufficient_system_resource": "error",
    "abort": "error",
    "aborted": "error",
    "cancelled": "error",
    "malformed_function_call": "error",
    "tool_calls": "tools",
    "tool_use": "tools",
    "function_call": "tools",
}

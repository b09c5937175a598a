"""One JSON object of a chat completion, streamed or whole, as a `Chunk`; or the complaint it holds. Pure.

Servers that call themselves OpenAI-compatible differ in where they put the text, the reasoning, the usage and
the error; all that is known of it stands here. The one rule: a field of an unexpected type is as good as
missing, and never an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from text2sql_ws.events import Usage
from text2sql_ws.llm.complaints import Complaint, complaint_in, explicit_complaint
from text2sql_ws.llm.parsing import parse

_REASONING = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_THINKING_PARTS = frozenset({"thinking", "reasoning", "reasoning.text", "reasoning.summary"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one object adds. `whole`: the text is the whole message, not what comes next.

    `spoken`: it had a choice with index 0, so this is a chat completion. `finish` is the server's word.
    """

    content: str = ""
    reasoning: str = ""
    finish: str = ""
    usage: Usage | None = None
    model: str = ""
    spoken: bool = False
    whole: bool = False


def read_chunk(data: bytes) -> Chunk | Complaint:
    """Read one object; raises `Malformed` if `data` is not JSON."""
    value = parse(data)
    if not isinstance(value, dict):
        return complaint_in(value) or Chunk()
    choice = _first_choice(value.get("choices"))
    if choice is None:
        return _read_without_choice(value)
    if value.get("error") or choice.get("error"):
        complaint = explicit_complaint(value) or explicit_complaint(choice)
        if complaint:
            return complaint
    return _read_choice(value, choice)


def _read_choice(value: dict[str, Any], choice: Mapping[str, Any]) -> Chunk:
    part, whole = choice.get("delta"), False
    if not part and isinstance(choice.get("message"), Mapping):
        part, whole = choice["message"], True
    content, reasoning = _said(part) if isinstance(part, Mapping) else ("", "")
    if not content:
        content = _as_text(choice.get("text"))  # the older completions API
    finish, model = _as_text(choice.get("finish_reason")), _as_text(value.get("model"))
    return Chunk(content, reasoning, finish, _usage(value, choice), model, True, whole)


def _read_without_choice(value: dict[str, Any]) -> Chunk | Complaint:
    usage = _usage(value, {})
    if isinstance(value.get("message"), Mapping):
        return _read_choice(value, _native_choice(value))
    complaint = explicit_complaint(value) if usage or "choices" in value else complaint_in(value)
    return complaint or Chunk(usage=usage)


def _native_choice(value: dict[str, Any]) -> Mapping[str, Any]:
    """A line of Ollama's own interface, which some gateways send instead."""
    finish = (value.get("done_reason") or "stop") if value.get("done") else None
    return {"delta": value["message"], "finish_reason": finish}


def _first_choice(choices: object) -> Mapping[str, Any] | None:
    """The choice with index 0; several come when `n` was asked for, in any order."""
    if not isinstance(choices, list):
        return None
    for choice in choices:
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return None


def _said(part: Mapping[str, Any]) -> tuple[str, str]:
    """Content and reasoning. Reasoning often stands there twice, under two names: the first counts."""
    content = part.get("content")
    if isinstance(content, str):
        reasoning = ""
    else:
        content, reasoning = _said_in_parts(content)
    for key in _REASONING:
        if not reasoning and part.get(key):
            reasoning = _text(part[key])
    return content or _as_text(part.get("refusal")), reasoning


def _said_in_parts(parts: object) -> tuple[str, str]:
    """Content and reasoning of a text, or of a list of parts such as `{"type": "text", "text": "…"}`."""
    if not isinstance(parts, list):
        return _text(parts), ""
    content: list[str] = []
    reasoning: list[str] = []
    for part in parts:
        kind = part.get("type") if isinstance(part, Mapping) else None
        (reasoning if kind in _THINKING_PARTS else content).append(_text(part))
    return "".join(content), "".join(reasoning)


def _text(part: object) -> str:
    """The text of a part; Mistral's `thinking` holds a list of parts again, and deeper it doesn't go."""
    inside = _inside(part)
    return (
        "".join(_as_text(_inside(item)) for item in inside) if isinstance(inside, list) else _as_text(inside)
    )


def _inside(part: object) -> object:
    if isinstance(part, Mapping):
        return part.get("text") or part.get("thinking") or part.get("summary")
    return part


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _usage(value: Mapping[str, Any], choice: Mapping[str, Any]) -> Usage | None:
    groq = value.get("x_groq")
    usage = (
        value.get("usage") or choice.get("usage") or (groq.get("usage") if isinstance(groq, dict) else None)
    )
    if not isinstance(usage, dict):
        usage = value if "eval_count" in value else None
    return _tokens(usage) if usage else None


def _tokens(usage: Mapping[str, Any]) -> Usage | None:
    prompt = _count(usage, "prompt_tokens", "input_tokens", "prompt_eval_count")
    completion = _count(usage, "completion_tokens", "output_tokens", "eval_count")
    return Usage(prompt, completion) if prompt or completion else None


def _count(usage: Mapping[str, Any], *names: str) -> int:
    for name in names:
        number = usage.get(name)
        if isinstance(number, int | float) and 0 < number < 1 << 53:
            return int(number)
    return 0

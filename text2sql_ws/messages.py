"""What is said in a conversation, as values; `conversations.py` stores them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from text2sql_ws.events import Answer

Space = Literal["ask", "scm", "chat"]
Role = Literal["user", "assistant", "system"]
Outcome = Literal["complete", "failed", "cancelled", "length"]


TITLE_CHARS = 80
"""A conversation without a title is called by the beginning of its first question."""

RECALLED_TURNS = 10
"""What a model is reminded of; older turns rarely bear on a question, and each costs tokens."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """`id` is ours, `name` what its client calls it. Times are UTC."""

    id: str
    space: Space
    owner_id: str
    name: str
    title: str
    created_at: datetime
    updated_at: datetime
    message_count: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """A message to be stored. `author_id` is empty for the assistant, `id` one of ours unless given."""

    role: Role
    content: str
    author_id: str = ""
    parent_id: str | None = None
    sql: str | None = None
    results: Mapping[str, Any] | None = None
    visualization: Mapping[str, Any] | None = None
    status: Outcome = "complete"
    tokens: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is stored; `position` rises with each."""

    position: int
    id: str
    conversation_id: str
    created_at: datetime
    said: Said


def said_of(answer: Answer) -> Said:
    """An answer as an assistant's message. `results` holds the columns, the count and the first rows only."""
    return Said(
        role="assistant",
        content=answer.explanation.explanation,
        sql=answer.sql,
        results=_results(answer) if answer.sql is not None else None,
        visualization={
            "chart_type": answer.visualization.chart_type,
            "config": dict(answer.visualization.config),
        },
        tokens=answer.usage.total_tokens if answer.usage else 0,
    )


def _results(answer: Answer) -> dict[str, Any]:
    results = answer.results
    return {
        "columns": [{"name": column.name, "type": column.type} for column in results.columns],
        "row_count": results.row_count,
        "truncated": results.truncated,
        "data": [dict(row) for row in results.data],
    }


def title_of(text: str) -> str:
    """What a conversation is called that began with `text`: one line of it, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1] + "…"

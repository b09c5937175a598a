"""A stored message as Markdown, for people who read it in a file. Pure.

What users and models wrote is Markdown already, and stays as it is; what came from a database is escaped.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from text2sql_ws.clock import iso
from text2sql_ws.columns import object_keys
from text2sql_ws.events import ResultColumn
from text2sql_ws.messages import Message
from text2sql_ws.texts import Locale, say


def as_markdown(message: Message, locale: Locale, names_people: bool = False) -> str:
    """A section: who, when, the words, the SQL unless the words hold it, and the head of its rows.

    `names_people`: where several talk, whoever said something is called by their id.
    """
    said = message.said
    who = say(f"conversation.{said.role}").in_(locale)
    if names_people and said.author_id:
        who = " ".join(said.author_id.split())
    parts = [f"\n## {who} · {iso(message.created_at)}\n"]
    if said.content:
        parts.append(said.content.strip() + "\n")
    if said.role == "assistant" and said.sql and said.sql not in said.content:
        parts.append(fenced(said.sql, "sql"))
    if said.results:
        parts.append(_table(said.results, locale))
    if said.status != "complete":
        parts.append("*" + say(f"conversation.{said.status}").in_(locale) + "*\n")
    return "\n".join(parts)


def fenced(text: str, language: str) -> str:
    """`text` as a code block, behind a fence that it can't end itself."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}\n"


def _table(results: Mapping[str, Any], locale: Locale) -> str:
    columns = [ResultColumn(column["name"], column["type"]) for column in results["columns"]]
    rows: Sequence[Mapping[str, Any]] = results["data"]
    counted = say("conversation.rows", shown=len(rows), total=results["row_count"]).in_(locale)
    if not rows:
        return f"{counted}\n"
    head = [_line([column.name for column in columns]), _line(["---"] * len(columns))]
    keys = object_keys(columns)
    return "\n".join([*head, *(_line([row.get(key) for key in keys]) for row in rows)]) + f"\n\n{counted}\n"


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split()).replace("<", "&lt;")

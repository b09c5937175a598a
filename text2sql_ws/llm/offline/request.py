"""What a list of messages asks for: SQL, a repair, an explanation, or just a word. Reads the prompts'
tags. Pure.

The tags are those of `llm/prompts.py`; a prompt that has none of them is plain talk.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from text2sql_ws.llm.model import Message
from text2sql_ws.llm.offline.reading import language

Locale = Literal["zh", "en"]

_DATABASE = re.compile(r"<database\b([^>]*)>(.*?)</database>", re.S)
_DIALECT = re.compile(r"dialect=\"([^\"]*)\"")
_TODAY = re.compile(r"<today>\s*(\d{4}-\d\d-\d\d)\s*</today>")
_RESULT = re.compile(r"<result\b([^>]*)>\n?(.*?)\n?</result>", re.S)
_SQL_BLOCK = re.compile(r"```(?:sql)?\s*\n(.*?)```", re.S)
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Prompt:
    """The system prompt's schema. `today` is the day of the prompt, never of the clock."""

    statements: str
    dialect: str
    today: date
    locale: Locale


@dataclass(frozen=True, slots=True)
class Generation:
    """A question, and those before it in the conversation."""

    prompt: Prompt
    question: str
    locale: Locale
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """A statement that the database refused, with its words."""

    prompt: Prompt
    question: str
    locale: Locale
    sql: str
    error: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A question, what was run for it, and the head of what came back, tab-separated."""

    locale: Locale
    question: str
    sql: str
    rows: str
    row_count: int
    truncated: bool


@dataclass(frozen=True, slots=True)
class Talk:
    """Anything else: words without a schema. `is_conversation`: a system prompt asks for a conversation.

    `earlier`: what the user said before; `today` as the prompt has it.
    """

    locale: Locale
    text: str
    earlier: tuple[str, ...] = ()
    today: date = EPOCH
    is_conversation: bool = False


Request = Generation | Repair | Explanation | Talk


def read_request(messages: Sequence[Message]) -> Request:
    """What the last message of the user asks for. Any messages are something."""
    users = [message.content for message in messages if message.role == "user"]
    last = users[-1] if users else ""
    system = "\n".join(message.content for message in messages if message.role == "system")
    if _RESULT.search(last):
        return _explanation(last, system)
    prompt = _prompt(system)
    if prompt is None:
        locale = language(last, language(system, "en"))
        return Talk(locale, last, tuple(users[:-1][-4:]), _day(system), bool(_TODAY.search(system)))
    if "<failed_sql>" in last:
        question = users[-2] if len(users) > 1 else ""
        return Repair(
            prompt, question, language(question, prompt.locale), tag(last, "failed_sql"), tag(last, "error")
        )
    return Generation(prompt, last, language(last, prompt.locale), tuple(users[:-1][-4:]))


def tag(text: str, name: str) -> str:
    """What stands between the tags; empty where they are not."""
    opened, closed = f"<{name}>", f"</{name}>"
    start, end = text.find(opened), text.rfind(closed)
    return text[start + len(opened) : end].strip() if 0 <= start < end else ""


def _prompt(system: str) -> Prompt | None:
    found = _DATABASE.search(system)
    if found is None:
        return None
    dialect = _DIALECT.search(found[1])
    outside = system[: found.start()] + system[found.end() :]
    return Prompt(found[2], dialect[1] if dialect else "mysql", _day(system), language(outside, "en"))


def _day(system: str) -> date:
    found = _TODAY.findall(system)
    try:
        return date.fromisoformat(found[-1]) if found else EPOCH
    except ValueError:
        return EPOCH


def _explanation(last: str, system: str) -> Explanation:
    found = _RESULT.search(last)
    attributes, rows = (found[1], found[2]) if found else ("", "")
    count = re.search(r"rows=\"(\d{1,15})\"", attributes)
    question = tag(last, "question")
    return Explanation(
        language(system, language(question, "en")), question, tag(last, "sql"), rows,
        int(count[1]) if count else max(rows.count("\n"), 0), "truncated=\"true\"" in attributes,
    )  # fmt: skip

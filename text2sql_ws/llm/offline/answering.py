"""Answers a list of messages: the whole of the offline model, from request to reply. Pure and deterministic.

The same messages give the same reply. It reads no clock: today is what the prompt says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from text2sql_ws.llm.model import Message
from text2sql_ws.llm.offline import explaining, follow_up, marking, repairing, small_talk, suggesting
from text2sql_ws.llm.offline.base import Found
from text2sql_ws.llm.offline.form import NotUnderstood
from text2sql_ws.llm.offline.knowledge import Knowledge, knowledge_of
from text2sql_ws.llm.offline.marks import Kind, Mark
from text2sql_ws.llm.offline.reading import read
from text2sql_ws.llm.offline.request import Explanation, Generation, Repair, Talk, read_request
from text2sql_ws.llm.offline.solving import solve
from text2sql_ws.llm.offline.talk import Locale, quoted, say


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says: `content`, and in `reasoning` how it read the question, a line each."""

    content: str
    reasoning: str


def answer(messages: Sequence[Message]) -> Reply:
    """Answer the last message of the user; any messages get a reply, and none raises."""
    request = read_request(messages)
    match request:
        case Generation():
            return _generate(request)
        case Repair():
            return _repair(request)
        case Explanation():
            return Reply(explaining.explain(request), "")
        case Talk(is_conversation=True):
            return Reply(small_talk.reply(request), "")
        case Talk():
            return Reply(say("no_schema", request.locale), "")


def _generate(request: Generation) -> Reply:
    knowledge = knowledge_of(request.prompt.statements, request.prompt.dialect)
    if not knowledge.database.entities:
        return Reply(say("no_tables", request.locale), "")
    lookups = marking.Lookups(knowledge.database, knowledge.vocabulary)
    marks = marking.mark(request.question, lookups, request.prompt.today)
    if _is_greeting(marks):
        return Reply(
            say("greeting", request.locale, suggestion=suggesting.suggest(knowledge, request.locale)), ""
        )
    text = request.question
    followed = follow_up.completed(marks, request, lookups)
    if followed is not None:
        text, marks = followed, marking.mark(followed, lookups, request.prompt.today)
    question = read(text, marks, knowledge.database, request.locale)
    found = solve(question, knowledge, request.prompt.today)
    lines = [say("follow_up", request.locale, question=text)] if followed else []
    return _reply(found, request.locale, knowledge, lines)


def _reply(found: Found | NotUnderstood, locale: Locale, knowledge: Knowledge, lines: list[str]) -> Reply:
    match found:
        case Found():
            lines += [
                say("read_as", locale),
                *(say(f"note.{name}", locale, value=value) for name, value in found.notes),
            ]
            return Reply(f"{say('statement', locale)}\n```sql\n{found.sql}\n```", "\n".join(lines))
        case NotUnderstood():
            words = quoted(found.words, locale)
            suggestion = suggesting.suggest(knowledge, locale)
            return Reply(
                say(found.reason, locale, words=words, suggestion=suggestion),
                "\n".join([*lines, say("not_read", locale, words=words or "?")]),
            )


def _is_greeting(marks: list[Mark]) -> bool:
    """A greeting, or a question about what this is: nothing of the schema in it."""
    said = [mark for mark in marks if mark.kind is not Kind.STOP or mark.payload == "greeting"]
    return (
        bool(said)
        and said[0].payload == "greeting"
        and all(mark.payload == "greeting" or mark.kind in (Kind.UNKNOWN, Kind.VERB) for mark in said)
    )


def _repair(request: Repair) -> Reply:
    knowledge = knowledge_of(request.prompt.statements, request.prompt.dialect)
    repaired = repairing.repair(request.sql, request.error, knowledge.database)
    if repaired is None:
        return Reply(say("cannot_repair", request.locale, error=request.error[:300]), "")
    changes = "\n".join(say("repaired", request.locale, before=a, after=b) for a, b in repaired.changes)
    return Reply(f"```sql\n{repaired.sql}\n```", changes)

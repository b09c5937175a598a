"""What a model is reminded of: the part of a stored conversation that a new question follows on. Pure.

The one rule: a question goes in with its answer or not at all, for models expect the two to take turns.
"""

from collections.abc import Iterator, Sequence

from text2sql_ws.llm.model import Message as Spoken
from text2sql_ws.llm.prompts import Turn
from text2sql_ws.messages import Message
from text2sql_ws.token_estimate import tokens_in

MOST_TURNS = 10
"""Earlier questions about data that a model is shown; older ones rarely bear on a new one."""


def line_to(messages: Sequence[Message], parent_id: str | None) -> list[Message]:
    """The messages that lead to `parent_id`, oldest first; all where it is none of these, or not given."""
    by_id = {message.id: message for message in messages}
    line: list[Message] = []
    while parent_id is not None and (message := by_id.pop(parent_id, None)) is not None:
        line.append(message)
        parent_id = message.said.parent_id
    return line[::-1] or list(messages)


def spoken(messages: Sequence[Message], most_tokens: int) -> list[Spoken]:
    """The latest questions and answers that fit into so many tokens, about; the oldest are left out first."""
    kept: list[Spoken] = []
    left = most_tokens
    for question, answer in reversed(list(_pairs(messages))):
        left -= tokens_in(question.said.content) + tokens_in(answer.said.content)
        if left < 0:
            break
        kept += [Spoken("assistant", answer.said.content), Spoken("user", question.said.content)]
    return kept[::-1]


def turns(messages: Sequence[Message]) -> list[Turn]:
    """The latest questions that became SQL, with it."""
    found = [
        Turn(question.said.content, answer.said.sql)
        for question, answer in _pairs(messages)
        if answer.said.sql is not None
    ]
    return found[-MOST_TURNS:]


def _pairs(messages: Sequence[Message]) -> Iterator[tuple[Message, Message]]:
    """Each question with its latest answer; a failed answer, or an empty one, is none."""
    answers = {
        message.said.parent_id: message
        for message in messages
        if message.said.role == "assistant" and message.said.status != "failed" and message.said.content
    }
    for message in messages:
        if message.said.role == "user" and message.id in answers:
            yield message, answers[message.id]

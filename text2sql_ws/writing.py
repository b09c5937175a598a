"""The model's part in one query: it writes SQL, rewrites what the database refused, and explains the result.

Every delta is emitted as it comes. Nothing here judges the SQL or runs it.
"""

import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from text2sql_ws.commands import Ask
from text2sql_ws.done import then
from text2sql_ws.errors import Code, Fault
from text2sql_ws.events import Emit, Results, Stage, Token, TokenKind, Usage
from text2sql_ws.llm.model import Completion, Delta, Message
from text2sql_ws.llm.prompts import RESULT_ROWS, Prompts, Turn
from text2sql_ws.llm.providers import Choice
from text2sql_ws.progress import Progress
from text2sql_ws.results import as_text
from text2sql_ws.schema import Schema
from text2sql_ws.sql.extract import sql_in
from text2sql_ws.texts import say

TYPICAL_DELTAS = 120
"""So many deltas make a typical SQL; it only paces the progress within the stage."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model means to be run: `sql`, or words instead (`sql` is `None`). `text` is all it said."""

    sql: str | None
    text: str
    attempt: int = 1


class Writer:
    """One query's conversation with its model. `usage` sums what was reported, `None` if nothing was."""

    def __init__(
        self,
        ask: Ask,
        choice: Choice,
        prompts: Prompts,
        today: date,
        history: Sequence[Turn],
        emit: Emit,
        progress: Progress,
    ) -> None:
        self._ask = ask
        self._choice = choice
        self._prompts = prompts
        self._today = today
        self._history = history
        self._emit = emit
        self._progress = progress
        self.usage: Usage | None = None

    async def write(self, schema: Schema) -> Draft:
        """SQL for the question, or an answer in words. Raises `Fault`."""
        await self._progress.begin(Stage.GENERATING_SQL)
        asked = self._question(schema)
        return _draft(await self._listen(asked, "sql", 1), 1)

    async def rewrite(self, failed: Draft, error: str, schema: Schema) -> Draft:
        """Another SQL in place of one that the database refused with `error`. Raises `Fault`."""
        await self._progress.begin(Stage.GENERATING_SQL)
        asked = self._question(schema)
        again = self._prompts.rewrite(asked, failed.sql or "", error, self._ask.locale)
        attempt = failed.attempt + 1
        return _draft(await self._listen(again, "sql", attempt), attempt)

    async def explain(self, sql: str, results: Results, rows: Sequence[Sequence[object]]) -> str:
        """What the result says, in the model's words. Raises `Fault`."""
        head = as_text(results.columns, rows[:RESULT_ROWS])
        asked = self._prompts.explain(
            self._ask.question, sql, head, results.row_count, results.truncated, self._ask.locale
        )
        return (await self._listen(asked, "explanation", 1)).content.strip()

    def _question(self, schema: Schema) -> list[Message]:
        ask = self._ask
        return self._prompts.generate(ask.question, schema, self._today, ask.locale, self._history)

    async def _listen(self, messages: Sequence[Message], kind: TokenKind, attempt: int) -> Completion:
        dictation = _Dictation(kind, attempt, self._emit, self._progress)
        completion = await self._choice.model.stream(messages, dictation.take, model=self._choice.name)
        if completion.usage is not None:
            self.usage = (self.usage or Usage()) + completion.usage
        return completion


class _Dictation:
    """One call's deltas as tokens, numbered; and how far along they are, until they are as many as usual."""

    __slots__ = ("_attempt", "_content", "_emit", "_kind", "_progress", "_reasoning")

    def __init__(self, kind: TokenKind, attempt: int, emit: Emit, progress: Progress) -> None:
        self._kind: TokenKind = kind
        self._attempt = attempt
        self._emit = emit
        self._progress = progress
        self._content = 0
        self._reasoning = 0

    def take(self, delta: Delta) -> Awaitable[None]:
        count = len(delta.parts) or 1
        before = self._content + self._reasoning
        if delta.kind == "content":
            kind, number = self._kind, self._content
            self._content += count
        else:
            kind, number = "reasoning", self._reasoning
            self._reasoning += count
        told = self._emit(Token(kind, delta.text, number, self._attempt, delta.parts))
        return told if before >= TYPICAL_DELTAS else then(told, partial(self._step, before + count))

    def _step(self, spoken: int) -> Awaitable[None]:
        return self._progress.step(
            spoken / TYPICAL_DELTAS, say("progress.tokens", count=spoken), tokens=spoken
        )


def _draft(completion: Completion, attempt: int) -> Draft:
    sql = sql_in(completion.content)
    if sql is None and not re.search(r"\w", re.sub(r"```\w*", "", completion.content)):
        raise Fault(Code.SQL_GENERATION_FAILED, say("generation.empty"))
    return Draft(sql, completion.content, attempt)

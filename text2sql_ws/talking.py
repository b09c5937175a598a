"""An answer in the model's own words: a conversation, where `pipeline.py` asks a database.

Every delta is emitted as it comes. Reasoning is told apart from what is said; nothing here judges either.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from text2sql_ws.commands import Ask
from text2sql_ws.events import (
    Answer,
    Emit,
    Explanation,
    Results,
    Stage,
    Token,
    TokenKind,
    Usage,
    Visualization,
)
from text2sql_ws.llm.faults import Truncated
from text2sql_ws.llm.model import Delta, Message
from text2sql_ws.llm.prompts import Prompts
from text2sql_ws.llm.providers import Providers
from text2sql_ws.progress import Progress


class Talker:
    def __init__(self, providers: Providers, prompts: Prompts, today: Callable[[], date]) -> None:
        self._providers = providers
        self._prompts = prompts
        self._today = today

    def check(self, ask: Ask) -> None:
        """Refuse a model that isn't there. Raises `Fault`."""
        self._providers.choose(ask.provider, ask.model)

    async def answer(self, ask: Ask, emit: Emit, earlier: Sequence[Message] = ()) -> Answer:
        """Go on with a conversation of which `earlier` was said. Raises `Fault`.

        A model that met its limit of tokens has answered as far as it came: the answer is `cut_short`.
        """
        choice = self._providers.choose(ask.provider, ask.model)
        await Progress(emit, Stage.ANALYZING).begin(Stage.GENERATING_EXPLANATION)
        asked = self._prompts.talk(ask.question, earlier, self._today(), ask.locale)
        heard = _Heard(emit)
        try:
            completion = await choice.model.stream(asked, heard.take, model=choice.name)
        except Truncated as fault:
            if not (fault.met_limit and heard.said):
                raise
            return _answer("".join(heard.said), None, cut_short=True)
        return _answer(completion.content, completion.usage)


class _Heard:
    """Hands deltas on as events, and keeps what was said."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._counts: dict[TokenKind, int] = {"explanation": 0, "reasoning": 0}
        self.said: list[str] = []

    def take(self, delta: Delta) -> Awaitable[None]:
        kind: TokenKind = "explanation" if delta.kind == "content" else "reasoning"
        if delta.kind == "content":
            self.said.append(delta.text)
        index = self._counts[kind]
        self._counts[kind] += len(delta.parts) or 1
        return self._emit(Token(kind, delta.text, index, 1, delta.parts))


def _answer(words: str, usage: Usage | None, *, cut_short: bool = False) -> Answer:
    return Answer(None, Results(), Explanation(words.strip()), Visualization(), usage, 1, cut_short=cut_short)

"""An answer as one text that grows: the SQL that ran, then the explanation; or the model's own words. Pure.

For the dialects that know no rows and no stages. The one rule: what was said is never taken back, so SQL is
said only when its rows have come, and no longer can be refused.
"""

from typing import assert_never

from text2sql_ws.events import (
    Event,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
    QueryStarted,
    RowsReady,
    SourceChosen,
    SqlDrafted,
    SqlFailed,
    SqlReady,
    StageProgressed,
    Token,
)


class Wording:
    """One answer's words so far."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._sql: str | None = None
        self._explained = ""

    @property
    def text(self) -> str:
        return "".join(self._said)

    def hear(self, event: Event) -> str:
        """The words that `event` adds; empty where it adds none."""
        words = self._words(event)
        if words:
            self._said.append(words)
        return words

    def _words(self, event: Event) -> str:
        match event:
            case SqlReady(sql=sql):
                self._sql = sql
            case RowsReady():
                return self._statement()
            case Token(kind="explanation", delta=delta):
                return self._explain(delta)
            case QueryCompleted(answer=answer):
                return self._statement() + self._rest(answer.explanation.explanation)
            case SqlFailed():
                self._sql = None
            case QueryStarted() | StageProgressed() | SourceChosen() | SqlDrafted() | Token():
                pass
            case QueryFailed() | QueryCancelled():
                pass
            case other:
                assert_never(other)
        return ""

    def _statement(self) -> str:
        sql, self._sql = self._sql, None
        return f"```sql\n{sql}\n```" if sql is not None else ""

    def _explain(self, delta: str) -> str:
        gap = "\n\n" if self._said and not self._explained else ""
        self._explained += delta
        return gap + delta

    def _rest(self, explanation: str) -> str:
        """What of the whole explanation was not heard as it came: one that was computed, or plain words."""
        heard, whole = self._explained.strip(), explanation.strip()
        if heard == whole or not whole:
            return ""
        return ("\n\n" if self._said else "") + whole

"""The vocabulary of `steps` that knows no steps: what a client of the old stream reads. Pure."""

from collections.abc import Iterator
from typing import Any, assert_never

import orjson

from text2sql_ws.dialects.steps_walk import Step
from text2sql_ws.dialects.steps_words import cancelled_body, error_body, warnings_body
from text2sql_ws.dialects.whole import WholeRows
from text2sql_ws.errors import Fault
from text2sql_ws.events import (
    Answer,
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
    Stamped,
    Token,
)
from text2sql_ws.texts import Locale

Body = dict[str, Any]


class Simply:
    """`sql_delta` `sql` `result` `error` `finish`; `finish` is the last, whatever has become of the query."""

    failed_step: Step | None = None

    def __init__(self, whole_bytes: int) -> None:
        self._rows = WholeRows(whole_bytes, as_objects=False)

    def tell(self, stamped: Stamped, at: str) -> Iterator[Body]:
        match stamped.event:
            case Token(kind="sql", delta=delta, attempt=attempt):
                yield {"type": "sql_delta", "text": delta, "attempt": attempt}
            case SqlReady(sql=sql, attempt=attempt):
                yield {"type": "sql", "sql": sql, "attempt": attempt}
            case RowsReady() as rows:
                self._rows.take(rows)
            case QueryCompleted(answer=answer):
                if answer.sql is not None:
                    yield self._result(answer, stamped.locale)
                yield {"type": "finish"}
            case QueryFailed(fault=fault):
                yield {"type": "error", **error_body(fault, stamped.locale)}
                yield {"type": "finish"}
            case QueryCancelled():
                yield {"type": "error", **cancelled_body(stamped.locale)}
                yield {"type": "finish"}
            case QueryStarted() | StageProgressed() | SourceChosen() | SqlDrafted() | SqlFailed() | Token():
                return
            case other:
                assert_never(other)

    def part(self, fault: Fault, locale: Locale, at: str) -> Iterator[Body]:
        yield {"type": "error", **error_body(fault, locale)}
        yield {"type": "finish"}

    def _result(self, answer: Answer, locale: Locale) -> Body:
        return {
            "type": "result",
            "columns": [{"name": column.name, "type": column.type} for column in answer.results.columns],
            "rows": orjson.Fragment(self._rows.json()),
            "row_count": answer.results.row_count,
            "truncated": answer.results.truncated or not self._rows.is_whole,
            "warnings": warnings_body(answer, locale),
        }

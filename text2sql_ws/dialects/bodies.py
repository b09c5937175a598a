"""The bodies of `text2sql`'s messages: our events and values as JSON objects, in one language. Pure."""

import functools
import math
from datetime import datetime
from typing import Any

import orjson

from text2sql_ws.clock import iso
from text2sql_ws.errors import Fault
from text2sql_ws.events import (
    PROGRESS,
    Answer,
    Caution,
    Connected,
    Explanation,
    Notified,
    QueryCompleted,
    QueryStarted,
    ResultColumn,
    Results,
    RowsReady,
    SourceChosen,
    SqlDrafted,
    SqlFailed,
    Stage,
    StageProgressed,
    StatusAnnounced,
    Usage,
    Visualization,
)
from text2sql_ws.texts import Locale, say

Body = dict[str, Any]


def notified(notice: Notified) -> Body:
    """A notification, in dialects that have no frame of their own for it: a status with a title."""
    body: Body = {"message": notice.message, "type": notice.kind, "title": notice.title, "id": notice.id}
    return body | ({"action_url": notice.action_url} if notice.action_url is not None else {})


def started(event: QueryStarted, at: str) -> Body:
    retry = {"retry_of": event.retry_of} if event.retry_of else {}
    return {"query": event.query, "start_time": at} | retry


def progressed(event: StageProgressed, at: str, remaining: int | None, locale: Locale) -> Body:
    progress = {
        "stage": event.stage.value,
        "progress": event.progress,
        "message": event.message.in_(locale),
        "details": event.details,
        "estimated_time_remaining": remaining,
    }
    return {"timestamp": at, "progress": progress}


def chosen(event: SourceChosen, at: str, remaining: int | None, locale: Locale) -> Body:
    message = say("progress.datasource", name=event.name)
    details = {"datasource": event.name}
    happened = StageProgressed(Stage.SELECTING_DATASOURCE, event.progress, message, details)
    return progressed(happened, at, remaining, locale)


def expanded(event: SqlDrafted, at: str, remaining: int | None, locale: Locale) -> Body:
    pairs = ", ".join(f"{short} → {full}" for short, full in event.replaced)
    details = {"replaced": [{"from": short, "to": full} for short, full in event.replaced]}
    progress = PROGRESS[Stage.VALIDATING_SQL]
    message = say("progress.replaced", replaced=pairs)
    happened = StageProgressed(Stage.VALIDATING_SQL, progress, message, details)
    return progressed(happened, at, remaining, locale)


def rewriting(event: SqlFailed, at: str, remaining: int | None, locale: Locale) -> Body:
    """A refused attempt shows as progress of the stage that ran it; its details say what happened."""
    why = event.fault.message.in_(locale)
    message = say("progress.rewriting", attempt=event.attempt, why=why)
    details = {"sql": event.sql, "error": why, "code": event.fault.code.value, "attempt": event.attempt}
    happened = StageProgressed(Stage.EXECUTING_SQL, event.progress, message, details)
    return progressed(happened, at, remaining, locale)


@functools.lru_cache(maxsize=8)
def announced(notice: StatusAnnounced, at: datetime) -> tuple[bytes, bytes]:
    """A broadcast, encoded once for however many it goes to: its type, and its envelope from the time on."""
    data = orjson.dumps({"message": notice.message, "type": notice.kind})
    what = b'%b","data":%b,"message_id":"%b' % (iso(at).encode(), data, notice.id.encode())
    return b"system_status", what


def _columns(columns: tuple[ResultColumn, ...]) -> list[Body]:
    return [{"name": column.name, "type": column.type} for column in columns]


def rows(event: RowsReady) -> Body:
    return {
        "chunk_index": event.chunk_index,
        "row_offset": event.row_offset,
        "columns": _columns(event.columns),
        "rows": orjson.Fragment(event.rows_json),
        "is_last": event.is_last,
    }


def completed(event: QueryCompleted, at: str, locale: Locale) -> Body:
    usage = {"usage": usage_body(event.answer.usage)} if event.answer.usage else {}
    return {
        **answer_body(event.answer, locale),
        "execution_time": round(event.execution_seconds, 3),
        "completed_at": at,
        **usage,
        "attempts": event.answer.attempts,
        "warnings": [_caution(caution, locale) for caution in event.answer.warnings],
    }


def answer_body(answer: Answer, locale: Locale) -> Body:
    """The parts of an answer that a finished query is still asked for over HTTP."""
    return {
        "sql": answer.sql,
        "results": _results(answer.results),
        "explanation": _explanation(answer.explanation),
        "visualization": _visualization(answer.visualization),
    }


def empty_answer_body(sql: str | None) -> Body:
    """The same for a query that has no answer (yet)."""
    return {"sql": sql, "results": None, "explanation": None, "visualization": None}


def _results(results: Results) -> Body:
    return {
        "columns": _columns(results.columns),
        "row_count": results.row_count,
        "truncated": results.truncated,
        "chunks": results.chunks,
        "data": list(results.data),
    }


def _explanation(explanation: Explanation) -> Body:
    return {"explanation": explanation.explanation, "complexity": explanation.complexity}


def _visualization(visualization: Visualization) -> Body:
    return {"chart_type": visualization.chart_type, "config": visualization.config}


def usage_body(usage: Usage) -> Body:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
    }


def _caution(caution: Caution, locale: Locale) -> Body:
    return {"code": caution.code.value, "message": caution.message.in_(locale)}


def failed(fault: Fault, stage: Stage | None, at: str, locale: Locale) -> Body:
    entry = fault.entry
    later = {"retry_after": math.ceil(fault.retry_after)} if fault.retry_after is not None else {}
    return {
        "error": fault.message.in_(locale),
        "code": fault.code.value,
        "level": entry.level,
        "title": entry.title.in_(locale),
        "suggestion": entry.suggestion.in_(locale),
        "can_retry": entry.can_retry,
        "stage": stage.value if stage else None,
        "error_time": at,
    } | later


def connected(notice: Connected, at: str) -> Body:
    reason = {"reason": notice.reason} if notice.reason else {}
    return {
        "status": "connected",
        "session_id": notice.session_id,
        "server_time": at,
        "heartbeat_interval": notice.heartbeat_seconds,
        "epoch": notice.epoch,
        "resumed": notice.resumed,
        "replayed": notice.replayed,
        "last_sequence": notice.last_sequence,
        "queries": list(notice.queries),
    } | reason

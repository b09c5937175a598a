"""The two vocabularies of `steps` that tell of steps, as 004 has them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

import orjson

from text2sql_ws.dialects.steps_walk import (
    Happened,
    Step,
    StepBegan,
    StepDone,
    StepFailed,
    StepProgressed,
    StepSaid,
    Walk,
    WalkCancelled,
    WalkEnded,
)
from text2sql_ws.dialects.whole import WholeRows
from text2sql_ws.errors import Fault
from text2sql_ws.events import Answer, RowsReady, Stamped
from text2sql_ws.texts import Locale, say

Body = dict[str, Any]

CANCELLED = "CANCELLED"
"""The code of an end that no error brought about; it is none of the catalogue's."""


class InSteps:
    """`step_start`, `step_progress`, `step_content`, `step_complete` or `step_error`; `final_complete`."""

    def __init__(self, whole_bytes: int, kept: int = 0) -> None:
        self._walk = Walk(kept)
        self._rows = WholeRows(whole_bytes)

    @property
    def failed_step(self) -> Step | None:
        return self._walk.failed_step

    def tell(self, stamped: Stamped, at: str) -> Iterator[Body]:
        if isinstance(stamped.event, RowsReady):
            self._rows.take(stamped.event)
        for happened in self._walk.follow(stamped, at):
            yield self._body(happened, stamped.locale)

    def part(self, fault: Fault, locale: Locale, at: str) -> Iterator[Body]:
        yield {"type": "stream_error", "error": error_body(fault, locale)}

    def _body(self, happened: Happened, locale: Locale) -> Body:
        match happened:
            case StepBegan(step=step, expected_ms=expected, details=details):
                shown = _named(step, locale) | {"description": step.description.in_(locale)}
                return {
                    "type": "step_start",
                    "step": shown | {"estimatedDuration": expected, "metadata": details},
                }
            case StepProgressed(step=step, percent=percent, message=message, details=details):
                body = {"stepId": step.id, "progress": percent, "message": message.in_(locale)}
                return {"type": "step_progress"} | body | {"metadata": details}
            case StepSaid(step=step, text=text, reasoning=reasoning, details=details):
                content: Body = {"text": text, "metadata": details}
                thought = {"reasoning": reasoning} if reasoning is not None else {}
                return {"type": "step_content", "stepId": step.id, "content": content | thought}
            case StepDone(step=step, following=following):
                body = {"type": "step_complete", "stepId": step.id, "result": _result(happened, locale)}
                return body | _next(following, locale)
            case StepFailed(step=None, fault=fault):
                return {"type": "stream_error", "error": error_body(fault, locale)}
            case StepFailed(step=step, fault=fault):
                failed = step.id if step else None
                return {"type": "step_error", "stepId": failed, "error": error_body(fault, locale)}
            case WalkCancelled():
                return {"type": "stream_error", "error": cancelled_body(locale)}
            case WalkEnded():
                return {"type": "final_complete", "summary": _summary(happened, self._rows, locale)}
            case other:
                assert_never(other)


class InProgress:
    """`step_progress`, `content_stream`, `step_completed`, `final`; an `error` is the last that is told."""

    def __init__(self, stream_id: str, whole_bytes: int, kept: int = 0) -> None:
        self._stream_id = stream_id
        self._walk = Walk(kept)
        self._rows = WholeRows(whole_bytes)

    @property
    def failed_step(self) -> Step | None:
        return self._walk.failed_step

    def tell(self, stamped: Stamped, at: str) -> Iterator[Body]:
        if isinstance(stamped.event, RowsReady):
            self._rows.take(stamped.event)
        for happened in self._walk.follow(stamped, at):
            body = self._body(happened, at, stamped.locale)
            if body is not None:
                yield body

    def part(self, fault: Fault, locale: Locale, at: str) -> Iterator[Body]:
        yield _error(None, error_body(fault, locale), at, locale)

    def _body(self, happened: Happened, at: str, locale: Locale) -> Body | None:
        match happened:
            case StepBegan(step=step, expected_ms=expected, details=details):
                shown = _running(step, 0, at, expected, details, locale)
                return {"type": "step_progress", "step": shown}
            case StepProgressed(step=step, percent=percent, message=message, details=details):
                began, expected = happened.began_at, happened.expected_ms
                shown = _running(step, percent, began, expected, details, locale)
                return {"type": "step_progress", "step": shown, "message": message.in_(locale)}
            case StepSaid(step=step, text=text, reasoning=reasoning):
                where = {"stepId": step.id, "streamId": self._stream_id}
                content = {"text": text, "reasoning": reasoning or ""} | where
                return {"type": "content_stream", "content": content, "stepId": step.id}
            case StepDone(step=step, following=following):
                return {"type": "step_completed", "step": _done(happened, at, locale)} | _next(
                    following, locale
                )
            case StepFailed(step=step, fault=fault):
                return _error(step, error_body(fault, locale), at, locale)
            case WalkCancelled():
                return _error(None, cancelled_body(locale), at, locale)
            case WalkEnded(failed=0):
                return {"type": "final", "summary": _summary(happened, self._rows, locale)}
            case WalkEnded():
                return None
            case other:
                assert_never(other)


def error_body(fault: Fault, locale: Locale) -> Body:
    """004's step error."""
    entry = fault.entry
    return {
        "code": fault.code.value,
        "level": entry.level,
        "title": entry.title.in_(locale),
        "message": fault.message.in_(locale),
        "suggestion": entry.suggestion.in_(locale),
        "canRetry": entry.can_retry,
    }


def cancelled_body(locale: Locale) -> Body:
    return {
        "code": CANCELLED,
        "level": "warning",
        "title": say("step.cancelled_title").in_(locale),
        "message": say("step.cancelled").in_(locale),
        "suggestion": "",
        "canRetry": False,
    }


def warnings_body(answer: Answer, locale: Locale) -> list[Body]:
    return [
        {"code": caution.code.value, "message": caution.message.in_(locale)} for caution in answer.warnings
    ]


def _named(step: Step, locale: Locale) -> Body:
    return {"id": step.id, "name": step.name, "title": step.title.in_(locale)}


def _next(following: Step | None, locale: Locale) -> Body:
    return {"nextStep": _named(following, locale)} if following else {}


def _result(done: StepDone, locale: Locale) -> Body:
    return {"summary": _done_text(done.step, locale), "data": done.details, "duration": done.duration_ms}


def _done_text(step: Step, locale: Locale) -> str:
    return say("step.done", title=step.title).in_(locale)


def _running(
    step: Step, percent: int, began: str, expected: int | None, details: Mapping[str, Any], locale: Locale
) -> Body:
    return _named(step, locale) | {
        "description": step.description.in_(locale),
        "status": "running",
        "progress": percent,
        "startTime": began,
        "estimatedDuration": expected,
        "metadata": details,
    }


def _done(done: StepDone, at: str, locale: Locale) -> Body:
    result = {"summary": _done_text(done.step, locale), "output": done.details}
    ended = {"status": "completed", "result": result, "duration": done.duration_ms, "endTime": at}
    return _named(done.step, locale) | {"progress": 100} | ended


def _error(step: Step | None, error: Body, at: str, locale: Locale) -> Body:
    failed = {"step": _named(step, locale) | {"status": "error", "endTime": at}} if step else {}
    return {"type": "error", "content": {"text": error["message"]}, "error": error} | failed


def _summary(ended: WalkEnded, rows: WholeRows, locale: Locale) -> Body:
    return {
        "totalDuration": ended.duration_ms,
        "completedSteps": ended.completed,
        "failedSteps": ended.failed,
        "warnings": warnings_body(ended.answer, locale) if ended.answer else [],
        "output": {"sql": ended.sql} | (_output(ended.answer, rows) if ended.answer else {}),
    }


def _output(answer: Answer, rows: WholeRows) -> Body:
    """The answer: all rows as objects where they fit, else the first of them."""
    data: Any = orjson.Fragment(rows.json()) if rows.is_whole else list(answer.results.data)
    return {
        "data": data,
        "columns": [{"name": column.name, "type": column.type} for column in answer.results.columns],
        "rowCount": answer.results.row_count,
        "truncated": answer.results.truncated or not rows.is_whole,
        "chart": {"chart_type": answer.visualization.chart_type, "config": answer.visualization.config},
        "explanation": answer.explanation.explanation,
    }

"""A query's events as the six steps that `steps` shows: begun, going on, done, or failed. Pure.

Steps only go forward: a rewrite is part of the step that ran the SQL, for a step that has failed ends the
walk. Stages that no step is named for belong to the step before them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from text2sql_ws.errors import Fault
from text2sql_ws.events import (
    PROGRESS,
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
    Stage,
    StageProgressed,
    Stamped,
    Token,
)
from text2sql_ws.texts import Text, say


@dataclass(frozen=True, slots=True)
class Step:
    """`stages`: the pipeline's stages that pass within it; its title is the first one's."""

    id: str
    name: str
    stages: tuple[Stage, ...]

    @property
    def title(self) -> Text:
        return say(f"stage.{self.stages[0]}")

    @property
    def description(self) -> Text:
        return say(f"step.{self.name}")


STEPS = (
    Step("step_001", "analyzing_question", (Stage.ANALYZING,)),
    Step("step_002", "select_datasource", (Stage.SELECTING_DATASOURCE,)),
    Step("step_003", "connect_db", (Stage.CONNECTING_DATABASE, Stage.RETRIEVING_SCHEMA)),
    Step("step_004", "generate_sql", (Stage.GENERATING_SQL, Stage.VALIDATING_SQL)),
    Step(
        "step_005",
        "execute_query",
        (Stage.EXECUTING_SQL, Stage.PROCESSING_RESULTS, Stage.GENERATING_EXPLANATION),
    ),
    Step("step_006", "configure_chart", (Stage.RECOMMENDING_VISUALIZATION,)),
)
NUMBER_OF: Mapping[Stage, int] = {stage: n for n, step in enumerate(STEPS) for stage in step.stages}


@dataclass(frozen=True, slots=True)
class StepBegan:
    step: Step
    expected_ms: int | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepProgressed:
    """`percent` is the step's own, 0 to 100, and only rises."""

    step: Step
    percent: int
    message: Text
    began_at: str
    expected_ms: int | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepSaid:
    """A delta of the model's text, or of its reasoning."""

    step: Step
    text: str
    reasoning: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StepDone:
    """`following` is the step that begins now, if any."""

    step: Step
    duration_ms: int
    details: Mapping[str, Any]
    following: Step | None


@dataclass(frozen=True, slots=True)
class StepFailed:
    """`step` is `None` where the query failed before any had begun."""

    step: Step | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class WalkCancelled:
    pass


@dataclass(frozen=True, slots=True)
class WalkEnded:
    """All steps are over: with an answer, or without, where one has failed."""

    answer: Answer | None
    sql: str | None
    duration_ms: int
    completed: int
    failed: int


Happened = StepBegan | StepProgressed | StepSaid | StepDone | StepFailed | WalkCancelled | WalkEnded


class Walk:
    """Where one query is. `kept` steps were completed before: it is a retry, and goes on behind them."""

    def __init__(self, kept: int = 0) -> None:
        self._number = -1
        self._completed = kept
        self._percent = 0
        self._began = 0.0
        self._began_at = ""
        self._expected_ms: int | None = None
        self._details: dict[str, Any] = {}
        self._sql: str | None = None
        self.failed_step: Step | None = None

    def follow(self, stamped: Stamped, at: str) -> Iterator[Happened]:
        """What `stamped`, which happened `at`, is to the steps."""
        match stamped.event:
            case QueryStarted():
                return
            case StageProgressed() as event:
                yield from self._reach(event, stamped, at)
            case SourceChosen(name=name):
                yield from self._go_on(say("progress.datasource", name=name), {"datasource": name})
            case Token() as token:
                yield from self._hear(token)
            case SqlDrafted(replaced=replaced):
                if replaced:
                    self._details["replaced"] = [{"from": short, "to": full} for short, full in replaced]
            case SqlReady(sql=sql, attempt=attempt):
                self._sql = sql
                self._details |= {"sql": sql, "attempt": attempt}
            case SqlFailed(fault=fault, attempt=attempt):
                message = say("progress.rewriting", attempt=attempt, why=fault.message)
                yield from self._go_on(message, {"rewritten": attempt})
            case RowsReady() as rows:
                self._details["row_count"] = rows.row_offset + rows.row_count
            case QueryCompleted(answer=answer, execution_seconds=seconds):
                yield from self._complete(answer, seconds, stamped)
            case QueryFailed(fault=fault):
                yield from self._fail(fault, stamped)
            case QueryCancelled():
                yield WalkCancelled()
            case other:
                assert_never(other)

    def _reach(self, event: StageProgressed, stamped: Stamped, at: str) -> Iterator[Happened]:
        number = NUMBER_OF.get(event.stage, -1)  # `completed` belongs to none
        if number > self._number:
            following = STEPS[number]
            yield from self._finish(stamped, following)
            yield self._begin(number, event, stamped, at)
        elif number >= 0:
            self._percent = max(self._percent, _percent(self._number, event.progress))
            yield from self._go_on(event.message, event.details or {})

    def _begin(self, number: int, event: StageProgressed, stamped: Stamped, at: str) -> StepBegan:
        self._number, self._percent = number, _percent(number, event.progress)
        self._began, self._began_at = stamped.elapsed, at
        self._expected_ms = _expected_ms(STEPS[number], stamped)
        self._details |= event.details or {}
        return StepBegan(STEPS[number], self._expected_ms, dict(self._details))

    def _go_on(self, message: Text, details: Mapping[str, Any]) -> Iterator[Happened]:
        """Something worth telling of the running step; before any has begun it is kept for the first."""
        self._details |= details
        step = self._step
        if step is not None:
            yield StepProgressed(
                step, self._percent, message, self._began_at, self._expected_ms, dict(self._details)
            )

    def _hear(self, token: Token) -> Iterator[Happened]:
        if self._step is None:
            return
        details: dict[str, Any] = {"kind": token.kind, "index": token.number, "attempt": token.attempt}
        if token.kind == "reasoning":
            yield StepSaid(self._step, "", token.delta, details)
        else:
            yield StepSaid(self._step, token.delta, None, details)

    def _finish(self, stamped: Stamped, following: Step | None) -> Iterator[Happened]:
        step = self._step
        if step is None:
            return
        self._completed += 1
        yield StepDone(step, _ms(stamped.elapsed - self._began), self._details, following)
        self._details = {}

    def _complete(self, answer: Answer, seconds: float, stamped: Stamped) -> Iterator[Happened]:
        if answer.visualization.config:
            self._details["chart_type"] = answer.visualization.chart_type
        yield from self._finish(stamped, None)
        yield WalkEnded(answer, answer.sql, _ms(seconds), self._completed, 0)

    def _fail(self, fault: Fault, stamped: Stamped) -> Iterator[Happened]:
        self.failed_step = self._step
        yield StepFailed(self._step, fault)
        if self._step is not None:
            yield WalkEnded(None, self._sql, _ms(stamped.elapsed), self._completed, 1)

    @property
    def _step(self) -> Step | None:
        return STEPS[self._number] if self._number >= 0 else None


def step_of(stage: Stage) -> Step:
    """The step that a stage belongs to."""
    return STEPS[NUMBER_OF.get(stage, len(STEPS) - 1)]


def _percent(number: int, progress: int) -> int:
    """A query's progress as one of the step `number`, which is complete when the next begins."""
    begins = PROGRESS[STEPS[number].stages[0]]
    ends = PROGRESS[STEPS[number + 1].stages[0]] if number + 1 < len(STEPS) else 100
    return min(max((progress - begins) * 100 // (ends - begins), 0), 100)


def _expected_ms(step: Step, stamped: Stamped) -> int | None:
    if stamped.expected is None:
        return None
    return _ms(sum(stamped.expected.get(stage, 0.0) for stage in step.stages))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)

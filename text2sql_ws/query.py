"""One query's record: whose it is, how far it has come, how it ended. `queries.py` alone writes to it."""

from collections.abc import Awaitable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from text2sql_ws.commands import Ask
from text2sql_ws.done import DONE
from text2sql_ws.errors import Fault
from text2sql_ws.estimates import Key
from text2sql_ws.events import (
    Ending,
    Event,
    QueryCancelled,
    QueryCompleted,
    QueryFailed,
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
from text2sql_ws.llm.metering import Call
from text2sql_ws.pipeline import Resume

Status = Literal["running", "completed", "failed", "cancelled"]

TRACE_PARENT: ContextVar[str] = ContextVar("trace_parent", default="")
"""The `traceparent` of the request that a task serves, as it came; empty where there was none."""


class Outlet(Protocol):
    """Where a query's events go: its session's channel."""

    def put(self, stamped: Stamped) -> Awaitable[None]:
        """Take an event; what is to be awaited for there to be room, or `DONE`."""
        ...

    def put_now(self, stamped: Stamped) -> None: ...
    def drop(self, query_id: str) -> None: ...


class Nowhere:
    """The outlet of a query that has ended: its record must not keep its session's journal alive."""

    def put(self, stamped: Stamped) -> Awaitable[None]:
        return DONE

    def put_now(self, stamped: Stamped) -> None:
        pass

    def drop(self, query_id: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Owner:
    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Spell:
    """One stay in a stage; a rewrite makes two of some. `setback`: why it was left for a rewrite.

    `sql` is the statement that was allowed by then, if any.
    """

    stage: Stage
    began: float
    ended: float
    sql: str | None = None
    setback: Fault | None = None


@dataclass(eq=False, slots=True)
class Query:
    """One question on its way, or what became of it."""

    id: str
    owner: Owner
    ask: Ask
    resume: Resume
    started_at: datetime
    started: float
    outlet: Outlet
    stage: Stage = Stage.ANALYZING
    stage_since: float = 0.0
    stage_seconds: dict[Stage, float] = field(default_factory=dict)
    spells: list[Spell] = field(default_factory=list)
    setback: Fault | None = None
    datasource: str | None = None
    drafted: str | None = None
    sql: str | None = None
    first_token: float | None = None
    rows: int = 0
    row_bytes: int = 0
    stopped: bool = False
    calls: list[Call] = field(default_factory=list)
    ending: Ending | None = None
    ended: float = 0.0
    trace_parent: str = field(default_factory=TRACE_PARENT.get)

    @property
    def status(self) -> Status:
        match self.ending:
            case None:
                return "running"
            case QueryCompleted():
                return "completed"
            case QueryFailed():
                return "failed"
            case QueryCancelled():
                return "cancelled"

    @property
    def key(self) -> Key:
        return (self.datasource or "", f"{self.ask.provider or ''}/{self.ask.model or ''}")

    def note(self, event: Event, now: float) -> None:
        """Keep what is asked of a running query, and what a retry would go on from."""
        if isinstance(event, Token):
            if event.number == 0 and self.first_token is None:
                self.first_token = now
            return
        match event:
            case StageProgressed(stage=stage) if stage != self.stage:
                self.leave_stage(now)
                self.stage = stage
            case SourceChosen(name=name):
                self.datasource = name
            case SqlDrafted(sql=sql):
                self.drafted = sql
            case SqlReady(sql=sql):
                self.sql = sql
            case SqlFailed(fault=fault):
                self.setback = fault
            case RowsReady(rows_json=rows, row_count=count):
                self.rows += count
                self.row_bytes += len(rows)
            case _:
                pass

    def leave_stage(self, now: float) -> None:
        """Count the seconds of the stage that is over; one that came again, after a rewrite, adds up."""
        spent = now - self.stage_since
        self.stage_seconds[self.stage] = self.stage_seconds.get(self.stage, 0.0) + spent
        self.spells.append(Spell(self.stage, self.stage_since, now, self.sql, self.setback))
        self.stage_since, self.setback = now, None

    def facts(self) -> dict[str, object]:
        """All there is to log of an ended query: no question, no SQL, no row."""
        answered = self.calls[-1] if self.calls else self.ask  # who was asked, or else who was to be
        facts: dict[str, object] = {
            "query_id": self.id,
            "session_id": self.owner.session_id,
            "user_id": self.owner.user_id,
            "ending": self.status,
            "stage": self.stage.value,
            "seconds": round(self.ended - self.started, 3),
            "datasource": self.datasource,
            "provider": answered.provider,
            "model": answered.model,
            "rows": self.rows,
            "row_bytes": self.row_bytes,
            "stages": {stage.value: round(seconds, 3) for stage, seconds in self.stage_seconds.items()},
        }
        if self.first_token is not None:
            facts["first_token_seconds"] = round(self.first_token - self.started, 3)
        match self.ending:
            case QueryCompleted(answer=answer):
                tokens = answer.usage.total_tokens if answer.usage else None
                return facts | {"attempts": answer.attempts, "tokens": tokens}
            case QueryFailed(fault=fault):
                return facts | {"code": fault.code.value}
            case _:
                return facts

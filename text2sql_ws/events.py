"""What happens to a query, as a closed union of frozen values; every dialect renders each of them.

Time, sequence and ids are not here: the wrapper that carries an event adds them, so the pipeline reads no
clock. Within one query the first is `QueryStarted`, the last is exactly one `Ending`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from text2sql_ws.errors import Code, Fault
from text2sql_ws.ids import new_id
from text2sql_ws.texts import Locale, Text


class Stage(StrEnum):
    """The pipeline's stages, in order (`wire.md` 1.1)."""

    ANALYZING = "analyzing"
    SELECTING_DATASOURCE = "selecting_datasource"
    CONNECTING_DATABASE = "connecting_database"
    RETRIEVING_SCHEMA = "retrieving_schema"
    GENERATING_SQL = "generating_sql"
    VALIDATING_SQL = "validating_sql"
    EXECUTING_SQL = "executing_sql"
    PROCESSING_RESULTS = "processing_results"
    GENERATING_EXPLANATION = "generating_explanation"
    RECOMMENDING_VISUALIZATION = "recommending_visualization"
    COMPLETED = "completed"


PROGRESS: dict[Stage, int] = {
    Stage.ANALYZING: 10,
    Stage.SELECTING_DATASOURCE: 15,
    Stage.CONNECTING_DATABASE: 20,
    Stage.RETRIEVING_SCHEMA: 25,
    Stage.GENERATING_SQL: 45,
    Stage.VALIDATING_SQL: 55,
    Stage.EXECUTING_SQL: 70,
    Stage.PROCESSING_RESULTS: 80,
    Stage.GENERATING_EXPLANATION: 90,
    Stage.RECOMMENDING_VISUALIZATION: 95,
    Stage.COMPLETED: 100,
}

ColumnType = Literal[
    "integer", "number", "decimal", "string", "datetime", "date", "time", "boolean", "binary", "json"
]
TokenKind = Literal["reasoning", "sql", "explanation"]
Complexity = Literal["simple", "medium", "complex"]


@dataclass(frozen=True, slots=True)
class ResultColumn:
    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, summed over every call that the query made of the model."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.prompt_tokens + other.prompt_tokens, self.completion_tokens + other.completion_tokens
        )


@dataclass(frozen=True, slots=True)
class QueryStarted:
    query: str
    retry_of: str | None = None


@dataclass(frozen=True, slots=True)
class StageProgressed:
    """A stage began (`progress` is then `PROGRESS[stage]`), or got further; within a stage it only rises."""

    stage: Stage
    progress: int
    message: Text
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SourceChosen:
    """The data source that this question goes to."""

    name: str
    progress: int


@dataclass(slots=True)
class Token:
    """A delta of the model's output. `number` counts from 0 within one kind and attempt.

    Deltas that the model sent together may come as one; `parts` are then what it is joined from, each of
    which counts. Nobody changes it, but it is not frozen: there are thousands a second, and making a frozen
    one takes thrice as long, a named tuple twice.
    """

    kind: TokenKind
    delta: str
    number: int
    attempt: int
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SqlDrafted:
    """The SQL found in `text` (the model's whole answer), abbreviations expanded; not yet allowed."""

    sql: str
    text: str
    attempt: int
    replaced: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SqlReady:
    """The SQL as it will run: allowed by the guard."""

    sql: str
    attempt: int


@dataclass(frozen=True, slots=True)
class SqlFailed:
    """The database refused the SQL of this attempt, and the model is asked to rewrite it."""

    sql: str
    fault: Fault
    attempt: int
    progress: int


@dataclass(frozen=True, slots=True)
class RowsReady:
    """A chunk of rows, already JSON: `rows_json` is `[[…],…]` in UTF-8, cells as `wire.md` 2 has them."""

    chunk_index: int
    row_offset: int
    columns: tuple[ResultColumn, ...]
    rows_json: bytes
    row_count: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Results:
    """What `query_complete` says of the rows; `data` is the first 100 as objects."""

    columns: tuple[ResultColumn, ...] = ()
    row_count: int = 0
    truncated: bool = False
    chunks: int = 0
    data: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    explanation: str = ""
    complexity: Complexity = "simple"


@dataclass(frozen=True, slots=True)
class Visualization:
    """`config` is a Vega-Lite spec without data, or `{}` where a table says it best."""

    chart_type: str = "table"
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caution:
    code: Code
    message: Text


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer to a question. `sql` is `None` where it was answered in words.

    `cut_short`: the model met its limit of tokens, and what it said until then is the answer.
    """

    sql: str | None
    results: Results
    explanation: Explanation
    visualization: Visualization
    usage: Usage | None
    attempts: int
    warnings: tuple[Caution, ...] = ()
    cut_short: bool = False


@dataclass(frozen=True, slots=True)
class QueryCompleted:
    answer: Answer
    execution_seconds: float


@dataclass(frozen=True, slots=True)
class QueryFailed:
    fault: Fault
    stage: Stage


@dataclass(frozen=True, slots=True)
class QueryCancelled:
    pass


Ending = QueryCompleted | QueryFailed | QueryCancelled
Event = (
    QueryStarted
    | StageProgressed
    | SourceChosen
    | Token
    | SqlDrafted
    | SqlReady
    | SqlFailed
    | RowsReady
    | Ending
)

Emit = Callable[[Event], Awaitable[None]]
"""Hands an event on. It waits while the client has no room; it is where a cancel most often surfaces."""


@dataclass(slots=True)
class Stamped:
    """An event with what the pipeline doesn't know: whose it is, when, in which language, how long to go.

    `elapsed` counts seconds since the query began. `expected` is how long each stage took lately. As
    little frozen as `Token`, and for the same reason: each one is stamped.
    """

    query_id: str
    at: datetime
    locale: Locale
    event: Event
    remaining_seconds: int | None = None
    elapsed: float = 0.0
    expected: Mapping[Stage, float] | None = None


# --- what belongs to no query ---------------------------------------------------------------------


NotResumed = Literal["expired", "gap", "epoch", "unknown"]


@dataclass(frozen=True, slots=True)
class Connected:
    """The first thing a connection hears. `reason`: why it was not resumed. `queries`: its session's."""

    session_id: str
    epoch: str
    heartbeat_seconds: float
    resumed: bool
    replayed: int
    last_sequence: int
    queries: Sequence[Mapping[str, Any]]
    reason: NotResumed | None = None


@dataclass(frozen=True, slots=True)
class HeartbeatSent:
    """The server's own heartbeat."""


@dataclass(frozen=True, slots=True)
class HeartbeatAnswered:
    """The answer to a client's heartbeat."""


@dataclass(frozen=True, slots=True)
class FeedbackReceived:
    pass


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """A message that was not carried out, and why; `query_id` where it named one."""

    fault: Fault
    query_id: str | None = None


@dataclass(frozen=True, slots=True)
class TokenRefreshed:
    """The connection may now stay until `expires_at`."""

    expires_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class StatusAnnounced:
    """A broadcast; `kind` is what its sender called it. One message, so its `id` is the same for all.

    Each is only itself: what is encoded once for thousands is looked up by it, thousands of times.
    """

    message: str
    kind: str
    id: str = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification for this user; `kind` is one of `info success warning error urgent`, `at` its time."""

    id: str
    title: str
    message: str
    kind: str
    at: datetime
    action_url: str | None = None
    auto_close: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """The last thing a connection hears, before the server closes it."""

    reason: str


Notice = (
    Connected
    | HeartbeatSent
    | HeartbeatAnswered
    | FeedbackReceived
    | MessageRefused
    | TokenRefreshed
    | StatusAnnounced
    | Notified
    | Closing
)

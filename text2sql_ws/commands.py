"""What a client can ask of its session: a closed union of frozen values.

Dialects parse their wire format into these; `sessions.py` carries them out. Nothing here does I/O.
"""

from dataclasses import dataclass, field

from text2sql_ws.texts import Locale


@dataclass(frozen=True, slots=True)
class DataSourceChoice:
    """How a client points at a data source: by name, by type, with details of its own, or not at all.

    `details` are the connection details it sent (`host`, `port`, `user`, `password`, `database`); they are
    refused unless the operator allows them.
    """

    name: str | None = None
    type: str | None = None
    details: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A question. `None` means: the server's default. `timeout` in seconds, for the query as a whole.

    `cache`: SQL that answered the same question before may answer it again. `return_result`: the client wants
    the rows in one piece, at the end. `asker` is whose question it is; `queries.py` fills it in.
    """

    question: str
    datasource: DataSourceChoice = DataSourceChoice()
    provider: str | None = None
    model: str | None = None
    locale: Locale = "zh"
    max_rows: int | None = None
    chunk_rows: int | None = None
    timeout: float | None = None
    explain: bool = True
    visualize: bool = True
    conversation_id: str | None = None
    cache: bool = False
    return_result: bool = False
    asker: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    query_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Run a failed query again, from the stage that failed."""

    query_id: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    pass


@dataclass(frozen=True, slots=True)
class Feedback:
    """`feedback` is any JSON value; `rating` and `sql` are what we understood of it."""

    query_id: str
    feedback: object
    rating: int | None = None
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A newer token of the same user, so that the connection outlives the one it came with."""

    token: str = field(repr=False)


Command = Ask | Cancel | Retry | Heartbeat | Feedback | RefreshToken

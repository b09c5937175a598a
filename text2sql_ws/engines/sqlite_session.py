"""One read-only connection to a SQLite file, in a thread of its own.

The rule that matters: the thread makes every call but `interrupt`; `_is_stopped` is what a call looks at
before and while it runs, because an interrupt that comes between two calls is lost.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

from text2sql_ws.engines.sqlite_faults import BROKEN, statement_fault, unusable
from text2sql_ws.engines.sqlite_rows import Part, Rows
from text2sql_ws.engines.sqlite_thread import CallThread
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say

OPEN_SECONDS = 3.0
STOP_SECONDS = 3.0
CLOSE_SECONDS = 1.0
INTERRUPT_AGAIN_SECONDS = 0.02
BUSY_SECONDS = 1.0
STEPS_BETWEEN_LOOKS = 10_000
"""Steps of SQLite's machine, about a tenth of a millisecond."""

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 << 20,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 500,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
"""A single call such as `randomblob(900000000)` heeds no interrupt: values must stay small."""

_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_DENIED_FUNCTIONS = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
_OF_VIRTUAL_TABLES = frozenset(
    {
        (sqlite3.SQLITE_UPDATE, "sqlite_master"),
        (sqlite3.SQLITE_PRAGMA, "data_version"),
        (sqlite3.SQLITE_PRAGMA, "page_size"),
    }
)
"""What `json_each` and full-text indexes ask for behind a SELECT that reads them. Asked for by a statement
itself, the first fails as SQLite lets nobody modify that table, and the others tell nothing."""


class Session:
    """Make one with `open_session`. One statement at a time: `start`, then `take` while there is more."""

    def __init__(self, path: Path, thread: CallThread, connection: sqlite3.Connection) -> None:
        self._path = path
        self._identity = _identity(path)
        self._thread = thread
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None
        self._reads: set[tuple[str, str]] = set()
        self._is_ours = False
        self._is_stopped = False
        self._is_hung = False

    @property
    def is_alive(self) -> bool:
        """Whether it still reads the file that is at its path."""
        return self._identity == _identity(self._path)

    async def start(self, sql: str) -> Rows:
        """Run `sql` up to its first rows. Raises `Fault`."""
        return await self._thread.call(partial(self._start, sql))

    async def take(self, rows: Rows, most_rows: int) -> Part:
        """The next of the rows. Raises `Fault`."""
        return await self._thread.call(partial(_take, rows, most_rows))

    async def ping(self) -> None:
        """Raises `Fault` DATABASE_CONNECTION_FAILED."""
        await self._thread.call(partial(_look, self._connection))

    async def settle(self) -> bool:
        """Interrupt what runs until it has stopped; `False` if it hasn't after 3 s."""
        self._is_stopped = True
        deadline = monotonic() + STOP_SECONDS
        while self._thread.is_busy and monotonic() < deadline:
            self._connection.interrupt()
            await self._thread.calm(INTERRUPT_AGAIN_SECONDS)
        self._is_hung = self._thread.is_busy
        if not self._is_hung:
            await self._thread.call(self._reset)
        return not self._is_hung

    async def close(self) -> None:
        """Close the file and end the thread; a call that hangs is left behind, with its thread."""
        self._thread.end(self._close)
        if not self._is_hung:
            await self._thread.joined(CLOSE_SECONDS)

    # --- in the thread -----------------------------------------------------------------------------

    def _watch(self) -> None:
        self._connection.set_progress_handler(lambda: self._is_stopped, STEPS_BETWEEN_LOOKS)
        self._connection.set_authorizer(self._authorize)

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """What `sqlite3_set_authorizer` asks, for each thing that a statement would do."""
        if action == sqlite3.SQLITE_READ:
            self._reads.add((first or "", second or ""))
        allowed = (
            action in _ALLOWED
            or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _DENIED_FUNCTIONS)
            or (action == sqlite3.SQLITE_PRAGMA and self._is_ours)
            or (action, first) in _OF_VIRTUAL_TABLES
        )
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def _start(self, sql: str) -> Rows:
        with _faults():
            if self._is_stopped:
                raise sqlite3.OperationalError("interrupted")
            self._reads.clear()
            self._cursor = self._connection.execute(sql)
            names = [str(column[0]) for column in self._cursor.description or ()]
            return Rows(self._cursor, names, self._declared(names))

    def _declared(self, names: Sequence[str]) -> list[str]:
        """What the result's columns were declared as, where tables that were read agree about a name."""
        known: dict[str, set[str]] = {}
        for table in {table for table, column in self._reads if column in names}:
            for column, declared in self._table_columns(table):
                if (table, column) in self._reads:
                    known.setdefault(column, set()).add(declared)
        return [min(known[name]) if len(known.get(name, ())) == 1 else "" for name in names]

    def _table_columns(self, table: str) -> list[tuple[str, str]]:
        self._is_ours = True
        try:
            quoted = table.replace('"', '""')
            found = self._connection.execute(f'PRAGMA table_info("{quoted}")').fetchall()
            return [(column[1], column[2]) for column in found]
        finally:
            self._is_ours = False

    def _reset(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None
        self._is_stopped = False

    def _close(self) -> None:
        self._reset()
        self._connection.close()


def _take(rows: Rows, most_rows: int) -> Part:
    with _faults():
        return rows.take(most_rows)


def _look(connection: sqlite3.Connection) -> None:
    """Read something: only then does SQLite notice that a file is no database."""
    try:
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
    except BROKEN:
        raise unusable() from None


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except BROKEN as error:
        raise statement_fault(error) from None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, whatever its name; `None`: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file and set what lasts; the authorizer comes after, as it would refuse our own pragmas."""
    try:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=ro",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            cached_statements=0,  # or the authorizer is not asked about a statement that ran before
        )
    except BROKEN:
        raise unusable() from None
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    for limit, most in LIMITS.items():
        connection.setlimit(limit, most)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        _look(connection)
    except (*BROKEN, Fault):
        connection.close()
        raise unusable() from None
    return connection


async def open_session(path: Path) -> Session:
    """A session that is ready to be lent, within 3 s. Raises `Fault` DATABASE_CONNECTION_FAILED."""
    thread = CallThread("sqlite")
    opened: list[sqlite3.Connection] = []

    def close() -> None:
        for connection in opened:
            connection.close()

    try:
        async with asyncio.timeout(OPEN_SECONDS):
            await thread.call(lambda: opened.append(_connect(path)))
            session = Session(path, thread, opened[0])
            await thread.call(session._watch)
    except BaseException as error:
        thread.end(close)  # whoever was cancelled here can't have it any more
        if isinstance(error, TimeoutError):
            silent = say("database.silent", seconds=f"{OPEN_SECONDS:g}")
            raise Fault(Code.DATABASE_CONNECTION_FAILED, silent) from None
        raise
    return session

"""What SQLite's complaints mean to us: result codes to `Fault`, and nothing else. No path is ever quoted."""

import re
import sqlite3

from text2sql_ws.errors import Code, Fault, Misnamed, MisnamedKind
from text2sql_ws.texts import say, verbatim

MESSAGE_CHARACTERS = 500

BROKEN = (sqlite3.Error, sqlite3.Warning, MemoryError, UnicodeError, OverflowError, ValueError)
"""What `sqlite3` raises of itself; `Warning` for several statements at once."""

_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
_NOT_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH})
_TOO_MUCH = frozenset({sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_SCHEMA})
_SYNTAX = ("syntax error", "incomplete input", "unrecognized token", "null character")
_FORBIDDEN = ("not authorized", "may not be modified")
_MISNAMED: tuple[tuple[MisnamedKind, re.Pattern[str]], ...] = (
    ("column", re.compile(r"no such column: (.+?)( - should this be .*)?")),
    ("table", re.compile(r"no such table: (.+)")),
    ("ambiguous", re.compile(r"ambiguous column name: (.+)")),
)
_PRIMARY = 0xFF


def unusable() -> Fault:
    return Fault(Code.DATABASE_CONNECTION_FAILED, say("database.file_unusable"))


def statement_fault(error: BaseException) -> Fault:
    """Why a statement failed; `error` is one of `BROKEN`."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & _PRIMARY
    message = str(error)[:MESSAGE_CHARACTERS]
    if isinstance(error, UnicodeError):
        return Fault(Code.SQL_SYNTAX_ERROR, say("sql.not_text"), mendable=True)
    if isinstance(error, sqlite3.Warning) or "one statement at a time" in message:
        return Fault(Code.SQL_SYNTAX_ERROR, say("sql.several"), mendable=True)
    if isinstance(error, MemoryError | sqlite3.DataError) or code in _TOO_MUCH:
        return Fault(Code.RESOURCE_LIMIT_EXCEEDED, verbatim(message or "out of memory"))
    if code in _UNUSABLE:
        return unusable()
    if code in _NOT_READ_ONLY or any(sign in message for sign in _FORBIDDEN):
        return Fault(Code.SQL_NOT_READ_ONLY, say("sql.refused_by_session", why=message))
    if code == sqlite3.SQLITE_INTERRUPT:
        return Fault(Code.TIMEOUT_ERROR, say("sql.ended_by_database", why=message))
    if any(sign in message for sign in _SYNTAX):
        return Fault(Code.SQL_SYNTAX_ERROR, verbatim(message), mendable=True)
    return Fault(
        Code.SQL_EXECUTION_FAILED,
        verbatim(message),
        mendable=code not in _BUSY,
        misnamed=misnamed_in(message),
    )


def misnamed_in(message: str) -> Misnamed | None:
    """The name that a complaint is about, if it is about one; without its database."""
    for kind, pattern in _MISNAMED:
        if found := pattern.fullmatch(message):
            name = found[1].strip('"')
            return Misnamed(kind, name.rpartition(".")[2] if kind == "table" else name)
    return None

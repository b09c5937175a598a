"""What a MySQL server's or driver's complaint means to us: errno to `Fault`, and nothing else.

The one rule: what the server says of the SQL is quoted, for a person and for the model that mends it; what it
says of accounts, hosts and files is not.
"""

import re
import struct

from pymysql.constants import CR
from pymysql.err import MySQLError

from text2sql_ws.errors import Code, Fault, Misnamed, MisnamedKind
from text2sql_ws.texts import say, verbatim

MESSAGE_CHARACTERS = 500

BROKEN = (MySQLError, OSError, EOFError, ValueError, IndexError, AssertionError, RuntimeError, struct.error)
"""What aiomysql raises when the server refuses, vanishes, or answers with something that is not MySQL's."""

_CLIENT_ERRORS = range(2000, 3000)

_ACCOUNT = re.compile(r"(?: (?:to|for) user| for)? ?'[^']*'@'[^']*'(?: \(using password: \w+\))?")
_FILE = re.compile(r"'(?:[A-Za-z]:|\.)?[/\\][^']*'")

_MISNAMED: tuple[tuple[MisnamedKind, re.Pattern[str]], ...] = (
    ("column", re.compile(r"Unknown column '([^']+)'")),
    ("column", re.compile(r"Column '([^']+)' cannot be resolved")),
    ("table", re.compile(r"Table '([^']+)' doesn't exist")),
    ("table", re.compile(r"Unknown table '([^']+)'")),
    ("ambiguous", re.compile(r"Column '([^']+)'.* ambiguous")),
)
"""By their words and not by number: StarRocks and Doris have the words, and numbers of their own."""

SYNTAX = frozenset({1064, 1065, 1149})
DENIED = frozenset({1044, 1045, 1142, 1143, 1227, 1345, 1410, 1698})
"""Not 1370: an account that may only read is told so of every function that doesn't exist."""

OUT_OF_TIME = frozenset({1317, 1969, 3024})
NOT_READ_ONLY = frozenset({1290, 1792, 1836})
OUT_OF_RESOURCES = frozenset({1021, 1037, 1038, 1041, 1104, 1114, 1135, 1226})
BUSY = frozenset({1205, 1213})
LOST = frozenset({1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031})
CROWDED = frozenset({1040, 1129, 1203, 1226})
REFUSED = frozenset({1044, 1045, 1130, 1698, 1862, 4151})


def errno_of(error: Exception) -> int:
    """The server's or the driver's number; 0 where there is none."""
    number = error.args[0] if isinstance(error, MySQLError) and error.args else 0
    return number if isinstance(number, int) else 0


def is_from_server(error: Exception) -> bool:
    """Did the server answer with an error packet, and is the connection therefore in step?"""
    number = errno_of(error)
    return number >= 1000 and number not in _CLIENT_ERRORS and number not in LOST


def connection_fault(error: Exception) -> Fault:
    """Why there is no connection. Says nothing of host, account or password."""
    number = errno_of(error)
    if number in REFUSED:
        key = "database.denied"
    elif number == 1049:
        key = "database.unknown"
    elif number in CROWDED:
        key = "database.crowded"
    elif number == CR.CR_CONN_HOST_ERROR or isinstance(error, OSError):
        key = "database.unreachable"
    else:
        key = "database.handshake"
    return Fault(Code.DATABASE_CONNECTION_FAILED, say(key))


def statement_fault(error: Exception) -> Fault:
    """Why a statement failed; a complaint that is not the server's own is a lost connection."""
    if not is_from_server(error):
        return Fault(Code.DATABASE_CONNECTION_FAILED, say("database.lost"))
    number, message = errno_of(error), _quotable(error)
    if number in SYNTAX:
        return Fault(Code.SQL_SYNTAX_ERROR, verbatim(message), mendable=True, misnamed=misnamed_in(message))
    if number in DENIED:
        return Fault(Code.INSUFFICIENT_PERMISSIONS, verbatim(message))
    if number in OUT_OF_TIME:
        return Fault(Code.TIMEOUT_ERROR, say("sql.ended_by_database", why=message))
    if number in NOT_READ_ONLY:
        return Fault(Code.SQL_NOT_READ_ONLY, say("sql.refused_by_session", why=message))
    if number in OUT_OF_RESOURCES:
        return Fault(Code.RESOURCE_LIMIT_EXCEEDED, verbatim(message))
    return Fault(
        Code.SQL_EXECUTION_FAILED,
        verbatim(message),
        mendable=number not in BUSY,
        misnamed=misnamed_in(message),
    )


def misnamed_in(message: str) -> Misnamed | None:
    """The name that a complaint is about, if it is about one; without its database."""
    for kind, pattern in _MISNAMED:
        if found := pattern.search(message):
            name = found[1].rpartition(".")[2] if kind == "table" else found[1]
            return Misnamed(kind, name)
    return None


def _quotable(error: Exception) -> str:
    text = str(error.args[1]) if len(error.args) > 1 else ""
    text = _FILE.sub("'…'", _ACCOUNT.sub("", text))
    return text[:MESSAGE_CHARACTERS]

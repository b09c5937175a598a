"""What a session is sent at all, judged by words alone: a second look, for when the guard was wrong. Pure.

A read-only session is not enough. In one MariaDB writes all the same for `SET STATEMENT tx_read_only = 0 FOR
INSERT …` and for `BEGIN NOT ATOMIC START TRANSACTION READ WRITE; …`; SET GLOBAL and KILL don't mind it, and
neither do INTO OUTFILE and LOAD_FILE. The one rule: in doubt a statement is refused, also where the word
stands in a string.
"""

import re

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say

_READS = re.compile(r"[\s(]*(select|with|values|table|show|describe|desc|explain)\b", re.IGNORECASE)
_TELLS = re.compile(r"\s*(show|describe|desc|explain)\b", re.IGNORECASE)
# Digits may stand before: `/*!50000OUTFILE */` is the word as well.
_REACHES_FILES = re.compile(r"(?<![a-z_])(outfile|dumpfile|load_file)(?!\w)", re.IGNORECASE)
_SHOWN_CHARACTERS = 20


def check(sql: str) -> None:
    """Raises `Fault` SQL_NOT_READ_ONLY for what doesn't begin as a query does, or could reach a file."""
    if not _READS.match(sql):
        raise _refused("".join(sql.split()[:1])[:_SHOWN_CHARACTERS])
    if found := _REACHES_FILES.search(sql):
        raise _refused(found[0])


def is_explainable(sql: str) -> bool:
    """Whether EXPLAIN takes it: SHOW, DESCRIBE and EXPLAIN themselves are no queries."""
    return _TELLS.match(sql) is None


def _refused(word: str) -> Fault:
    return Fault(Code.SQL_NOT_READ_ONLY, say("sql.not_a_query", word=word))

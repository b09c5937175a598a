"""What differs among the servers that speak MySQL's protocol: how a session is made safe and limited. Pure.

Tried against MariaDB. What stands here of the others is read from their manuals; `dialect` in the settings
says which it is where the version doesn't.
"""

import re
from dataclasses import dataclass
from math import ceil
from typing import Literal

from text2sql_ws.schema import SqlDialect

Flavour = Literal["mariadb", "mysql", "tidb", "starrocks", "doris"]

GRACE_SECONDS = 2.0
"""The server's own limit comes so much after ours. Ours decides, because a `BENCHMARK()` that the server ends
returns 0 as if it had succeeded; the server's is there for when we are gone."""

_SAME_SQL_AS_THE_GUARD = (
    "sql_mode = IF(FIND_IN_SET('ONLY_FULL_GROUP_BY', @@sql_mode), 'ONLY_FULL_GROUP_BY', '')"
)
"""ANSI_QUOTES, NO_BACKSLASH_ESCAPES and the like would make the server read another statement than the guard
did. Only the mode that makes it stricter is kept."""

_READ_ONLY = "SET SESSION TRANSACTION READ ONLY"


@dataclass(frozen=True, slots=True)
class Profile:
    """`limit` is a statement with a place for `{milliseconds}` or `{seconds}`; `setup` comes before it."""

    setup: tuple[str, ...]
    limit: str


def flavour_of(dialect: SqlDialect, version: str) -> Flavour:
    """By the settings where they say more than "mysql", else by the version in the server's greeting."""
    match dialect:
        case "tidb" | "starrocks" | "doris":
            return dialect
        case "mysql" | "sqlite":
            lowered = version.lower()
            known: tuple[Flavour, ...] = ("mariadb", "tidb", "starrocks", "doris")
            return next((name for name in known if name in lowered), "mysql")


def version_text(greeting: str) -> str:
    """The version without the prefix that MariaDB 10 puts before it for old replicas."""
    return greeting.removeprefix("5.5.5-") if "MariaDB" in greeting else greeting


def setup_of(flavour: Flavour) -> tuple[str, ...]:
    """The statements that make a session ours, in order."""
    return PROFILES[flavour].setup


def limit_of(flavour: Flavour, seconds: float) -> str:
    """The statement that makes the server end by itself what runs longer than `seconds` and some grace."""
    total = seconds + GRACE_SECONDS
    return PROFILES[flavour].limit.format(seconds=ceil(total), milliseconds=ceil(total * 1000))


def tag(instance: str, query_id: str) -> str:
    """The comment that starts each statement: it tells a person, and us at our next start, whose it is."""
    return f"{tag_prefix(instance)}{_plain(query_id)} */ "


def tag_prefix(instance: str) -> str:
    return f"/* t2s:{_plain(instance)}:"


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", lambda found: f"{ord(found[0]):x}", name)[:64]


PROFILES: dict[Flavour, Profile] = {
    "mariadb": Profile(
        (f"SET NAMES utf8mb4, autocommit = 1, {_SAME_SQL_AS_THE_GUARD}", _READ_ONLY),
        "SET SESSION max_statement_time = {seconds}",
    ),
    "mysql": Profile(
        (f"SET NAMES utf8mb4, autocommit = 1, {_SAME_SQL_AS_THE_GUARD}", _READ_ONLY),
        "SET SESSION max_execution_time = {milliseconds}",
    ),
    # TiDB refuses READ ONLY transactions (error 1235), StarRocks and Doris have none: there the guard and the
    # account stand alone.
    "tidb": Profile(
        (f"SET NAMES utf8mb4, autocommit = 1, {_SAME_SQL_AS_THE_GUARD}",),
        "SET SESSION max_execution_time = {milliseconds}",
    ),
    "starrocks": Profile(("SET NAMES utf8mb4",), "SET SESSION query_timeout = {seconds}"),
    "doris": Profile(("SET NAMES utf8mb4",), "SET SESSION query_timeout = {seconds}"),
}

"""The databases that the engines' tests run against, and an engine on each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engines.rigs import MysqlRig, Rig, SqliteRig
from tests.support.mariadb import MariaDb, mariadb
from text2sql_ws.engines import mysql_words
from text2sql_ws.engines.engine import Engine

__all__ = ["mariadb"]


@pytest.fixture(params=["mysql", "sqlite"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Rig:
    if request.param == "sqlite":
        return SqliteRig(tmp_path)
    server: MariaDb = request.getfixturevalue("mariadb")
    return MysqlRig(server)


@pytest.fixture
def any_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send MySQL whatever is asked, so that session and account stand alone."""
    monkeypatch.setattr(mysql_words, "check", lambda sql: None)


@pytest.fixture
async def engine(rig: Rig) -> AsyncIterator[Engine]:
    opened = rig.open()
    yield opened
    await opened.close()

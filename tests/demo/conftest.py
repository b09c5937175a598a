"""One demo database as of a fixed day, shared by the tests that only read it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from text2sql_ws.demo import build_demo

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    build_demo(path, TODAY)
    return path


@pytest.fixture
def demo(demo_file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{demo_file.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection

"""The one door to the engines."""

from typing import get_args

import pytest

from text2sql_ws.engines import ENGINES, open_engine
from text2sql_ws.engines.mysql import MysqlEngine
from text2sql_ws.engines.sqlite import SqliteEngine
from text2sql_ws.settings import DataSource


def test_every_type_in_the_settings_has_an_engine() -> None:
    assert set(ENGINES) == set(get_args(DataSource.model_fields["type"].annotation))


def test_opening_connects_nothing() -> None:
    assert isinstance(open_engine("a", DataSource(type="sqlite", path="/nowhere.db"), "i"), SqliteEngine)
    assert isinstance(open_engine("a", DataSource(type="mysql", user="u", database="d"), "i"), MysqlEngine)


@pytest.mark.parametrize("dialect", ["mysql", "starrocks", "doris", "tidb"])
def test_the_dialect_is_what_the_settings_say(dialect: str) -> None:
    source = DataSource.model_validate(
        {"type": "mysql", "user": "u", "database": "d", "password": "hidden", "dialect": dialect}
    )
    engine = open_engine("a", source, "i")
    assert engine.dialect == dialect
    assert "hidden" not in repr(vars(engine))

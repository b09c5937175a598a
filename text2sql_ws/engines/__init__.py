"""Databases: what is asked of one (`engine.py`), and the engines that can be asked.

Nothing outside this package imports an engine by its module; `open_engine` gives the one for a data source.
"""

from collections.abc import Callable, Mapping

from text2sql_ws.engines.engine import Engine
from text2sql_ws.engines.mysql import MysqlEngine
from text2sql_ws.engines.sqlite import SqliteEngine
from text2sql_ws.settings import DataSource

__all__ = ["ENGINES", "open_engine"]


def open_engine(name: str, datasource: DataSource, instance: str) -> Engine:
    """The engine of the data source `name`; it opens nothing yet.

    `instance` names this installation, the same after a restart: with the data source's name it tags each
    statement, so that `end_leftovers` knows those that an earlier life left behind.
    """
    return ENGINES[datasource.type](datasource, f"{instance}.{name}")


ENGINES: Mapping[str, Callable[[DataSource, str], Engine]] = {
    "mysql": MysqlEngine,
    "sqlite": lambda datasource, _instance: SqliteEngine(datasource),
}

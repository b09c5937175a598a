"""A result's columns as the keys of objects, so that no cell of a row is lost to a name that comes twice."""

from collections.abc import Sequence

from text2sql_ws.events import ResultColumn


def object_keys(columns: Sequence[ResultColumn]) -> list[str]:
    """A key for each column: its name, and where a name comes again, the name with its number (`id_2`)."""
    keys: list[str] = []
    taken: set[str] = set()
    for column in columns:
        key, number = column.name, 2
        while key in taken:
            key, number = f"{column.name}_{number}", number + 1
        taken.add(key)
        keys.append(key)
    return keys

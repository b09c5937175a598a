"""What a dialect's reader hands over: everything the database says of itself, before anything is left out."""

from dataclasses import dataclass

from text2sql_ws.schema import Table


@dataclass(frozen=True, slots=True)
class Structure:
    """Tables and views in the order of their names. `views` names those that are views."""

    version: str
    tables: tuple[Table, ...]
    views: frozenset[str]

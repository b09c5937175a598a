"""Ways from table to table along foreign keys. Pure.

A way of steps "to one" never repeats a row; any other way may, and is only walked inside EXISTS.
"""

from collections.abc import Mapping

from text2sql_ws.llm.offline.database import Database, Step

Path = tuple[Step, ...]

MAX_STEPS = 4
_TO_ONE, _TO_MANY = 1.0, 1.6


def to_one(database: Database, base: str) -> Mapping[str, list[Path]]:
    """For each table (in lower case) that each row of `base` meets at most once: the shortest ways there.

    Several are given where they are equally short: two keys to the same table.
    """
    found: dict[str, list[Path]] = {base.lower(): [()]}
    edge: dict[str, list[Path]] = dict(found)
    for _ in range(MAX_STEPS):
        following: dict[str, list[Path]] = {}
        for table, paths in edge.items():
            for step in database.links.get(table, ()):
                if step.to_one and step.other.lower() not in found:
                    following.setdefault(step.other.lower(), []).extend((*path, step) for path in paths)
        found.update(following)
        edge = following
    return found


def anyhow(database: Database, base: str, table: str) -> Path | None:
    """The cheapest way from `base` to `table`, whatever it repeats; None where there is none."""
    best: dict[str, tuple[float, Path]] = {base.lower(): (0.0, ())}
    open_ = [base.lower()]
    while open_:
        here = min(open_, key=lambda name: best[name][0])
        open_.remove(here)
        cost, path = best[here]
        if here == table.lower() or len(path) > MAX_STEPS:
            continue
        for step in database.links.get(here, ()):
            price = cost + (_TO_ONE if step.to_one else _TO_MANY)
            if price < best.get(step.other.lower(), (float("inf"), ()))[0]:
                best[step.other.lower()] = (price, (*path, step))
                open_.append(step.other.lower())
    found = best.get(table.lower())
    return found[1] if found else None


def bridge(database: Database, base: str, table: str) -> Path | None:
    """The way over a table between that does nothing but relate the two, if there is one."""
    for back in database.links.get(base.lower(), ()):
        if back.to_one or back.other.lower() == table.lower():
            continue
        between = database.entity(back.other)
        keys = {item.name.lower() for item in between.primary_key}
        if len(keys) < 2 or not keys <= between.key_columns:
            continue
        for on in database.links.get(back.other.lower(), ()):
            if on.to_one and on.other.lower() == table.lower():
                return (back, on)
    return None


def own_key(database: Database, table: str, column: str) -> Step | None:
    """The step that starts with this column, where it points at another table."""
    for step in database.links.get(table.lower(), ()):
        if step.to_one and [name.lower() for name in step.columns] == [column.lower()]:
            return step
    return None

"""How often the tables that a question needs are among the first 5, 10, 20 that the catalog ranks.

    python -m tests.benchmarks.retrieval FOLDER

FOLDER holds JSON files with `databases` (tables, columns, foreign keys) and `questions` (each with the
`tables` it needs), as the merged Spider and BIRD schemas have them.
"""

import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from text2sql_ws.catalog.retrieval import Index
from text2sql_ws.schema import Column, ForeignKey, Schema, Table

CUTS = (5, 10, 20)


def read_schema(database: dict[str, Any]) -> Schema:
    keys = defaultdict(list)
    for table, column, referred_table, referred_column in database.get("foreign_keys", []):
        keys[table].append(ForeignKey((column,), referred_table, (referred_column,)))
    tables = tuple(
        Table(
            name=table["name"],
            columns=tuple(
                Column(column["name"], column["type"], comment=_label(column)) for column in table["columns"]
            ),
            comment=_label(table),
            foreign_keys=tuple(keys[table["name"]]),
        )
        for table in database["tables"]
    )
    return Schema(database["db_id"], "mysql", "", tables)


def _label(thing: dict[str, Any]) -> str:
    """A label that only repeats the name is no comment."""
    name, label = thing["name"], thing.get("label", "")
    return "" if label.replace(" ", "").lower() == name.replace("_", "").lower() else label


def recall(index: Index, questions: list[dict[str, Any]]) -> dict[int, float]:
    """The share of questions all of whose tables are among the first `cut`, for each cut."""
    hits = dict.fromkeys(CUTS, 0)
    for question in questions:
        ranked = [table.name for table in index.ranking(question["question"])]
        last = max(ranked.index(name) for name in question["tables"])
        for cut in CUTS:
            hits[cut] += last < cut
    return {cut: hit / len(questions) for cut, hit in hits.items()}


def main(folder: Path) -> None:
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        by_id = {database["db_id"]: read_schema(database) for database in content["databases"]}
        if len(by_id) != 1:
            continue
        (schema,) = by_id.values()
        started = time.perf_counter()
        index = Index(schema)
        built = time.perf_counter()
        found = recall(index, content["questions"])
        each = (time.perf_counter() - built) / len(content["questions"])
        figures = "  ".join(f"@{cut} {share:.3f}" for cut, share in found.items())
        print(  # noqa: T201
            f"{path.stem:16} {len(schema.tables)} tables  {figures}  "
            f"index {1000 * (built - started):.0f} ms, question {1000 * each:.1f} ms"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))

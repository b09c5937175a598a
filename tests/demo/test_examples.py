"""Abbreviations stand for values that are there, and are none themselves; examples come in both languages."""

import re
import sqlite3

from text2sql_ws.demo import DEMO_ABBREVIATIONS, DEMO_EXAMPLES

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def text_values(demo: sqlite3.Connection) -> set[str]:
    """Every text that is stored anywhere."""
    columns = demo.execute(
        """SELECT tables.name, columns.name
           FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
           WHERE tables.type = 'table' AND columns.type LIKE 'VARCHAR%'"""
    ).fetchall()
    return {
        value
        for table, column in columns
        for (value,) in demo.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")
    }


def test_abbreviations_lead_to_full_names_and_shadow_none(demo: sqlite3.Connection) -> None:
    stored = text_values(demo)
    for name, pairs in DEMO_ABBREVIATIONS.items():
        full_names = {full for (full,) in demo.execute(f"SELECT {name}_name FROM {name}s")}
        for short, full in pairs.items():
            assert full in full_names
            assert short not in stored, "a literal that means itself would be replaced"


def test_each_example_is_asked_in_both_languages() -> None:
    assert 6 <= len(DEMO_EXAMPLES) <= 8
    for chinese, english in DEMO_EXAMPLES:
        assert CHINESE.search(chinese)
        assert not CHINESE.search(english)

"""Puts a question to the model with the product's own prompts, and runs what it writes."""

import re
import sqlite3
from pathlib import Path

from tests.llm_offline.shop import TODAY
from text2sql_ws.llm.offline import Reply, answer
from text2sql_ws.llm.prompts import Prompts, Turn, read_prompts
from text2sql_ws.schema import Schema

PROMPTS: Prompts = read_prompts(Path(__file__).parents[2] / "config" / "prompts")


def ask(text: str, schema: Schema, *earlier: str) -> Reply:
    locale = "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"
    turns = [Turn(question, "SELECT 1") for question in earlier]
    return answer(PROMPTS.generate(text, schema, TODAY, locale, turns))  # type: ignore[arg-type]


def sql_of(reply: Reply) -> str | None:
    found = re.search(r"```sql\n(.*?)\n```", reply.content, re.DOTALL)
    return found[1] if found else None


def rows(reply: Reply, database: sqlite3.Connection) -> list[tuple[object, ...]]:
    sql = sql_of(reply)
    assert sql is not None, reply.content
    return database.execute(sql).fetchall()

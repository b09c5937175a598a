"""The schema comes back out of the prompt as it went in, and odd prompts do no harm."""

from datetime import date

from tests.llm_offline import library, shop
from tests.llm_offline.asking import PROMPTS
from text2sql_ws.llm.model import Message
from text2sql_ws.llm.offline import answer, ddl
from text2sql_ws.llm.offline.request import Explanation, Generation, Repair, Talk, read_request
from text2sql_ws.llm.prompts import ddl as written
from text2sql_ws.schema import Column, Schema, Table


def test_what_the_prompt_writes_is_read_back() -> None:
    for schema in (shop.schema(), library.schema()):
        read = ddl.read_tables(written(schema))
        assert [table.name for table in read] == [table.name for table in schema.tables]
        for mine, theirs in zip(read, schema.tables, strict=True):
            assert mine.comment == theirs.comment
            assert mine.foreign_keys == theirs.foreign_keys
            for got, given in zip(mine.columns, theirs.columns, strict=True):
                assert (got.name, got.type, got.comment, got.examples, got.primary_key) == (
                    given.name, given.type, given.comment, given.examples, given.primary_key,
                )  # fmt: skip


def test_quotes_and_marks_in_names_comments_and_examples_survive() -> None:
    odd = Column(
        "a`b", "VARCHAR(9)", "it's -- a (note), really; examples: none", examples=("O'Hara", "x, y", "-- z")
    )
    schema = Schema("s", "mysql", "8.0", (Table("t", (odd,), "a table; (odd)"),))
    (table,) = ddl.read_tables(written(schema))
    (column,) = table.columns
    assert column.name == "a`b"
    assert column.examples == odd.examples


def test_ddl_by_other_hands_is_read_too() -> None:
    text = """CREATE TABLE IF NOT EXISTS "people" (
      "id" INT NOT NULL,
      name varchar(20) NOT NULL COMMENT 'full name',
      PRIMARY KEY (id), UNIQUE (name),
      CONSTRAINT fk FOREIGN KEY (id) REFERENCES other(id)
    );"""
    (table,) = ddl.read_tables(text)
    assert [(c.name, c.primary_key) for c in table.columns] == [("id", True), ("name", False)]
    assert table.columns[1].comment == "full name"


def test_the_kind_of_request_is_read_from_the_tags() -> None:
    asked = PROMPTS.generate("How many orders?", shop.schema(), date(2026, 1, 2), "en")
    request = read_request(asked)
    assert isinstance(request, Generation)
    assert request.prompt.today == date(2026, 1, 2)
    assert request.prompt.dialect == "sqlite"
    assert isinstance(read_request(PROMPTS.rewrite(asked, "SELECT 1", "no such column: x", "en")), Repair)
    assert isinstance(read_request(PROMPTS.explain("q", "SELECT 1", "a\n1", 1, False, "zh")), Explanation)
    assert isinstance(read_request([Message("user", "hello")]), Talk)
    assert isinstance(read_request([]), Talk)


def test_anyone_without_a_schema_is_told_what_is_needed() -> None:
    assert "<database" in answer([Message("user", "What is two and two?")]).content
    assert "系统提示" in answer([Message("user", "你好")]).content


def test_a_greeting_is_answered_in_words_with_something_to_ask() -> None:
    reply = answer(PROMPTS.generate("你好！", shop.schema(), shop.TODAY, "zh"))
    assert "SQL" in reply.content
    assert "```" not in reply.content
    assert "？" in reply.content

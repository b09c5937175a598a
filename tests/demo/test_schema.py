"""What the catalogue finds: a comment on every table and column, keys that lead to other tables."""

import re
from pathlib import Path

from text2sql_ws.catalog.reading import read_schema
from text2sql_ws.demo.tables import TABLES
from text2sql_ws.schema import Schema
from text2sql_ws.settings import DataSource

CHINESE = re.compile(r"[\u4e00-\u9fff]")
IDENTIFIER = re.compile(r"[a-z][a-z_]*")


async def schema_of(path: Path) -> Schema:
    return await read_schema("demo", DataSource(type="sqlite", path=str(path)))


async def test_every_table_and_column_has_a_chinese_comment(demo_file: Path) -> None:
    schema = await schema_of(demo_file)
    assert len(schema.tables) == len(TABLES)
    for table in schema.tables:
        assert CHINESE.search(table.comment), table.name
        for column in table.columns:
            assert CHINESE.search(column.comment), f"{table.name}.{column.name}"


async def test_names_are_english_and_types_are_declared(demo_file: Path) -> None:
    for table in (await schema_of(demo_file)).tables:
        assert IDENTIFIER.fullmatch(table.name)
        for column in table.columns:
            assert IDENTIFIER.fullmatch(column.name), f"{table.name}.{column.name}"
            assert re.match(r"INTEGER|VARCHAR\(\d+\)|DECIMAL\(\d+,2\)|DATE|DATETIME", column.type)


async def test_every_table_has_a_key_and_is_joined_to_another(demo_file: Path) -> None:
    schema = await schema_of(demo_file)
    names = {table.name for table in schema.tables}
    referred = {key.referred_table for table in schema.tables for key in table.foreign_keys}
    assert referred <= names
    for table in schema.tables:
        assert any(column.primary_key for column in table.columns), table.name
        assert table.foreign_keys or table.name in referred, table.name


async def test_the_values_that_people_filter_by_are_seen_as_examples(demo_file: Path) -> None:
    columns = {
        f"{table.name}.{column.name}": column.examples
        for table in (await schema_of(demo_file)).tables
        for column in table.columns
    }
    assert "已完成" in columns["orders.status"]
    assert "华东" in columns["regions.region_name"]
    assert "战略客户" in columns["customers.customer_level"]
    assert "办公电脑" in columns["product_categories.category_name"]

"""Comments in SQLite's CREATE TABLE text, and whose they are."""

import pytest

from text2sql_ws.catalog.comments import read_comments

STATEMENTS = {
    "behind each comma": (
        "CREATE TABLE orders ( -- 订单\n  id INTEGER PRIMARY KEY, -- 编号\n  status TEXT NOT NULL -- 状态\n)",
        "订单",
        {"id": "编号", "status": "状态"},
    ),
    "before the comma": (
        "CREATE TABLE t ( -- T\n id INT -- the id\n , a TEXT -- the a\n)",
        "T",
        {"id": "the id", "a": "the a"},
    ),
    "blocks": (
        "CREATE TABLE t ( /* T */\n id INT, /* the id */\n a TEXT /* the a */\n)",
        "T",
        {"id": "the id", "a": "the a"},
    ),
    "blocks in one line": (
        "CREATE TABLE t (id INT /* the id */, a INT /* the a */)",
        "",
        {"id": "the id", "a": "the a"},
    ),
    "a block before its column": (
        "CREATE TABLE t (id INT, /* the a */ a INT)",
        "",
        {"a": "the a"},
    ),
    "lines of their own": (
        "CREATE TABLE t (\n -- the id,\n -- in two lines\n id INT,\n\n /* the a */\n a INT\n)",
        "",
        {"id": "the id, in two lines", "a": "the a"},
    ),
    "before the parenthesis": (
        "CREATE TABLE t -- T\n(\n id INT -- the id\n)",
        "T",
        {"id": "the id"},
    ),
    "a block of several lines": (
        "CREATE TABLE t (\n id INT /* one\n * two\n */\n)",
        "",
        {"id": "one two"},
    ),
    "quoted names": (
        'CREATE TABLE "t -- x" (\n "a -- b" INT, -- A\n `c``d` INT, -- C\n [e f] INT, -- E\n "g""h" INT\n)',
        "",
        {"a -- b": "A", "c`d": "C", "e f": "E"},
    ),
    "a quoted keyword is a column": (
        'CREATE TABLE t ("primary" INT -- P\n)',
        "",
        {"primary": "P"},
    ),
    "constraints have none": (
        "CREATE TABLE t (\n id INT, -- the id\n PRIMARY KEY (id), -- no\n UNIQUE (id) -- no\n)",
        "",
        {"id": "the id"},
    ),
    "commas in a type": (
        "CREATE TABLE t (\n a DECIMAL(10, 2), -- A\n b TEXT -- B\n)",
        "",
        {"a": "A", "b": "B"},
    ),
    "dashes in a default": (
        "CREATE TABLE t (\n a TEXT DEFAULT '-- no', -- A\n b TEXT DEFAULT '/*' -- B\n)",
        "",
        {"a": "A", "b": "B"},
    ),
    "a check with parentheses": (
        "CREATE TABLE t (\n a INT CHECK (a IN (1, 2)), -- A\n b INT -- B\n)",
        "",
        {"a": "A", "b": "B"},
    ),
    "Windows line ends": (
        "CREATE TABLE t ( -- T\r\n a INT, -- A\r\n b INT -- B\r\n)",
        "T",
        {"a": "A", "b": "B"},
    ),
    "Chinese names": (
        "CREATE TABLE 订单 ( -- 单\n 编号 INT, -- 号\n 金额 INT -- 钱\n)",
        "单",
        {"编号": "号", "金额": "钱"},
    ),
    "no comments": (
        "CREATE TABLE t (id INT, a TEXT)",
        "",
        {},
    ),
    "empty comments": (
        "CREATE TABLE t ( --\n id INT, --\n a TEXT /**/\n)",
        "",
        {},
    ),
    "nothing": (
        "",
        "",
        {},
    ),
    "an open string": (
        "CREATE TABLE t (id INT DEFAULT 'x -- y\n",
        "",
        {},
    ),
    "an open block": (
        "CREATE TABLE t (id INT /* the id",
        "",
        {"id": "the id"},
    ),
}


@pytest.mark.parametrize(("sql", "table", "columns"), STATEMENTS.values(), ids=STATEMENTS)
def test_comments_belong_to(sql: str, table: str, columns: dict[str, str]) -> None:
    comments = read_comments(sql)
    assert comments.table == table
    assert comments.columns == columns


def test_any_beginning_of_a_statement_is_read_without_complaint() -> None:
    for sql, _, _ in STATEMENTS.values():
        for end in range(len(sql)):
            read_comments(sql[:end])

"""Is a question SQL already?"""

import pytest

from tests.sql.corpus import statements
from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.extract import as_statement, is_statement

STATEMENTS = [
    "SELECT 1",
    "select * from orders",
    "select * from orders where x = '中文'",
    "SELECT 1;",
    "SELECT 1；",
    "  -- how many?\nSELECT COUNT(*) FROM orders",
    "/* x */ (SELECT 1)",
    "((select 1))",
    "(SELECT a FROM t) UNION (SELECT b FROM u)",
    "```sql\nselect 1\n```",
    "```\nselect a from t;\n```\n",
    "SELECT NOW()",
    "SELECT 'a'",
    "SELECT * FORM orders",
    "SELECT name, (1 FROM t WHERE a = 1",
    "SELECT 1; DROP TABLE t",
    "; SELECT 1",
    "SELECT a FROM t INTO OUTFILE '/tmp/x'",
    "SELECT SLEEP(5)",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "WITH RECURSIVE a (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 5) SELECT * FROM a",
    "VALUES (1, 2)",
    "show tables",
    "SHOW FULL TABLES LIKE 'a%'",
    "show columns from orders",
    "show create table orders",
    "SHOW PROCESSLIST",
    "DESC orders",
    "describe orders",
    "DESCRIBE `order details`",
    "EXPLAIN SELECT 1",
    "explain analyze select * from orders",
    "DESC SELECT * FROM orders",
    "DROP TABLE orders",
    "drop table if exists orders, customers",
    "DROP DATABASE shop",
    "UPDATE orders SET amount = 0",
    "update orders o join customers c on o.c = c.id set o.amount = 0 where 1",
    "DELETE FROM orders",
    "delete from orders where id = 1",
    "INSERT INTO orders VALUES (1)",
    "insert into orders (a, b) values (1, 2)",
    "REPLACE INTO orders VALUES (1)",
    "TRUNCATE TABLE orders",
    "truncate orders",
    "ALTER TABLE orders ADD COLUMN x INT",
    "CREATE TABLE x (a INT)",
    "create view v as select 1",
    "CREATE INDEX i ON orders (id)",
    "CREATE USER bob IDENTIFIED BY 'x'",
    "GRANT ALL ON *.* TO bob",
    "SET GLOBAL max_connections = 1",
    "SET @a = 1",
    "SET NAMES gbk",
    "CALL cleanup()",
    "DO SLEEP(5)",
    "LOAD DATA INFILE 'x' INTO TABLE t",
    "LOCK TABLES orders WRITE",
    "KILL 5",
    "USE mysql",
    "COMMIT",
    "START TRANSACTION",
    "FLUSH PRIVILEGES",
    "PRAGMA query_only = OFF",
    "ATTACH DATABASE 'x' AS y",
    "VACUUM",
    "PREPARE s FROM 'DROP TABLE t'",
    "EXECUTE IMMEDIATE 'x'",
    "HANDLER orders OPEN",
    "RENAME TABLE a TO b",
    "OPTIMIZE TABLE orders",
    "SHUTDOWN",
]

WORDS = [
    "",
    "   ",
    "Show me all customers",
    "show orders by region",
    "Show status of orders",
    "show me the tables with the most rows",
    "Describe the sales trend",
    "describe it",
    "Describe sales by month",
    "select the best customers please",
    "Select the best customers",
    "Select customers from Germany",
    "Select customers, products from the last year",
    "select all",
    "With whom do we trade most?",
    "With which customers did sales fall?",
    "Explain why sales fell",
    "Explain the orders of last month",
    "Explain orders",
    "Update on sales?",
    "Update me on orders",
    "update the numbers for last month, set against the target",
    "delete?",
    "Delete duplicates from the list?",
    "Drop in sales last month?",
    "drop in index of sales",
    "Insert rate per day?",
    "Set of products we sell",
    "Set the date to 2024",
    "Use of materials per project",
    "Table of sales by region",
    "Values of the top orders?",
    "Create a report of sales by month",
    "Create table of sales by month",
    "Alter the view: sales by month",
    "Call volume per day",
    "Do we have customers in Berlin?",
    "Load per server last week",
    "Lock-in period of contracts?",
    "Replace rate of parts",
    "Grant amounts by year",
    "Begin with the sales of 2024",
    "Commit rate by team?",
    "Merge the sales of 2023 and 2024",
    "Kill rate of bugs",
    "Truncate the list to ten customers",
    "Rename of products in 2024?",
    "Analyze sales by region",
    "Check the stock of product A",
    "Execute orders by plant",
    "Start of the best project?",
    "How many orders were placed in May?",
    "各部门有多少员工？",
    "查询去年的销售额",
    "帮我写一个 select * from orders 的查询",
    "select 是什么意思",
    "Please run ```sql\nselect 1\n``` for me",
    "SELECTION of customers",
    "?",
    "()",
    "((((",
]


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
@pytest.mark.parametrize("question", STATEMENTS)
def test_a_statement_is_one_allowed_or_not(question: str, dialect: SqlDialect) -> None:
    assert is_statement(question, dialect)


@pytest.mark.parametrize("dialect", ["mysql", "sqlite"])
@pytest.mark.parametrize("question", WORDS)
def test_words_are_words(question: str, dialect: SqlDialect) -> None:
    assert not is_statement(question, dialect)


@pytest.mark.parametrize(
    ("dialect", "sql"), statements("real"), ids=[sql[:60] for _, sql in statements("real")]
)
def test_every_query_that_may_run_is_a_statement(dialect: SqlDialect, sql: str) -> None:
    assert is_statement(sql, dialect)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("SELECT 1", "SELECT 1"),
        ("```sql\nSELECT 1;\n```", "SELECT 1;"),
        ("SELECT a，b FROM t WHERE c＝‘x’；", "SELECT a,b FROM t WHERE c='x';"),
        ("SELECT 1; DROP TABLE t", "SELECT 1; DROP TABLE t"),
        ("-- all\nSELECT '，' FROM t", "-- all\nSELECT '，' FROM t"),
    ],
)
def test_a_question_as_the_guard_gets_to_see_it(question: str, sql: str) -> None:
    assert as_statement(question) == sql

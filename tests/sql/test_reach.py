"""Tables, databases and columns: what a statement reads, and what it may not."""

import pytest

from text2sql_ws.errors import Code, Fault
from text2sql_ws.schema import SqlDialect
from text2sql_ws.sql.guard import Allowed, Rules, check

SCHEMA = {
    "employees": ["id", "name", "salary", "ssn", "dept_id"],
    "depts": ["id", "title", "budget"],
    "jobs": ["id", "salary"],
}
DENIED = frozenset({("employees", "salary"), ("employees", "ssn")})


def allowed(sql: str, dialect: SqlDialect = "mysql") -> Allowed:
    database = "" if dialect == "sqlite" else "shop"
    return check(sql, Rules(dialect, database, denied_columns=DENIED, schema=SCHEMA))


def is_not_permitted(sql: str, rules: Rules) -> bool:
    with pytest.raises(Fault) as caught:
        check(sql, rules)
    return caught.value.code is Code.INSUFFICIENT_PERMISSIONS


# --- tables ---------------------------------------------------------------------------------------------

TABLES = Rules(
    "mysql", "shop", frozenset({"orders", "customers"}), schema={"orders": ["id"], "customers": []}
)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT 1", set()),
        ("SELECT 1 FROM DUAL", set()),
        ("SELECT * FROM orders", {"orders"}),
        ("SELECT * FROM `ORDERS` o", {"orders"}),
        ("SELECT * FROM shop.orders, customers", {"orders", "customers"}),
        ("WITH x AS (SELECT * FROM orders) SELECT * FROM x", {"orders"}),
        (
            "SELECT * FROM (SELECT id FROM orders) x WHERE id IN (SELECT id FROM customers)",
            {"orders", "customers"},
        ),
        (
            "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n WHERE a < 5) SELECT * FROM n",
            set(),
        ),
        ("DESCRIBE orders", {"orders"}),
        ("EXPLAIN SELECT * FROM orders", {"orders"}),
        ("SELECT * FROM seq_1_to_10", set()),
    ],
)
def test_the_tables_that_a_statement_reads(sql: str, tables: set[str]) -> None:
    assert check(sql, TABLES).tables == tables


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM secret",
        "SELECT * FROM `secret`",
        "SELECT * FROM shop.secret",
        "SELECT * FROM orders o, secret s",
        "SELECT * FROM orders WHERE id IN (SELECT id FROM secret)",
        "TABLE secret",
        "WITH secret AS (SELECT * FROM secret) SELECT * FROM secret",
        "WITH RECURSIVE secret AS (SELECT * FROM secret) SELECT * FROM secret",
        "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
        "SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) x JOIN secret ON 1 = 1",
        "WITH x AS (SELECT 1) SELECT * FROM shop.x",
        "DESCRIBE secret",
        "SHOW COLUMNS FROM secret",
        "SHOW CREATE TABLE secret",
        "EXPLAIN SELECT * FROM secret",
        "SELECT * FROM other.orders",
        "SELECT * FROM mysql.user",
        "SELECT other.orders.id FROM orders",
    ],
)
def test_a_table_that_is_not_on_the_list_is_not_read(sql: str) -> None:
    assert is_not_permitted(sql, TABLES)


def test_without_a_list_every_table_of_the_database_is_read() -> None:
    assert check("SELECT * FROM anything", Rules("mysql", "shop")).tables == {"anything"}


def test_show_tables_lists_only_those_on_the_list() -> None:
    names = "`Tables_in_shop` IN ('customers', 'orders')"
    assert check("SHOW TABLES", TABLES).sql == f"SHOW TABLES WHERE {names}"
    assert check("show full tables from shop like 'o%'", TABLES).sql == (
        f"SHOW FULL TABLES WHERE {names} AND `Tables_in_shop` LIKE 'o%'"
    )
    assert check("SHOW TABLE STATUS", TABLES).sql == (
        "SHOW TABLE STATUS WHERE `Name` IN ('customers', 'orders')"
    )
    assert check("SHOW TABLES", Rules("mysql", "shop")).sql == "SHOW TABLES"


def test_sqlite_has_no_other_database_than_main() -> None:
    rules = Rules("sqlite")
    assert check("SELECT * FROM Main.orders", rules).tables == {"orders"}
    assert is_not_permitted("SELECT * FROM temp.orders", rules)
    assert is_not_permitted("SELECT * FROM sqlite_master", rules)
    assert is_not_permitted("SELECT * FROM pragma_table_list", rules)


def test_mysql_without_a_database_of_its_own_allows_no_qualifier() -> None:
    assert is_not_permitted("SELECT * FROM shop.orders", Rules("mysql"))


# --- denied columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM employees",
        "SELECT name FROM employees",
        "SELECT * FROM depts",
        "SELECT j.salary FROM jobs j JOIN employees e ON e.id = j.id",
        "SELECT AVG(budget) AS salary FROM depts d JOIN employees e ON e.dept_id = d.id ORDER BY salary",
        "SELECT (SELECT MAX(salary) FROM jobs) FROM employees",
        "SELECT name FROM employees WHERE id IN (SELECT id FROM jobs WHERE salary > 5)",
        "SELECT 'salary' FROM employees",
        "SELECT name AS salary FROM employees",
        "SELECT x.salary FROM (SELECT 1 AS salary FROM employees) x",
        "SELECT salary FROM (SELECT 1 AS salary FROM employees) x",
    ],
)
def test_what_reads_no_denied_column_stays_as_it_is(sql: str) -> None:
    assert allowed(sql).sql == sql


@pytest.mark.parametrize(
    ("sql", "runs"),
    [
        ("SELECT * FROM employees", "SELECT {employees} FROM employees"),
        ("SELECT employees.* FROM employees", "SELECT {employees} FROM employees"),
        ("SELECT shop.employees.* FROM shop.employees", "SELECT {employees} FROM shop.employees"),
        ("SELECT e.*, d.* FROM employees e, depts d", "SELECT {e}, d.* FROM employees e, depts d"),
        ("SELECT * FROM employees e, depts d", "SELECT {e}, `d`.* FROM employees e, depts d"),
        ("SELECT x.* FROM (SELECT * FROM employees) x",
         "SELECT x.* FROM (SELECT {employees} FROM employees) x"),
        ("WITH e AS (SELECT * FROM employees) SELECT * FROM e",
         "WITH e AS (SELECT {employees} FROM employees) SELECT * FROM e"),
        ("SELECT 1, 2, 3 UNION SELECT * FROM employees",
         "SELECT 1, 2, 3 UNION SELECT {employees} FROM employees"),
        ("TABLE employees", "SELECT {employees} FROM employees"),
        ("SELECT * FROM (employees e JOIN depts d ON d.id = e.dept_id)",
         "SELECT {e}, `d`.* FROM (employees e JOIN depts d ON d.id = e.dept_id)"),
    ],
)  # fmt: skip
def test_a_star_is_written_out_without_them(sql: str, runs: str) -> None:
    columns = {t: f"`{t}`.`id`, `{t}`.`name`, `{t}`.`dept_id`" for t in ("employees", "e")}
    assert allowed(sql).sql == runs.format(**columns)


def test_a_star_is_written_out_in_sqlites_quotes() -> None:
    runs = allowed("SELECT * FROM employees e", "sqlite").sql
    assert runs == 'SELECT "e"."id", "e"."name", "e"."dept_id" FROM employees e'


READS = [
    "SELECT salary FROM employees",
    "SELECT `SALARY` FROM employees",
    "SELECT e.salary FROM employees e",
    "SELECT shop.employees.salary FROM employees",
    "SELECT q.salary FROM employees e",
    "SELECT SUM(salary) FROM employees",
    "SELECT COUNT(DISTINCT salary) FROM employees",
    "SELECT SUM(salary) OVER (ORDER BY id) FROM employees",
    "SELECT ROW_NUMBER() OVER w FROM employees WINDOW w AS (ORDER BY salary)",
    "SELECT name FROM employees WHERE salary > 5",
    "SELECT name FROM employees ORDER BY salary",
    "SELECT name FROM employees ORDER BY salary + 0",
    "SELECT name FROM employees GROUP BY name HAVING MAX(salary) > 1",
    "SELECT GROUP_CONCAT(name ORDER BY salary) FROM employees",
    "SELECT CASE WHEN salary > 10 THEN 1 END FROM employees",
    "SELECT x FROM (SELECT salary AS x FROM employees) t",
    "WITH e AS (SELECT salary AS s FROM employees) SELECT s FROM e",
    "WITH e (a) AS (SELECT salary FROM employees) SELECT a FROM e",
    "SELECT (SELECT salary) FROM employees",
    "SELECT (WITH c AS (SELECT salary AS s) SELECT s FROM c) FROM employees",
    "SELECT (WITH c AS (SELECT salary AS s) SELECT s FROM c UNION SELECT 1) FROM employees",
    "SELECT 1 FROM depts d WHERE d.budget > (SELECT MAX(salary) FROM employees)",
    "SELECT name FROM employees e, LATERAL (SELECT salary AS s) l",
    "SELECT 1 FROM (SELECT 1) q JOIN employees ON salary = 1",
    "SELECT 1 FROM (employees e JOIN depts b ON salary > b.budget)",
    "SELECT 1 UNION SELECT ssn FROM employees",
    "SELECT j.id FROM employees JOIN jobs j USING (salary)",
    "SELECT * FROM employees NATURAL JOIN jobs",
    "SELECT jt.a FROM employees e, JSON_TABLE(e.ssn, '$[*]' COLUMNS (a INT PATH '$')) jt",
    'SELECT "salary" FROM employees',
    "EXPLAIN SELECT salary FROM employees",
]


@pytest.mark.parametrize("sql", READS)
def test_a_denied_column_is_not_read(sql: str) -> None:
    assert is_not_permitted(sql, Rules("mysql", "shop", denied_columns=DENIED, schema=SCHEMA))


@pytest.mark.parametrize("sql", READS)
def test_nor_where_the_schema_is_unknown(sql: str) -> None:
    assert is_not_permitted(sql, Rules("mysql", "shop", denied_columns=DENIED))


@pytest.mark.parametrize("name", ['"salary"', "[salary]", "`salary`", "e.'salary'"])
def test_sqlites_quotes_hide_nothing(name: str) -> None:
    assert is_not_permitted(f"SELECT {name} FROM employees e", Rules("sqlite", denied_columns=DENIED))


def test_a_star_needs_the_schema() -> None:
    assert is_not_permitted("SELECT * FROM employees", Rules("mysql", "shop", denied_columns=DENIED))


def test_renamed_columns_of_a_table_are_refused() -> None:
    with pytest.raises(Fault):
        allowed("SELECT a FROM employees AS e (i, n, a, s, d)")

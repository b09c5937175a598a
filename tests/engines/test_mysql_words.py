"""What a session is never sent, whatever the guard has said; and what it must not refuse."""

import pytest

from text2sql_ws.engines.mysql_words import check, is_explainable
from text2sql_ws.errors import Code, Fault


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        " \n(( SELECT 1 ) )",
        "with a as (select 1) select * from a",
        "VALUES (1), (2)",
        "TABLE orders",
        "SHOW TABLES",
        "DESC orders",
        "DESCRIBE orders",
        "EXPLAIN SELECT 1",
        "SELECT outfile_path, my_load_file, dumpfiles FROM uploads",
    ],
)
def test_what_reads_is_sent(sql: str) -> None:
    check(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "INSERT INTO t VALUES (1)",
        "SET STATEMENT tx_read_only = 0 FOR INSERT INTO t VALUES (1)",
        "SET GLOBAL read_only = 0",
        "BEGIN NOT ATOMIC START TRANSACTION READ WRITE; DELETE FROM t; END",
        "EXECUTE IMMEDIATE 'DELETE FROM t'",
        "CALL p()",
        "DO SLEEP(9)",
        "HANDLER t OPEN",
        "KILL 1",
        "SELECTED",
        "/* SELECT */ DELETE FROM t",
        "/*!50000 SET */ @a = 1",
        "-- x\nSET @a = 1",
        "\N{ZERO WIDTH SPACE}SELECT 1",
        "SELECT 1 INTO OUTFILE 'x'",
        "SELECT 1 /*!50000OUTFILE*/ 'x'",
        "SELECT 1 into\nDumpFile'x'",
        "SELECT load_file('x')",
        "SELECT `LOAD_FILE` ('x')",
        "EXPLAIN SELECT load_file/**/('x')",
    ],
)
def test_what_could_do_more_is_not(sql: str) -> None:
    with pytest.raises(Fault) as refused:
        check(sql)
    assert refused.value.code is Code.SQL_NOT_READ_ONLY
    assert not refused.value.mendable


def test_only_queries_are_explained() -> None:
    assert all(map(is_explainable, ("SELECT 1", "(SELECT 1)", "WITH a AS (SELECT 1) TABLE a", "TABLE shown")))
    assert not any(map(is_explainable, ("SHOW TABLES", " describe t", "DESC t", "EXPLAIN SELECT 1")))

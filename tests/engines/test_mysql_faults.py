"""Error numbers to faults, and what is never quoted; flavours and tags."""

import pytest
from pymysql.err import InternalError, OperationalError, ProgrammingError

from text2sql_ws.engines.mysql_faults import connection_fault, statement_fault
from text2sql_ws.engines.mysql_flavours import flavour_of, limit_of, setup_of, tag, version_text
from text2sql_ws.errors import Code


@pytest.mark.parametrize(
    ("number", "code", "mendable"),
    [
        (1064, Code.SQL_SYNTAX_ERROR, True),
        (1149, Code.SQL_SYNTAX_ERROR, True),
        *((number, Code.SQL_EXECUTION_FAILED, True) for number in (1052, 1054, 1055, 1140, 1146, 1241, 1248)),
        *((number, Code.SQL_EXECUTION_FAILED, True) for number in (1305, 1370, 1690, 4078)),
        *((number, Code.SQL_EXECUTION_FAILED, False) for number in (1205, 1213)),
        *((number, Code.INSUFFICIENT_PERMISSIONS, False) for number in (1044, 1045, 1142, 1143, 1227)),
        *((number, Code.TIMEOUT_ERROR, False) for number in (1317, 1969, 3024)),
        *((number, Code.SQL_NOT_READ_ONLY, False) for number in (1290, 1792)),
        *((number, Code.RESOURCE_LIMIT_EXCEEDED, False) for number in (1038, 1104, 1114)),
        *((number, Code.DATABASE_CONNECTION_FAILED, False) for number in (1053, 1927, 2006, 2013, 4031)),
    ],
)
def test_of_a_statement(number: int, code: Code, mendable: bool) -> None:
    fault = statement_fault(OperationalError(number, "what it says"))
    assert (fault.code, fault.mendable) == (code, mendable)
    assert ("what it says" in fault.message.en) == (code is not Code.DATABASE_CONNECTION_FAILED)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            OperationalError(1045, "Access denied for user 'me'@'here' (using password: YES)"),
            "refused the account",
        ),
        (OperationalError(1130, "Host '10.0.0.1' is not allowed"), "refused the account"),
        (OperationalError(1049, "Unknown database 'secret'"), "no database of the configured name"),
        (OperationalError(1040, "Too many connections"), "no more connections"),
        (OperationalError(2003, "Can't connect to MySQL server on 'secret'"), "can't be reached"),
        (ConnectionResetError(104, "secret"), "can't be reached"),
        (InternalError("Packet sequence number wrong - got 80 expected 0"), "handshake"),
        (RuntimeError("'cryptography' package is required"), "handshake"),
        (IndexError("secret"), "handshake"),
    ],
)
def test_of_a_connection(error: Exception, says: str) -> None:
    fault = connection_fault(error)
    assert fault.code is Code.DATABASE_CONNECTION_FAILED
    assert says in fault.message.en
    assert not any(word in fault.message.en for word in ("secret", "10.0.0.1", "'me'"))


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        (
            "SELECT command denied to user 'reader'@'10.0.0.1' for table `shop`.`salaries`",
            "SELECT command denied for table `shop`.`salaries`",
        ),
        ("Access denied for user 'reader'@'%' (using password: YES)", "Access denied"),
        ("Access denied for user 'reader'@'%' to database 'mysql'", "Access denied to database 'mysql'"),
        (
            "Can't create/write to file '/var/tmp/MYfd=42' (Errcode: 28)",
            "Can't create/write to file '…' (Errcode: 28)",
        ),
        ("Table './shop/orders' is marked as crashed", "Table '…' is marked as crashed"),
        ("Unknown column 'a/b' in 'field list'", "Unknown column 'a/b' in 'field list'"),
        ("x" * 900, "x" * 500),
    ],
)
def test_what_is_quoted(said: str, quoted: str) -> None:
    assert statement_fault(ProgrammingError(1054, said)).message.en == quoted


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ("Unknown column 'e.nme' in 'SELECT'", "column", "e.nme"),
        ("Unknown column '姓名' in 'field list'", "column", "姓名"),
        ("Table 'shop.employes' doesn't exist", "table", "employes"),
        ("Unknown table 'shop.x'", "table", "x"),
        ("Column 'id' in SELECT is ambiguous", "ambiguous", "id"),
        ("Column 'id' in field list is ambiguous", "ambiguous", "id"),
        ("Getting analyzing error. Detail message: Column 'x' cannot be resolved.", "column", "x"),
        ("Getting analyzing error. Detail message: Column 'id' is ambiguous.", "ambiguous", "id"),
    ],
)
def test_the_name_that_it_is_about(said: str, kind: str, name: str) -> None:
    for number in (1054, 1064):
        misnamed = statement_fault(ProgrammingError(number, said)).misnamed
        assert misnamed is not None
        assert (misnamed.kind, misnamed.name) == (kind, name)


def test_other_complaints_are_about_no_name() -> None:
    for said in ("You have an error in your SQL syntax", "Invalid use of group function"):
        assert statement_fault(ProgrammingError(1111, said)).misnamed is None


@pytest.mark.parametrize(
    ("dialect", "greeting", "flavour", "version"),
    [
        ("mysql", "5.5.5-10.11.6-MariaDB-1", "mariadb", "10.11.6-MariaDB-1"),
        ("mysql", "11.4.2-MariaDB", "mariadb", "11.4.2-MariaDB"),
        ("mysql", "8.0.36", "mysql", "8.0.36"),
        ("mysql", "8.0.11-TiDB-v7.5.0", "tidb", "8.0.11-TiDB-v7.5.0"),
        ("starrocks", "8.0.33", "starrocks", "8.0.33"),
        ("doris", "5.7.99", "doris", "5.7.99"),
    ],
)
def test_flavours(dialect: str, greeting: str, flavour: str, version: str) -> None:
    assert flavour_of(dialect, greeting) == flavour  # type: ignore[arg-type]
    assert version_text(greeting) == version


def test_each_flavour_has_its_own_limit_a_little_after_ours() -> None:
    assert limit_of("mariadb", 7.5) == "SET SESSION max_statement_time = 10"
    assert limit_of("mysql", 7.5) == "SET SESSION max_execution_time = 9500"
    assert limit_of("tidb", 7.5) == "SET SESSION max_execution_time = 9500"
    assert limit_of("starrocks", 7.5) == limit_of("doris", 7.5) == "SET SESSION query_timeout = 10"


def test_sessions_are_read_only_where_there_is_such_a_thing() -> None:
    read_only = {
        flavour for flavour in ("mariadb", "mysql", "tidb") if "READ ONLY" in " ".join(setup_of(flavour))
    }  # type: ignore[arg-type]
    assert read_only == {"mariadb", "mysql"}


def test_a_tag_can_neither_end_its_comment_nor_grow() -> None:
    assert tag("here", "q-1") == "/* t2s:here:q-1 */ "
    assert "*/" not in tag("*/", "*/ DROP TABLE x; /*")[:-4]
    assert len(tag("x" * 999, "销" * 999)) < 150
    assert tag("销售", "q") != tag("库存", "q")

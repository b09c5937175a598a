"""Values as they reach a client, from the databases that hold them: the table of `wire.md` 2, end to end."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.mariadb import MariaDb
from tests.support.serving import Client, served

GEOMETRY = "base64:AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA=="

MYSQL = {
    "tiny TINYINT": ("-128", "integer", -128),
    "safe BIGINT": ("9007199254740991", "integer", 9007199254740991),
    "big BIGINT": ("-9007199254740992", "integer", "-9007199254740992"),
    "most BIGINT UNSIGNED": ("18446744073709551615", "integer", "18446744073709551615"),
    "filled INT(6) ZEROFILL": ("42", "integer", 42),
    "year YEAR": ("0", "integer", 0),
    "bits BIT(12)": ("b'100000000001'", "integer", 2049),
    "wide BIT(64)": ("b'1" + "0" * 63 + "'", "integer", "9223372036854775808"),
    "price DECIMAL(30,10)": (
        "'12345678901234567890.0000000001'",
        "decimal",
        "12345678901234567890.0000000001",
    ),
    "nought DECIMAL(5,2)": ("'-0.10'", "decimal", "-0.10"),
    "half FLOAT": ("0.5", "number", 0.5),
    "tenth DOUBLE": ("0.1", "number", 0.1),
    "huge DOUBLE": ("1.5e300", "number", 1.5e300),
    "day DATE": ("'2025-02-28'", "date", "2025-02-28"),
    "no_day DATE": ("'0000-00-00'", "date", "0000-00-00"),
    "at DATETIME": ("'2025-02-28 23:59:59'", "datetime", "2025-02-28T23:59:59"),
    "finely DATETIME(6)": ("'2025-02-28 23:59:59.000001'", "datetime", "2025-02-28T23:59:59.000001"),
    "never DATETIME": ("'0000-00-00 00:00:00'", "datetime", "0000-00-00T00:00:00"),
    "clock TIME": ("'08:05:00'", "time", "08:05:00"),
    "long_ago TIME": ("'-838:59:59'", "time", "-838:59:59"),
    "longer TIME(3)": ("'100:00:00.25'", "time", "100:00:00.250"),
    "doc JSON": ("""'{"a": [1, null], "名": "值"}'""", "string", '{"a": [1, null], "名": "值"}'),
    "words VARCHAR(40)": ("'引\"号\\\\与\\n😀'", "string", '引"号\\与\n😀'),
    "nothing VARCHAR(9)": ("''", "string", ""),
    "zero_byte VARCHAR(9)": ("CONCAT('a', CHAR(0), 'b')", "string", "a\0b"),
    "old CHAR(4) CHARACTER SET gbk": ("'中文'", "string", "中文"),
    "kind ENUM('甲','乙')": ("'乙'", "string", "乙"),
    "raw BLOB": ("x'00ff'", "binary", "base64:AP8="),
    "none_raw BLOB": ("''", "binary", "base64:"),
    "short VARBINARY(9)": ("'abc'", "binary", "base64:YWJj"),
    "place POINT": ("ST_GeomFromText('POINT(1 2)')", "binary", GEOMETRY),
    "flag BOOLEAN": ("TRUE", "integer", 1),
}
"""Column and type, what is stored (as SQL), and what is expected. MariaDB's JSON is text to its clients."""


@asynccontextmanager
async def asked(folder: Path, source: Mapping[str, Any]) -> AsyncIterator[Client]:
    async with served(folder, {"datasources": {"shop": source}}) as server, server.client() as client:
        yield client


async def shown(client: Client, sql: str) -> tuple[list[str], list[list[Any]], list[dict[str, Any]]]:
    """Types, rows, and the first rows as objects that the answer repeats."""
    messages = await client.answer(sql, explain=False)
    assert messages[-1]["type"] == "query_complete", messages[-1]
    chunks = [message["data"] for message in messages if message["type"] == "query_result"]
    types = [column["type"] for column in chunks[0]["columns"]]
    rows = [row for chunk in chunks for row in chunk["rows"]]
    return types, rows, messages[-1]["data"]["results"]["data"]


async def test_every_kind_of_value_in_mariadb(tmp_path: Path, mariadb: MariaDb) -> None:
    names = [declared.split()[0] for declared in MYSQL]
    stored = ", ".join(sql for sql, _, _ in MYSQL.values())
    await mariadb.execute(f"CREATE OR REPLACE TABLE kinds ({', '.join(MYSQL)})")
    try:
        await mariadb.execute(
            f"INSERT IGNORE INTO kinds VALUES ({stored}), ({', '.join(['NULL'] * len(MYSQL))})"
        )
        source = {
            "type": "mysql", "host": mariadb.host, "port": mariadb.port, "user": mariadb.user,
            "password": mariadb.password, "database": mariadb.database,
        }  # fmt: skip
        async with asked(tmp_path, source) as client:
            types, rows, objects = await shown(client, "SELECT * FROM kinds")
    finally:
        await mariadb.execute("DROP TABLE kinds")
    assert dict(zip(names, types, strict=True)) == {
        name: type_ for name, (_, type_, _) in zip(names, MYSQL.values(), strict=True)
    }
    expected = {name: value for name, (_, _, value) in zip(names, MYSQL.values(), strict=True)}
    assert [dict(zip(names, row, strict=True)) for row in rows] == objects
    assert objects == [expected, dict.fromkeys(names)]


async def test_every_kind_of_value_in_sqlite(tmp_path: Path) -> None:
    cells = [
        ("9007199254740991", "integer", 9007199254740991),
        ("-9223372036854775808", "integer", "-9223372036854775808"),
        ("0.1", "number", 0.1),
        ("9e999", "number", None),
        ("-9e999", "number", None),
        ("9e999 - 9e999", "string", None),  # SQLite keeps NULL for what is not a number
        ("NULL", "string", None),
        ("x'00ff'", "binary", "base64:AP8="),
        ("CAST(x'61ff62' AS TEXT)", "string", "a\ufffdb"),
        ("'2025-02-28'", "date", "2025-02-28"),
        ("'2025-02-28 01:02:03'", "datetime", "2025-02-28T01:02:03"),
        ("'25:00:00'", "time", "25:00:00"),
        ("'😀'", "string", "😀"),
    ]
    path = tmp_path / "kinds.db"
    with sqlite3.connect(path) as made:
        made.execute(f"CREATE TABLE kinds ({', '.join(f'c{n}' for n in range(len(cells)))})")
        made.execute(f"INSERT INTO kinds VALUES ({', '.join(sql for sql, _, _ in cells)})")
    made.close()
    async with asked(tmp_path, {"type": "sqlite", "path": str(path)}) as client:
        types, rows, objects = await shown(client, "SELECT * FROM kinds")
    assert types == [type_ for _, type_, _ in cells]
    assert rows == [[value for _, _, value in cells]]
    assert [list(each.values()) for each in objects] == rows

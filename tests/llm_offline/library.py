"""A library with meaningless names and Chinese comments: all that can be known stands in the comments."""

import sqlite3

from text2sql_ws.schema import Column, ForeignKey, Schema, Table

TABLES = (
    Table(
        "t_ks",
        (Column("id", "INTEGER", "分馆编号", primary_key=True), Column("mc", "VARCHAR(20)", "分馆名称")),
        "分馆",
    ),
    Table(
        "t_dz",
        (
            Column("id", "INTEGER", "读者编号", primary_key=True),
            Column("xm", "VARCHAR(20)", "读者姓名"),
            Column("lb", "TINYINT", "读者类型：1=学生、2=教师、3=校外"),
            Column("zc", "DATE", "注册日期"),
            Column("zx", "DATE", "注销日期，正常读者为空"),
        ),
        "读者",
    ),
    Table(
        "t_ts",
        (
            Column("id", "INTEGER", "图书编号", primary_key=True),
            Column("sm", "VARCHAR(50)", "书名"),
            Column("fl", "VARCHAR(10)", "图书分类：文学、科学、历史", examples=("文学", "科学", "历史")),
            Column("dj", "DECIMAL(8,2)", "定价（元）"),
            Column("ks_id", "INTEGER", "所在分馆"),
        ),
        "图书",
        (ForeignKey(("ks_id",), "t_ks", ("id",)),),
    ),
    Table(
        "t_jy",
        (
            Column("id", "INTEGER", "借阅编号", primary_key=True),
            Column("dz_id", "INTEGER", "借阅读者"),
            Column("ts_id", "INTEGER", "所借图书"),
            Column("jr", "DATE", "借出日期"),
            Column("fk", "DECIMAL(8,2)", "逾期罚款（元），即罚金"),
        ),
        "借阅记录",
        (ForeignKey(("dz_id",), "t_dz", ("id",)), ForeignKey(("ts_id",), "t_ts", ("id",))),
    ),
)

ROWS: dict[str, list[tuple[object, ...]]] = {
    "t_ks": [(1, "总馆"), (2, "东区分馆")],
    "t_dz": [
        (1, "王芳", 1, "2024-09-01", None), (2, "李强", 2, "2020-03-01", None),
        (3, "赵敏", 1, "2025-09-01", "2026-01-05"),
        (4, "陈洁", 3, "2026-02-11", None),
    ],
    "t_ts": [
        (1, "边城", "文学", 28, 1), (2, "万历十五年", "历史", 45, 2),
        (3, "时间简史", "科学", 52, 1), (4, "呐喊", "文学", 20, 2),
    ],
    "t_jy": [
        (1, 1, 1, "2025-12-03", 0), (2, 1, 2, "2026-01-14", 2.5), (3, 2, 3, "2026-03-02", 0),
        (4, 3, 1, "2025-05-06", 4), (5, 1, 3, "2026-04-20", 1),
    ],
}  # fmt: skip


def schema() -> Schema:
    return Schema("library", "sqlite", "3.45.1", TABLES)


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for table in TABLES:
        connection.execute(
            f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {c.type}' for c in table.columns)})"
        )
        for row in ROWS[table.name]:
            connection.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(row))})", row)
    return connection

"""A small shop with English names and no comments, as values and as a SQLite database of a few rows."""

import sqlite3
from datetime import date

from text2sql_ws.schema import Column, ForeignKey, Schema, Table

TODAY = date(2026, 5, 20)


def key(name: str, table: str) -> ForeignKey:
    return ForeignKey(
        (name,), table, (f"{table.rstrip('s')}_id" if table != "categories" else "category_id",)
    )


def column(name: str, kind: str = "INTEGER", *examples: str, primary: bool = False) -> Column:
    return Column(name, kind, nullable=not primary, primary_key=primary, examples=examples)


TABLES = (
    Table(
        "categories",
        (column("category_id", primary=True), column("category_name", "VARCHAR(20)", "Tools", "Toys")),
    ),
    Table(
        "products",
        (
            column("product_id", primary=True), column("product_name", "VARCHAR(60)"), column("category_id"),
            column("price", "DECIMAL(10,2)"),
        ),
        foreign_keys=(key("category_id", "categories"),),
    ),
    Table(
        "customers",
        (
            column("customer_id", primary=True), column("customer_name", "VARCHAR(60)"),
            column("country", "VARCHAR(20)", "France", "Spain", "Italy"), column("email", "VARCHAR(60)"),
        ),
    ),
    Table(
        "orders",
        (
            column("order_id", primary=True), column("customer_id"), column("order_date", "DATE"),
            column("status", "VARCHAR(10)", "open", "shipped", "cancelled"),
        ),
        foreign_keys=(key("customer_id", "customers"),),
    ),
    Table(
        "order_items",
        (
            column("order_item_id", primary=True), column("order_id"), column("product_id"),
            column("quantity"), column("unit_price", "DECIMAL(10,2)"),
        ),
        foreign_keys=(key("order_id", "orders"), key("product_id", "products")),
    ),
)  # fmt: skip

ROWS: dict[str, list[tuple[object, ...]]] = {
    "categories": [(1, "Tools"), (2, "Toys")],
    "products": [(1, "hammer", 1, 20), (2, "saw", 1, 35), (3, "kite", 2, 15)],
    "customers": [
        (1, "Anna", "France", "a@x"), (2, "Bela", "Spain", None), (3, "Cleo", "France", "c@x"),
        (4, "Dora", "Italy", None),
    ],
    "orders": [
        (1, 1, "2025-03-10", "shipped"), (2, 1, "2025-11-02", "cancelled"),
        (3, 2, "2026-02-03", "shipped"), (4, 3, "2026-04-15", "open"), (5, 1, "2026-05-01", "shipped"),
    ],
    "order_items": [
        (1, 1, 1, 2, 20), (2, 1, 3, 1, 15), (3, 2, 2, 1, 35), (4, 3, 1, 1, 20), (5, 4, 3, 4, 15),
        (6, 5, 2, 2, 35), (7, 5, 1, 1, 18),
    ],
}  # fmt: skip


def schema(dialect: str = "sqlite") -> Schema:
    return Schema("shop", dialect, "3.45.1" if dialect == "sqlite" else "10.11.6-MariaDB", TABLES)  # type: ignore[arg-type]


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    for table in TABLES:
        connection.execute(
            f"CREATE TABLE {table.name} ({', '.join(f'{c.name} {c.type}' for c in table.columns)})"
        )
        for row in ROWS[table.name]:
            connection.execute(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(row))})", row)
    return connection

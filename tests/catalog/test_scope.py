"""What the operator left out is gone, and so is what points at it."""

from text2sql_ws.catalog.scope import scope_of
from text2sql_ws.schema import Column, ForeignKey, Table
from text2sql_ws.settings import DataSource

USERS = Table("Users", (Column("id", "INT"), Column("Password", "TEXT")))
ORDERS = Table(
    "orders",
    (Column("id", "INT"), Column("user_id", "INT")),
    foreign_keys=(ForeignKey(("user_id",), "users", ("id",)),),
)
SECRETS = Table("secrets", (Column("word", "TEXT"),))


def trimmed(tables: tuple[str, ...] = (), denied: tuple[str, ...] = ()) -> dict[str, list[str]]:
    settings = DataSource(type="sqlite", path="x", tables=tables, denied_columns=denied)
    kept = scope_of(settings).trim([USERS, ORDERS, SECRETS])
    return {
        table.name: [*(c.name for c in table.columns), *("fk" for _ in table.foreign_keys)] for table in kept
    }


def test_without_limits_everything_is_seen() -> None:
    assert trimmed() == {"Users": ["id", "Password"], "orders": ["id", "user_id", "fk"], "secrets": ["word"]}


def test_only_listed_tables_are_seen_in_whatever_case() -> None:
    assert trimmed(tables=("ORDERS", "users")) == {
        "Users": ["id", "Password"],
        "orders": ["id", "user_id", "fk"],
    }


def test_a_foreign_key_goes_with_the_table_it_points_at() -> None:
    assert trimmed(tables=("orders",)) == {"orders": ["id", "user_id"]}


def test_denied_columns_are_gone_in_whatever_case() -> None:
    assert trimmed(denied=("users.PASSWORD",))["Users"] == ["id"]


def test_a_foreign_key_goes_with_a_denied_column_at_either_end() -> None:
    assert trimmed(denied=("orders.user_id",))["orders"] == ["id"]
    assert trimmed(denied=("users.id",))["orders"] == ["id", "user_id"]


def test_a_table_without_a_column_left_is_gone() -> None:
    assert "secrets" not in trimmed(denied=("secrets.word",))

"""SHOW GRANTS of several servers, read for what goes beyond reading."""

import pytest

from text2sql_ws.engines.mysql_grants import beyond_reading


@pytest.mark.parametrize(
    "line",
    [
        "GRANT USAGE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*9080A2E3'",
        "GRANT USAGE ON *.* TO `reader`@`%` REQUIRE SSL",
        "GRANT SELECT, SHOW VIEW ON `shop`.* TO `reader`@`%`",
        "GRANT SELECT (`id`, `INSERT`), REFERENCES (`id`) ON `shop`.`t` TO `reader`@`%`",
        "GRANT SELECT, SHOW DATABASES ON *.* TO `reader`@`%`",
        "GRANT `analyst`@`%` TO `reader`@`%`",
        "GRANT SELECT ON TABLE default_catalog.shop.orders TO USER 'reader'@'%'",
        "SET DEFAULT ROLE `analyst` FOR `reader`@`%`",
        "Select_priv",
    ],
)
def test_reading_is_no_right_to_warn_of(line: str) -> None:
    assert beyond_reading([line]) == frozenset()


@pytest.mark.parametrize(
    ("line", "rights"),
    [
        (
            "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
            {"ALL PRIVILEGES", "GRANT OPTION"},
        ),
        ("GRANT ALL PRIVILEGES ON `shop`.* TO `writer`@`%`", {"ALL PRIVILEGES"}),
        ("GRANT SELECT, INSERT, FILE ON *.* TO `x`@`%`", {"INSERT", "FILE"}),
        ("GRANT SELECT (`a`, `b`), UPDATE (`b`, `ON`) ON `shop`.`t` TO `x`@`%`", {"UPDATE"}),
        ("GRANT CREATE TEMPORARY TABLES ON `shop`.* TO `x`@`%`", {"CREATE TEMPORARY TABLES"}),
        ("GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `x`@`%`", {"EXECUTE"}),
        ("GRANT BACKUP_ADMIN,SYSTEM_USER ON *.* TO `root`@`%`", {"BACKUP_ADMIN", "SYSTEM_USER"}),
        ("GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", {"PROXY", "GRANT OPTION"}),
        ("GRANT SELECT ON `a ON b`.* TO `x`@`%` WITH GRANT OPTION", {"GRANT OPTION"}),
        ("GRANT SELECT, DELETE ON ALL TABLES IN DATABASE shop TO USER 'x'@'%'", {"DELETE"}),
        ("internal.shop: Select_priv,Load_priv,Alter_priv", {"LOAD", "ALTER"}),
    ],
)
def test_all_else_is_named(line: str, rights: set[str]) -> None:
    assert beyond_reading(["GRANT USAGE ON *.* TO `x`@`%`", line]) == rights

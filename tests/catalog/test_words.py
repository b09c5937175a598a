"""Words of identifiers, comments and questions meet."""

import pytest

from text2sql_ws.catalog.words import snake_case, words


@pytest.mark.parametrize(
    "text",
    [
        "order_items",
        "OrderItems",
        "orderItem",
        "ORDER_ITEMS",
        "order items",
        "Order-Item",
        "the order's items",
    ],
)
def test_the_same_words_however_written(text: str) -> None:
    assert [word for word in words(text) if word != "s"] == ["order", "item"]


@pytest.mark.parametrize(
    ("plural", "singular"),
    [
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("orders", "order"),
        *((word, word) for word in ("status", "bus", "analysis", "class", "gas")),
    ],
)
def test_plurals_do_not_matter(plural: str, singular: str) -> None:
    assert words(plural) == [singular]


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("userID", "user_id"),
        ("UserId", "user_id"),
        ("HTTPServer", "http_server"),
        ("a1b", "a_1_b"),
        ("user-id", "user_id"),
    ],
)
def test_identifiers_in_one_style(name: str, snake: str) -> None:
    assert snake_case(name) == snake


def test_chinese_is_cut_into_words_and_the_words_within() -> None:
    assert {"部门", "销售", "销售额"} <= set(words("去年各部门的销售额是多少"))


def test_words_that_only_bind_are_left_out() -> None:
    assert words("What are the names of all of the customers?") == ["name", "all", "customer"]
    assert "的" not in words("客户的订单")
    assert "多少" not in words("有多少订单")


def test_numbers_and_mixed_text() -> None:
    assert words("Q2销售 2025") == ["q", "2", "销售", "2025"]


@pytest.mark.parametrize("text", ["", "   ", "?!，。", "的"])
def test_nothing_to_find(text: str) -> None:
    assert words(text) == []

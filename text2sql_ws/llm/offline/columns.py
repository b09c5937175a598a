"""What columns and tables are by their names: money, a price, the plain date of a row, people. Pure."""

from collections.abc import Sequence

from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.glossary import meanings
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.tokens import key

_NEEDS_VERB = (
    "hire",
    "birth",
    "leave",
    "register",
    "found",
    "launch",
    "discontinue",
    "expire",
    "due",
    "end",
    "update",
    "ship",
    "deliver",
    "count",
    "open",
)

_PLAIN_DATES = frozenset(["date", "day", "dt", "time", "month"])


def plainness(entity: Entity, item: Field) -> float:
    """How plainly a date is the date of the table's rows; below 0 it must be named to be meant."""
    words = {key(word) for word in item.words}
    own = {key(word) for word in entity.words}
    label = item.remark.label
    score = 3.0 if not item.column.nullable else 1.5
    score += 2.0 * bool(words & own) + 1.5 * bool(words <= own | _PLAIN_DATES | {"at", "on"})
    score += 1.0 * bool(entity.label and label.startswith(entity.label.removesuffix("表")[:2]))
    score += 1.0 * any(
        item.means(word) for word in ("order", "sell", "pay", "visit", "start", "borrow", "return")
    )
    score -= 8.0 * any(speaks_of(item, word) for word in _NEEDS_VERB) + 1.0 * any(
        speaks_of(item, word) for word in ("create",)
    )
    return score


def speaks_of(item: Field, word: str) -> bool:
    wanted = meanings(key(word))
    parts = [key(own) for own in item.words] + [
        key(item.remark.label.removesuffix("日期").removesuffix("时间"))
    ]
    return any(wanted & meanings(one) for one in parts if one)


def amounts(database: Database, about: Sequence[Link]) -> tuple[Link, ...]:
    """The one column of money of a table that was named with a bound alone: "orders over 1000"."""
    for link in about[:1]:
        entity = database.entity(link.table)
        found = [item for item in entity.numbers() if item.additive and is_amount(item)]
        best = [item for item in found if "total" in item.words or "总" in item.remark.label] or found
        if len(best) == 1 or (best and entity.label and best[0].remark.label.startswith(entity.label[:2])):
            return (Link(entity.name, best[0].name, 1.0),)
        for item in found:
            if entity.label and item.remark.label.startswith(entity.label.removesuffix("表")):
                return (Link(entity.name, item.name, 1.0),)
    return ()


def prices(database: Database, about: Sequence[Link]) -> tuple[Link, ...]:
    """The price of a thing: the listed one where there are several."""
    found = [
        item
        for link in about[:1]
        for item in database.entity(link.table).numbers()
        if item.means("price") or item.means("list price")
    ]
    return tuple(
        Link(item.table, item.name, 1.0)
        for item in sorted(found, key=lambda item: not item.means("list price"))
    )


def is_amount(item: Field) -> bool:
    """Money that was turned over, not a discount, a tax or a price."""
    words = set(item.words)
    if words & {"discount", "tax", "refund", "fee", "freight", "cost", "price", "credit", "limit"} or any(
        w in item.remark.label for w in ("优惠", "折扣", "税", "运费", "成本", "单价")
    ):
        return False
    return bool(words & {"amount", "total", "value", "sum"}) or any(
        w in item.remark.label for w in ("金额", "总额", "总价")
    )


def is_people(entity: Entity) -> bool:
    own = meanings(key(entity.label.removesuffix("表"))) | meanings(key(" ".join(entity.words)))
    return any(
        own & meanings(key(word))
        for word in ("employee", "student", "teacher", "doctor", "patient", "author", "reader", "driver")
    )

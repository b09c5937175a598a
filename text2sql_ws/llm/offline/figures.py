"""Words for what no single name tells: revenue, units sold, people, how much a table of levels holds."""

from collections.abc import Iterator

from text2sql_ws.llm.offline.database import Database, Entity, Field
from text2sql_ws.llm.offline.glossary import meanings, synonyms
from text2sql_ws.llm.offline.marks import Link
from text2sql_ws.llm.offline.names import WEAKEST, of_entity
from text2sql_ws.llm.offline.tokens import key, listed

_REVENUE, _UNITS = "revenue", "units sold"
_DEALINGS = (
    "sell",
    "buy",
    "purchase",
    "卖",
    "卖过",
    "卖出去",
    "卖出",
    "卖掉",
    "售出",
    "买",
    "购买",
    "采购过",
)

_TRADE_ZH = ("订单", "销售", "交易", "明细", "成交")

_TRADE_EN = frozenset(
    listed("order sale sales transaction item line detail invoice payment purchase booking ticket")
)

_NOT_REVENUE = frozenset(
    listed(
        "discount refund tax cost budget target safety salary price limit credit fee freight "
        "balance deposit due fine bonus planned original unit profit margin change"
    )
)

_NOT_REVENUE_ZH = (
    "优惠",
    "折扣",
    "退",
    "税",
    "成本",
    "预算",
    "目标",
    "额度",
    "单价",
    "价",
    "运费",
    "余额",
    "工资",
    "薪",
    "支出",
    "利润",
    "押金",
    "罚",
)

_AMOUNT_WORDS = frozenset(key(word) for word in ("amount", "value", "total", "quantity", "sum"))

PEOPLE = (
    ("employee", 0.75), ("student", 0.65), ("patient", 0.65), ("reader", 0.65), ("customer", 0.6),
    ("user", 0.6), ("teacher", 0.55), ("doctor", 0.55), ("author", 0.55), ("driver", 0.55),
    ("member", 0.55), ("person", 0.75),
)  # fmt: skip


def dealings(database: Database) -> Iterator[tuple[str, Link]]:
    """What is sold or bought is in the tables of trade."""
    for entity in database.entities.values():
        if _trades(entity):
            yield from ((verb, Link(entity.name, None, WEAKEST)) for verb in _DEALINGS)


def people(database: Database) -> Iterator[tuple[str, Link]]:
    """ "人" and "who": the employees, and less surely any other table of people."""
    for entity in database.entities.values():
        own = meanings(key(entity.label.removesuffix("表"))) | meanings(key(" ".join(entity.words)))
        score = next((s for word, s in PEOPLE if own & meanings(key(word))), 0.0)
        if score:
            yield from (
                (phrase, Link(entity.name, None, score))
                for phrase in ("人", "人员", "person", "人数", "headcount")
            )


def levels(database: Database) -> Iterator[tuple[str, Link]]:
    """A table that only says how much there is of what ("stock"): its name means the quantity."""
    for entity in database.entities.values():
        keys = {item.name.lower() for item in entity.primary_key}
        amounts = [
            item
            for item in entity.numbers()
            if {"quantity", "qty", "amount", "level"} & set(item.words) and "safety" not in item.words
        ]
        if len(keys) > 1 and keys <= entity.key_columns and len(amounts) == 1:
            for phrase, score in of_entity(entity):
                yield phrase, Link(entity.name, amounts[0].name, score + 0.001)
        own = {key(word) for word in entity.words}
        sums = [item for item in entity.numbers() if item.additive]
        if (
            not entity.naming
            and len(sums) == 1
            and {key(word) for word in sums[0].words} - _AMOUNT_WORDS <= own
            and {key(word) for word in sums[0].words} & own
        ):
            for phrase, score in of_entity(entity):
                yield phrase, Link(entity.name, sums[0].name, score - 0.01)


def measures(database: Database) -> Iterator[tuple[str, Link]]:
    """ "Revenue" and "units sold" where no column bears the name: the amount and quantity of trade."""
    for concept, test in ((_REVENUE, _is_revenue), (_UNITS, _is_units)):
        for entity in database.entities.values():
            for item in entity.numbers():
                if score := test(entity, item):
                    for phrase in synonyms()[key(concept)]:
                        yield phrase, Link(entity.name, item.name, score)
                    if concept == _UNITS:
                        yield "units", Link(entity.name, item.name, 1.001)


def _trades(entity: Entity) -> bool:
    label = entity.remark.label
    return bool(_TRADE_EN & set(entity.words)) or any(word in label for word in _TRADE_ZH)


def _is_revenue(entity: Entity, item: Field) -> float:
    label = item.remark.label
    if (
        not item.additive
        or not _trades(entity)
        or _NOT_REVENUE & set(item.words)
        or any(word in label for word in _NOT_REVENUE_ZH)
    ):
        return 0
    named = {"amount", "revenue", "sales", "total", "subtotal", "payment"} & set(item.words) or any(
        w in label for w in ("金额", "总额", "总价", "销售额", "小计")
    )
    return 0.8 if named else 0


def _is_units(entity: Entity, item: Field) -> float:
    named = {"quantity", "qty", "units"} & set(item.words) or item.remark.label.endswith(("数量", "件数"))
    wrong = {"safety", "stock", "hand", "return"} & {*item.words, *entity.words} or any(
        word in item.remark.label for word in ("库存", "安全", "退")
    )
    return 0.8 if item.additive and named and not wrong and _trades(entity) else 0

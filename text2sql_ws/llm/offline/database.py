"""The schema with what can be concluded from it: roles of columns, names of things, keys.

Nothing is known here of any question, and no table is known by name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from text2sql_ws.llm.offline.glossary import meanings
from text2sql_ws.llm.offline.labels import Remark, name_words, read_remark
from text2sql_ws.llm.offline.tokens import key, stem
from text2sql_ws.schema import Column, ForeignKey, Table

Role = Literal["key", "number", "date", "text", "flag"]

_NUMERIC = re.compile(r"INT|DEC|(?<!E)NUM|REAL|FLOA|DOUB|MONEY|FIXED", re.I)
_DATED = re.compile(r"^(?:DATE|TIMESTAMP)", re.I)
_FLAG = re.compile(r"BOOL|TINYINT\s*\(1\)|^BIT", re.I)
_DATE_NAME = re.compile(
    r"(?:^|_)(?:date|datetime|timestamp)(?:_|$)|_(?:at|on|time)$|Date$|Time$|^date_|日期$"
)
_KEY_NAME = re.compile(
    r"(?:^|_)(?:id|uuid|guid|no|code|key|number|zip|zipcode|phone|postcode)$|[a-z](?:ID|Id|No)$|编号$|号$"
)
_NAMES = ("name", "title", "full name", "label")
_NAMES_ZH = ("名称", "姓名", "名字", "名", "标题", "书名", "全称")
_RATIO_NAME = re.compile(
    r"(?:^|_)(?:price|age|rate|ratio|score|rating|percent|pct|year|level|limit|grade|height|weight|latitude|longitude|discount|average|avg|temperature|speed|rank|salary|wage|gpa|width|length|number|size|version)s?$",
    re.I,
)
_RATIO_LABEL = re.compile(
    r"单价|价格|标价|年龄|评分|比率|率$|折扣$|工资|薪|额度|分数|成绩|成本价|售价|价$|等级|年份|面积$|高度|重$|温度|版本"
)


@dataclass(frozen=True)
class Field:
    """A column and its role. `additive`: a sum of it over rows means something.

    With `factors` it is no column of the table but the product of two: quantity times unit price.
    """

    table: str
    column: Column
    role: Role
    remark: Remark
    words: tuple[str, ...]
    additive: bool = False
    factors: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def label(self) -> str:
        """What to call it: its comment's label, else its words."""
        return self.remark.label or " ".join(self.words)

    def called(self, locale: str) -> str:
        """What to call it in a language: its label if that is in it, else the words of its name."""
        if locale == "en" and not self.label.isascii():
            return " ".join(self.words)
        return self.label

    def means(self, phrase: str) -> bool:
        """Does its name or label mean `phrase`, in either language?"""
        wanted = meanings(key(phrase)) or frozenset({-1})
        own = [key(" ".join(self.words)), *(key(word) for word in self.words[-1:]), key(self.remark.label)]
        return any(wanted & meanings(word) for word in own if word) or key(phrase) in own


@dataclass(frozen=True)
class Entity:
    """A table with its fields by name (in lower case)."""

    table: Table
    fields: Mapping[str, Field]
    remark: Remark
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def label(self) -> str:
        return self.remark.label or " ".join(self.words)

    def called(self, locale: str) -> str:
        """What to call it in a language, as `Field.called`."""
        return self.label if locale == "zh" or self.label.isascii() else " ".join(self.words)

    @cached_property
    def primary_key(self) -> tuple[Field, ...]:
        return tuple(item for item in self.fields.values() if item.column.primary_key)

    @cached_property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        return self.table.foreign_keys

    @cached_property
    def key_columns(self) -> frozenset[str]:
        """The columns that point elsewhere, in lower case."""
        return frozenset(name.lower() for own in self.table.foreign_keys for name in own.columns)

    def dates(self) -> list[Field]:
        return [item for item in self.fields.values() if item.role == "date"]

    def numbers(self) -> list[Field]:
        return [item for item in self.fields.values() if item.role == "number"]

    @cached_property
    def naming(self) -> tuple[Field, ...]:
        """The columns that tell a person which row it is: its name, or first and last name, or its key."""
        texts = [
            item
            for item in self.fields.values()
            if item.role in ("text", "key") and not _is_foreign(self, item)
        ]
        for item in texts:
            if item.role in ("text", "key") and _names_this(self, item) and not item.column.primary_key:
                return (item,)
        parts = tuple(item for item in texts if item.words[-2:] in (("first", "name"), ("last", "name")))
        if len(parts) == 2:
            return parts
        named = [
            i
            for i in texts
            if (i.role == "text" and i.words[-1:] in (("name",), ("title",)))
            or i.remark.label.endswith(_NAMES_ZH)
        ]
        return tuple(named[:1])

    @cached_property
    def identity(self) -> tuple[Field, ...]:
        """What stands for a row where it has no name: its keys."""
        return self.primary_key or tuple(self.fields.values())[:1]


@dataclass(frozen=True)
class Database:
    """All tables by name in lower case, in the prompt's order."""

    entities: Mapping[str, Entity]
    dialect: str
    links: dict[str, list["Step"]] = field(default_factory=dict)

    def entity(self, name: str) -> Entity:
        return self.entities[name.lower()]

    def field(self, table: str, column: str) -> Field:
        return self.entities[table.lower()].fields[column.lower()]


@dataclass(frozen=True, slots=True)
class Step:
    """One join: `columns` of `table` equal `others` of `other`. `to_one`: at most one row is met."""

    table: str
    columns: tuple[str, ...]
    other: str
    others: tuple[str, ...]
    to_one: bool

    @property
    def nature(self) -> tuple[str, tuple[str, ...], str, tuple[str, ...]]:
        return (self.table, self.columns, self.other, self.others)


def build(tables: tuple[Table, ...], dialect: str) -> Database:
    """Conclude what can be concluded; foreign keys to tables that are not there are dropped."""
    entities = {table.name.lower(): _entity(table) for table in tables}
    database = Database(entities, dialect)
    for entity in entities.values():
        for own in entity.foreign_keys:
            _connect(database, entity, own)
    return database


def _connect(database: Database, entity: Entity, own: ForeignKey) -> None:
    target = database.entities.get(own.referred_table.lower())
    if target is None or not all(name.lower() in entity.fields for name in own.columns):
        return
    others = own.referred_columns or tuple(item.name for item in target.primary_key)
    if len(others) != len(own.columns) or not all(name.lower() in target.fields for name in others):
        return
    there = Step(entity.name, own.columns, target.name, others, to_one=True)
    keys = {item.name.lower() for item in entity.primary_key}
    unique = bool(keys) and keys == {name.lower() for name in own.columns}
    database.links.setdefault(entity.name.lower(), []).append(there)
    back = Step(target.name, others, entity.name, own.columns, to_one=unique)
    database.links.setdefault(target.name.lower(), []).append(back)


def _entity(table: Table) -> Entity:
    foreign = {name.lower() for own in table.foreign_keys for name in own.columns}
    fields = {c.name.lower(): _field(table, c, c.name.lower() in foreign) for c in table.columns}
    if (made := _amount(table, fields)) is not None:
        fields[made.name] = made
    return Entity(table, fields, read_remark(table.comment), name_words(table.name))


def _amount(table: Table, fields: Mapping[str, Field]) -> Field | None:
    """Quantity times unit price, for a table of lines that has these and no amount."""
    numbers = [item for item in fields.values() if item.role == "number"]
    quantity = next(
        (
            item
            for item in numbers
            if {"quantity", "qty"} & set(item.words) or item.remark.label.endswith("数量")
        ),
        None,
    )
    price = next(
        (item for item in numbers if "price" in item.words or item.remark.label.endswith(("单价", "价格"))),
        None,
    )
    amount = any(
        {"amount", "total", "subtotal", "revenue"} & set(item.words)
        or item.remark.label.endswith(("金额", "总价", "小计"))
        for item in numbers
    )
    if quantity is None or price is None or amount or "amount" in fields or not table.foreign_keys:
        return None
    column = Column("amount", "DECIMAL", nullable=False)
    return Field(table.name, column, "number", Remark(""), ("amount",), True, (quantity.name, price.name))


def _field(table: Table, column: Column, foreign: bool) -> Field:
    remark = read_remark(column.comment)
    role = _role(column, remark, foreign)
    ratio = _RATIO_NAME.search(column.name) or _RATIO_LABEL.search(remark.label)
    return Field(
        table.name, column, role, remark, name_words(column.name), additive=role == "number" and not ratio
    )


def _role(column: Column, remark: Remark, foreign: bool) -> Role:
    if foreign or column.primary_key:
        return "key"
    numeric = bool(_NUMERIC.search(column.type))
    if _FLAG.search(column.type) or (
        numeric and (column.name.lower().startswith(("is_", "has_")) or remark.label.startswith("是否"))
    ):
        return "flag"
    if _DATED.match(column.type) or (
        not numeric and (_DATE_NAME.search(column.name) or remark.label.endswith(("日期", "时间")))
    ):
        return "date"
    if numeric:
        return "text" if remark.codes else "key" if _KEY_NAME.search(column.name) else "number"
    return "text"


def _is_foreign(entity: Entity, item: Field) -> bool:
    return item.name.lower() in entity.key_columns


def _names_this(entity: Entity, item: Field) -> bool:
    """`name`, or `<table>_name`, or a comment that ends in 名称 or 姓名 and speaks of this table."""
    own = {stem(word) for word in entity.words}
    rest = tuple(word for word in item.words if stem(word) not in own)
    if " ".join(rest) in _NAMES:
        return True
    if [stem(word) for word in item.words] == [stem(word) for word in entity.words]:
        return True
    label = item.remark.label
    if label in _NAMES_ZH:
        return True
    core = entity.remark.label.removesuffix("表").removesuffix("信息")
    return bool(core) and label.endswith(_NAMES_ZH) and (label.startswith(core) or core.endswith(label[:2]))

"""Any text gets an answer, soon, and what is written is safe to run."""

import time
from contextlib import closing
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm_offline import library, shop
from tests.llm_offline.asking import PROMPTS, ask, sql_of
from tests.support.examples import examples
from tests.support.pace import cpu_within, slowness
from text2sql_ws.llm.model import Message
from text2sql_ws.llm.offline import answer, pieces
from text2sql_ws.llm.offline.talk import SENTENCES, say
from text2sql_ws.schema import Schema

LISTED = (
    "revenue orders customers by per top 5 most highest average total in 2025 last month 销售额 订单 客户 各 "
    "每个 最高 的 前 3 多少 去年 没有 超过 100 万 占比 同比 环比 对比 和 或 不 between and not without "
    "which how many share growth France shipped 'x' “引号” % ( ) ; -- `"
)
WORDS = LISTED.split()
NASTY = (
    "", " ", "？", "的的的的", "a" * 20_000, "最" * 3000, "9" * 5000, "'" * 50, "\u2028\u0000\ud7ff",
    "between 1 and", "前" + "9" * 40 + "名客户",
    "2025年99月", "0001-01-01", "last 9999 years", "最近999999天",
)  # fmt: skip

phrases = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
texts = st.one_of(st.text(max_size=200), phrases, st.lists(st.sampled_from(WORDS), max_size=14).map("".join))


@given(texts)
@examples(1.5)
def test_any_text_is_answered_within_a_second(text: str) -> None:
    for schema in (shop.schema(), library.schema()):
        with cpu_within(1):
            assert ask(text, schema).content


@pytest.mark.parametrize("room", [shop, library], ids=["shop", "library"])
@given(text=phrases)
def test_whatever_is_written_runs(room: ModuleType, text: str) -> None:
    _runs(text, room)


EXPLORED = (
    "revenue without revenue",
    "order items -1 以下",
    "order items whose revenue is greater than their quantity",
    "growth shipped Toys 2026年3月 cancelled 占比 Tools France 物品姓名 Spain",
    "按国家最早购买的次数",
    "每个分馆最早借出的次数",
)


@pytest.mark.parametrize("text", EXPLORED)
def test_what_exploring_found_once_stays_mended(text: str) -> None:
    """A name without its expression, a column taken for a thing, a subject that is none."""
    for room in (shop, library):
        _runs(text, room)


def _runs(text: str, room: ModuleType) -> None:
    if (sql := sql_of(ask(text, room.schema()))) is not None:
        with closing(room.database()) as database:
            database.execute(sql).fetchall()


@pytest.mark.parametrize("text", NASTY)
def test_texts_made_to_hurt_do_not(text: str) -> None:
    with cpu_within(1):
        assert ask(text, shop.schema()).content


@given(
    st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), st.text(max_size=80)), max_size=5)
)
def test_any_messages_are_answered(messages: list[tuple[str, str]]) -> None:
    assert answer([Message(role, text) for role, text in messages]).content  # type: ignore[arg-type]


@given(st.text(max_size=300))
@examples(0.6)
def test_any_database_tag_is_read(text: str) -> None:
    system = Message(
        "system", f'<database dialect="sqlite" version="3">\n{text}\n</database>\n<today>2026-01-01</today>'
    )
    assert answer([system, Message("user", "How many orders are there?")]).content


@given(st.text())
def test_pieces_join_to_the_text(text: str) -> None:
    cut = list(pieces(text))
    assert "".join(cut) == text
    assert all(cut)


def test_pieces_are_the_size_of_tokens() -> None:
    assert max(map(len, pieces("SELECT COUNT(*) FROM 销售订单明细表 WHERE customer_name = '华东'"))) <= 14


def test_quotes_in_a_question_stay_inside_the_literal() -> None:
    sql = sql_of(ask("How many orders did customer \"x' OR '1'='1\" place?", shop.schema())) or ""
    assert "''" in sql
    with closing(shop.database()) as database:
        assert database.execute(sql).fetchall() == [(0,)]


def test_a_backslash_cannot_end_a_mysql_literal() -> None:
    sql = sql_of(ask('How many orders did customer "x\\" place?', shop.schema("mysql"))) or ""
    assert "\\'" not in sql.replace("\\\\", "")


def test_the_sentences_of_both_languages_take_the_same_values() -> None:
    for name, pair in SENTENCES.items():
        zh, en = ({part.split("}")[0] for part in sentence.split("{")[1:]} for sentence in pair)
        assert zh == en, name
    assert say("read_as", "zh") != say("read_as", "en")


def test_a_question_takes_little_time_once_the_schema_is_known(wide: Schema) -> None:
    messages = PROMPTS.generate("今年各大区的订单金额占比", wide, shop.TODAY, "zh")
    answer(messages)
    times = []
    for _ in range(5):
        began = time.process_time()
        answer(messages)
        times.append(time.process_time() - began)
    assert min(times) < 0.05 * slowness()


@pytest.fixture
def wide() -> Schema:
    tables = [table for number in range(4) for table in _renamed(shop.TABLES, str(number))]
    return Schema("wide", "sqlite", "3.45.1", (*tables, *library.TABLES))


def _renamed(tables, suffix):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    for table in tables:
        keys = tuple(replace(own, referred_table=own.referred_table + suffix) for own in table.foreign_keys)
        yield replace(table, name=table.name + suffix, foreign_keys=keys)

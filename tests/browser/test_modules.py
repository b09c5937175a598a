"""The page's pure modules, called in the browser they are for."""

from typing import Any

import pytest
from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SQL = """-- 去年 each month
SELECT `o`.date AS "月份", SUM(l.price * 1.5e3) /* net -- of tax */ AS 销售额
FROM orders o JOIN lines l ON l.order_id = o.id -- 'not a string'
WHERE o.note <> 'it''s \\'fine' AND o.n >= .5 AND LEFT(o.name, 2) = '北京' GROUP BY 1"""


async def evaluate(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """What `body` returns, with the module as `m` and `argument` as `x`."""
    script = f"async (x) => {{ const m = await import('/static/js/{module}'); {body} }}"
    return await page.evaluate(script, argument)


async def test_tokens_give_back_every_character(module: Page) -> None:
    joined = await evaluate(module, "sql_tokens.js", "return m.tokens(x).map((t) => t.text).join('')", SQL)
    assert joined == SQL


async def test_sql_that_grows_by_a_character_changes_no_token_but_the_last(module: Page) -> None:
    """Cut at every place: what the highlighting of a stream keeps is what the whole would have given."""
    body = """
        const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
        const cuts = Array.from(x, (_, at) => at);
        return cuts.filter((at) => {
            const kept = m.tokens(x.slice(0, at)).slice(0, -1);
            return !same(kept, m.tokens(x).slice(0, kept.length));
        });
    """
    assert await evaluate(module, "sql_tokens.js", body, SQL) == []


async def test_highlighted_sql_that_grows_or_changes_is_what_it_would_be_drawn_at_once(module: Page) -> None:
    """Fed in pieces of every size, then changed at its end, its middle, its beginning; in bounded blocks."""
    body = """
        const drawn = (sql) => { const h = new m.Highlighted(); h.show(sql); return h; };
        const wrong = [];
        const same = (h, sql, what) => {
            const isSame = h.node.textContent === sql && h.node.innerHTML === drawn(sql).node.innerHTML;
            if (!isSame) wrong.push(what);
        };
        const long = x.repeat(20);
        const pieces = [1, 7, 50, 999, 3000];
        for (const size of pieces) {
            const h = drawn("");
            for (let at = size; at < long.length + size; at += size) h.show(long.slice(0, at));
            same(h, long, size);
            const changed = [long.replace("AND", "OR"), "WITH q AS " + long, long.slice(0, 5000), x, ""];
            for (const next of [long + ";", ...changed]) {
                h.show(next);
                same(h, next, [size, next.slice(-20)]);
            }
        }
        const blocks = [...drawn(long).node.children].map((block) => block.textContent.length);
        return [wrong, blocks.length > 3, Math.max(...blocks) < 2000];
    """
    assert await evaluate(module, "views/highlighted.js", body, SQL) == [[], True, True]


async def test_highlighted_sql_that_is_selected_and_copied_is_the_sql(module: Page) -> None:
    body = """
        const h = new m.Highlighted();
        h.show(x);
        const box = document.body.appendChild(document.createElement("pre"));
        box.className = "sql";
        box.append(h.node);
        getSelection().selectAllChildren(box);
        const selected = getSelection().toString();
        box.remove();
        return [selected, h.node.children.length > 2];
    """
    sql = "\n".join(f"  SELECT a_{n}, b\n\n  FROM t -- {n}" for n in range(100))
    assert await evaluate(module, "views/highlighted.js", body, sql) == [sql, True]


@pytest.mark.parametrize("unit", ["SELECT a, b  ", "1234567,", "a long line of words\n", "\n", "词🙂"])
async def test_text_that_grows_stands_in_bounded_blocks_and_loses_nothing(module: Page, unit: str) -> None:
    body = """
        const node = document.createElement("code");
        const view = x[1] === "sql" ? new m.Highlighted() : new g.Growing(node);
        const shown = view.node ?? node;
        const whole = x[0].repeat(3000);
        for (const end of [10, 500, 501, 9000, whole.length]) view.show(whole.slice(0, end));
        const lengths = Array.from(shown.children, (block) => block.textContent.length);
        return [shown.textContent === whole, Math.max(...lengths) < 9000];
    """
    both = "const g = await import('/static/client/lib/steps/growing.js');" + body
    for kind in ("text", "sql"):
        if kind == "text" or unit[0] in "S1":
            assert await evaluate(module, "views/highlighted.js", both, [unit, kind]) == [True, True]


async def test_tokens_are_told_apart(module: Page) -> None:
    body = "return m.tokens(x).filter((t) => t.kind !== 'space').map((t) => [t.kind, t.text])"
    found = await evaluate(
        module, "sql_tokens.js", body, "SELECT LEFT(名, 2), 'a' FROM t LEFT JOIN `u` -- end"
    )
    assert found == [
        ["keyword", "SELECT"],
        ["function", "LEFT"],
        ["mark", "("],
        ["identifier", "名"],
        ["mark", ","],
        ["number", "2"],
        ["mark", ")"],
        ["mark", ","],
        ["string", "'a'"],
        ["keyword", "FROM"],
        ["identifier", "t"],
        ["keyword", "LEFT"],
        ["keyword", "JOIN"],
        ["name", "`u`"],
        ["comment", "-- end"],
    ]


@pytest.mark.parametrize(
    ("written", "sql"),
    [
        ("```sql\nSELECT 1\n```", "SELECT 1"),
        ("Here it is:\n```sql\nSELECT 1\n```\nThat was it.", "SELECT 1"),
        ("SELECT `a` FROM t", "SELECT `a` FROM t"),
        ("SELECT 1", "SELECT 1"),
    ],
)
async def test_a_fence_is_not_part_of_the_sql(module: Page, written: str, sql: str) -> None:
    assert await evaluate(module, "sql_tokens.js", "return m.unfenced(x)", written) == sql


async def test_sql_under_way_never_shows_its_fence(module: Page) -> None:
    body = "return Array.from(x, (_, at) => m.unfenced(x.slice(0, at))).filter((s) => s.includes('`'))"
    assert await evaluate(module, "sql_tokens.js", body, "```sql\nSELECT 1\nFROM t\n```") == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1234567, "1,234,567"),
        (-1234, "-1,234"),
        ("123456789012345678901234.5600", "123,456,789,012,345,678,901,234.5600"),
        ("9007199254740993", "9,007,199,254,740,993"),
        (999, "999"),
        (0, "0"),
        ("1e5", "1e5"),
    ],
)
async def test_thousands_are_separated_and_no_digit_is_lost(module: Page, value: Any, written: str) -> None:
    assert await evaluate(module, "format.js", "return m.group(x)", value) == written


@pytest.mark.parametrize(
    ("name", "values", "is_name"),
    [
        ("customer_id", [12345], True),
        ("年份", [2024], True),
        ("year", [2024, 2025], True),
        ("销售年度", [2024], True),
        ("founded", [1998, 2004], True),
        ("订单数", [2024, 31000], False),
        ("amount", [12345], False),
        ("paid", [12345], False),
        ("customerId", [12345], True),
        ("客户id", [12345], True),
        ("orders", [2024], False),
        ("nothing", [None], False),
    ],
)
async def test_numbers_that_name_something_are_not_grouped(
    module: Page, name: str, values: list[Any], is_name: bool
) -> None:
    body = "return m.namesSomething({ name: x[0], type: 'integer' }, x[1])"
    assert await evaluate(module, "format.js", body, [name, values]) is is_name


async def test_waits_grow_to_a_bound_and_never_agree(module: Page) -> None:
    body = "return [0, 1, 5, 6, 50].map((n) => [m.fullJitter(n, () => 0), m.fullJitter(n, () => 1)])"
    waits = await evaluate(module, "connection.js", body)
    assert waits == [[0, 400], [0, 800], [0, 12_800], [0, 20_000], [0, 20_000]]


async def test_only_codes_from_4500_to_4999_mean_not_to_come_back(module: Page) -> None:
    body = (
        "return [1000, 1001, 1006, 4008, 4401, 4499, 4500, 4509, 4999].filter((code) => !m.mayReturn(code))"
    )
    assert await evaluate(module, "connection.js", body) == [4500, 4509, 4999]


async def test_every_label_has_both_languages_with_the_same_parameters(module: Page) -> None:
    body = """
        const written = (phrase) => [...phrase.matchAll(/\\{(\\w+)\\}/g)].map(([, name]) => name);
        const named = (phrase) => (typeof phrase === "string" ? written(phrase) : ["n"]);
        return Object.entries(m.TEXTS)
            .filter(([, [zh, en]]) => !zh || !en || named(zh).sort().join() !== named(en).sort().join())
            .map(([key]) => key);
    """
    assert await evaluate(module, "texts.js", body) == []


@pytest.mark.parametrize(
    ("languages", "chosen"), [(["zh-TW", "en"], "zh"), (["de", "en-GB", "zh"], "en"), (["de"], "en")]
)
async def test_the_first_language_that_the_page_speaks_is_chosen(
    module: Page, languages: list[str], chosen: str
) -> None:
    assert await evaluate(module, "language.js", "return m.preferredLanguage(x)", languages) == chosen


async def test_a_long_conversation_keeps_the_newest_rows_whole_and_of_the_others_the_first(
    module: Page,
) -> None:
    body = """
        const conversation = new m.Conversation(() => true);
        const columns = [{ name: "n", type: "integer" }];
        for (let n = 0; n < 5; n += 1) {
            const query = conversation.ask(`question ${n}`, {});
            const own = { query_id: `q${n}`, query: query.question };
            conversation.receive({ type: "query_start", sequence: 1, data: own });
            query.columns = columns;
            query.rows = Array.from({ length: 100_000 }, () => [n]);
            const results = { columns, row_count: 100_000, data: [] };
            const answer = { sql: "SELECT 1", results, explanation: {}, attempts: 1, warnings: [] };
            conversation.receive({ type: "query_complete", data: { ...own, ...answer } });
        }
        return conversation.queries.map(({ rows, rowCount }) => [rows.length, rowCount]);
    """
    kept = await evaluate(module, "state/conversation.js", body)
    assert kept == [[100, 100_000], [100, 100_000], *[[100_000, 100_000]] * 3]

"""The client library's pure parts, in the browser they are for: waits, tokens, mailbox, progress."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.lab import lab_page, part, run
from tests.support.tokens import token

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts" / "text2sql"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lab(browser: Browser, server: str) -> AsyncIterator[Page]:
    async with lab_page(browser, server) as page:
        yield page


def frames(story: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TRANSCRIPTS / f"{story}.txt").read_text("utf-8").splitlines()]


# --- coming back ------------------------------------------------------------------------------------


async def test_waits_grow_to_a_bound_and_never_agree(lab: Page) -> None:
    body = """return [0, 1, 5, 6, 50].map((n) =>
        [m.fullJitter(n, { random: () => 0 }), m.fullJitter(n, { random: () => 1 })])"""
    waits = await run(lab, body)
    assert waits == [[0, 400], [0, 800], [0, 12_800], [0, 20_000], [0, 20_000]]


async def test_only_codes_from_4500_to_4999_mean_not_to_come_back(lab: Page) -> None:
    codes = [1000, 1001, 1006, 4000, 4008, 4401, 4499, 4500, 4509, 4999]
    assert await run(lab, "return x.filter((code) => !m.mayReturn(code))", codes) == [4500, 4509, 4999]


@pytest.mark.parametrize(
    ("address", "kind", "url"),
    [
        ("wss://data.example", "ws", "wss://data.example/a"),
        ("https://data.example", "ws", "wss://data.example/a"),
        ("http://data.example:8000/below/", "ws", "ws://data.example:8000/below/a"),
        ("ws://data.example", "http", "http://data.example/a"),
        ("", "ws", "ws://{host}/a"),
        ("/below", "http", "http://{host}/below/a"),
    ],
)
async def test_an_address_serves_websocket_and_http(
    lab: Page, server: str, address: str, kind: str, url: str
) -> None:
    found = await run(lab, "return m.resolve(x[0], '/a', x[1]).href", [address, kind], part("addresses"))
    assert found == url.format(host=server.removeprefix("http://"))


# --- tokens -----------------------------------------------------------------------------------------


async def test_a_tokens_expiry_is_read_from_the_token(lab: Page) -> None:
    shown = token("李雷", now=1000, seconds=300, note="÷þ~?>")
    assert await run(lab, "return m.expiryOf(x)", shown, part("token")) == 1_300_000


@pytest.mark.parametrize("shown", ["opaque", "a.b.c", "", token(without=("exp",)), token(exp="soon")])
async def test_what_does_not_say_when_it_expires_is_left_alone(lab: Page, shown: str) -> None:
    assert await run(lab, "return m.expiryOf(x)", shown, part("token")) is None


async def test_a_token_is_renewed_a_fifth_of_its_life_before_its_end_and_at_most_a_minute(lab: Page) -> None:
    margins = await run(lab, "return [0, 1000, 10_000, 3_600_000].map(m.marginOf)", None, part("token"))
    assert margins == [0, 200, 2000, 60_000]


# --- the mailbox ------------------------------------------------------------------------------------

MAILBOX = """
    const token = (delta, kind = "sql", attempt = 1) =>
        ({ type: "query_token", data: { kind, delta, index: 0, attempt } });
    const progress = (stage, details = null) =>
        ({ type: "query_progress", data: { progress: { stage, details } } });
    async function drained(box) {
        const all = [];
        box.end();
        for (let one = await box.next(); !one.done; one = await box.next()) all.push(one.value.data);
        return all;
    }
"""


async def test_tokens_of_a_kind_that_wait_travel_together(lab: Page) -> None:
    body = f"""{MAILBOX}
        const box = new m.Mailbox(1000);
        for (const [delta, kind, attempt] of x) box.put(token(delta, kind, attempt), 1);
        return (await drained(box)).map(({{ delta }}) => delta);
    """
    waiting = [["a"], ["b"], ["c", "reasoning"], ["d", "sql", 2], ["e", "sql", 2]]
    assert await run(lab, body, waiting, part("mailbox")) == ["ab", "c", "de"]


async def test_progress_that_newer_progress_outdates_is_dropped_but_its_details_are_not(lab: Page) -> None:
    body = f"""{MAILBOX}
        const box = new m.Mailbox(1000);
        for (const one of [progress("a"), progress("a"), progress("a", 1), progress("a", 2), progress("b")])
            box.put(one, 1);
        return (await drained(box)).map(({{ progress: {{ stage, details }} }}) => [stage, details]);
    """
    assert await run(lab, body, None, part("mailbox")) == [["a", 1], ["a", 2], ["b", None]]


async def test_a_mailbox_that_overflows_keeps_nothing_and_says_so(lab: Page) -> None:
    body = """
        const box = new m.Mailbox(100);
        const taken = [40, 40, 40, 1].map((size) => box.put({ type: "query_result", data: {} }, size));
        return [taken, await box.next().catch(({ code }) => code)];
    """
    assert await run(lab, body, None, part("mailbox")) == [[True, True, False, False], "TOO_MUCH"]


async def test_what_nobody_reads_is_kept_only_up_to_a_megabyte(lab: Page) -> None:
    body = """
        const filled = (box) => {
            let count = 0;
            while (count < 1000 && box.put({ type: "query_result", data: {} }, 10_000)) count += 1;
            return count;
        };
        const read = new m.Mailbox(5_000_000);
        read.next().catch(() => {});
        return [filled(new m.Mailbox(5_000_000)), filled(read)];
    """
    unread, read = await run(lab, body, None, part("mailbox"))
    assert unread == 104
    assert read == 500


# --- progress ---------------------------------------------------------------------------------------


async def progressed(lab: Page, story: str) -> Any:
    body = """
        const progress = new m.Progress("?", 2);
        for (const frame of x) progress.take(frame);
        return progress.snapshot();
    """
    return await run(lab, body, frames(story), part("progress"))


@pytest.mark.parametrize(
    ("story", "status"),
    [
        ("answered", "completed"),
        ("rewritten", "completed"),
        ("own_sql", "completed"),
        ("in_words", "completed"),
        ("no_rows", "completed"),
        ("explanation_lost", "completed"),
        ("rewritten_in_vain", "failed"),
        ("not_read_only", "failed"),
        ("model_down", "failed"),
        ("cancelled", "cancelled"),
    ],
)
async def test_every_story_ends_as_the_server_told_it(lab: Page, story: str, status: str) -> None:
    known = await progressed(lab, story)
    assert known["status"] == status
    assert not [step for step in known["steps"] if step["status"] in ("running",)]
    assert known["rowCount"] == sum(
        len(frame["data"]["rows"]) for frame in frames(story) if frame["type"] == "query_result"
    )


async def test_a_repaired_query_shows_both_attempts_and_the_databases_words(lab: Page) -> None:
    known = await progressed(lab, "rewritten")
    first, second = known["attempts"]
    assert (first["sql"], first["error"]) == ("SELECT nope FROM orders", "no such column: nope")
    assert first["written"] == "```sql\nSELECT nope FROM orders\n```"
    assert second["error"] is None
    assert known["sql"] == second["sql"]


async def test_only_so_many_rows_are_kept_and_all_are_counted(lab: Page) -> None:
    known = await progressed(lab, "rewritten")
    assert (len(known["rows"]), known["rowCount"]) == (2, 3)


async def test_stages_that_a_query_had_no_need_of_are_skipped(lab: Page) -> None:
    known = await progressed(lab, "own_sql")
    assert {step["stage"]: step["status"] for step in known["steps"]}["generating_sql"] == "skipped"


async def test_what_comes_after_a_failure_has_not_begun(lab: Page) -> None:
    known = await progressed(lab, "not_read_only")
    statuses = [step["status"] for step in known["steps"]]
    assert statuses[statuses.index("failed") + 1 :] == ["waiting"] * (9 - statuses.index("failed"))
    assert "waiting" not in statuses[: statuses.index("failed")]


async def test_a_snapshot_is_the_same_object_until_something_changes(lab: Page) -> None:
    body = """
        const progress = new m.Progress("?");
        const before = progress.snapshot();
        const same = before === progress.snapshot();
        progress.take(x);
        return [same, before === progress.snapshot(), before.status, progress.snapshot().status];
    """
    outcome = await run(lab, body, frames("answered")[0], part("progress"))
    assert outcome == [True, False, "waiting", "running"]


async def test_nothing_changes_a_query_after_its_end(lab: Page) -> None:
    body = """
        const progress = new m.Progress("?");
        for (const frame of x) progress.take(frame);
        const before = progress.snapshot();
        for (const frame of x) progress.take(frame);
        progress.giveUp("lost", {});
        return before === progress.snapshot();
    """
    assert await run(lab, body, frames("cancelled"), part("progress")) is True

"""`make pictures`: the manual's pictures, taken anew from the running product over its demo data.

Each is a function that brings a page to what is to be seen; its picture is `docs/images/NAME.webp`.
"""

import asyncio
import base64
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, ROOT, running_server
from tests.browser.test_chat_view import answers, connected, say, together
from tests.support.serving import served
from tests.support.tokens import SECRET, token

FOLDER = ROOT / "docs" / "images"
MOST_BYTES = 120_000
QUALITIES = (85, 70, 55, 40)

ENGLISH = {"locale": "en-GB", "color_scheme": "light"}
CHINESE = {"locale": "zh-CN", "color_scheme": "dark"}
WIDE = {"viewport": {"width": 1200, "height": 860}, "device_scale_factor": 1.5}
TALL = {"viewport": {"width": 1200, "height": 1060}}
PHONE = {"viewport": {"width": 390, "height": 900}, "device_scale_factor": 2, "is_mobile": True}

SLOW = "SELECT MAX(a.order_id + b.order_id + c.order_id) AS most FROM orders a, orders b, orders c"
OVER = re.compile("completed|failed")
GRAPHS_MS = 12_000
"""Until the monitor's graphs are lines."""


@dataclass(frozen=True, slots=True)
class Picture:
    show: Callable[[Page, str], Awaitable[None]]
    browser: dict[str, Any]
    has_logins: bool = False


async def asked(page: Page, question: str) -> None:
    await page.fill("#question", question)
    await page.press("#question", "Enter")


async def drawn(page: Page, question: str) -> None:
    """Asked, and answered with a chart."""
    await asked(page, question)
    turn = page.locator(".turn").last
    await expect(turn).to_have_attribute("data-status", "completed")
    await expect(turn.locator(".answer .chart-canvas svg")).to_be_visible()


async def answer(page: Page, address: str) -> None:
    await page.goto(address)
    await drawn(page, "Revenue per month in 2025")


async def answer_in_chinese(page: Page, address: str) -> None:
    await page.goto(address)
    await drawn(page, "今年各大区的销售额")


async def answer_on_a_phone(page: Page, address: str) -> None:
    await page.goto(address)
    await drawn(page, "Revenue per region in 2025")


async def cancelled(page: Page, address: str) -> None:
    """Its steps are unfolded: one sees where it stopped."""
    await page.goto(address)
    await asked(page, SLOW)
    await expect(page.locator("[data-stage=executing_sql]")).to_have_attribute("data-status", "running")
    await expect(page.locator(".clock")).to_contain_text("1.")
    await page.click("[data-action='query.cancel']")
    await expect(page.locator(".stopped")).to_be_visible()
    await page.click(".summary")
    await page.mouse.move(0, 0)


async def admin(page: Page, address: str) -> None:
    """With some answers behind it, and a query that runs."""
    asking = await page.context.new_page()
    await asking.goto(address)
    await page.goto(f"{address}/admin")
    for question in ("Revenue per month in 2025", "How many orders are there?", "SELECT nothing FROM orders"):
        await asked(asking, question)
        await expect(asking.locator(".turn").last).to_have_attribute("data-status", OVER)
    await asked(asking, SLOW)
    await expect(page.locator("#queries tbody tr").filter(has_text="SELECT MAX")).to_have_count(1)
    await page.wait_for_timeout(GRAPHS_MS)


async def chat(page: Page, address: str) -> None:
    """Two people, each in a browser of their own, and the model."""
    assert page.context.browser is not None
    context = await page.context.browser.new_context(**ENGLISH, **WIDE)
    other = await context.new_page()
    for one, name in ((page, "alice"), (other, "bob")):
        await one.goto(f"{address}/static/img/logo.svg")
        await one.evaluate("x => sessionStorage.setItem('text2sql.token', x)", token(name, seconds=3000))
        await one.goto(f"{address}/chat")
        await connected(one)
    await together(page, other, "quarterly-review")
    await say(other, "Revenue per region in 2025")
    await expect(answers(page)).to_have_attribute("data-status", "completed")
    await expect(answers(page).locator("table")).to_be_visible()
    await other.type("#message", "And per month")
    await page.wait_for_timeout(500)


PICTURES = {
    "answer": Picture(answer, ENGLISH | WIDE),
    "answer-zh": Picture(answer_in_chinese, CHINESE | WIDE),
    "cancelled": Picture(cancelled, ENGLISH | WIDE),
    "admin": Picture(admin, ENGLISH | WIDE),
    "chat": Picture(chat, ENGLISH | WIDE | TALL, has_logins=True),
    "phone": Picture(answer_on_a_phone, ENGLISH | PHONE),
}


async def shot(page: Page) -> bytes:
    """As good as fits."""
    devtools = await page.context.new_cdp_session(page)
    for quality in QUALITIES:
        taken = await devtools.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(taken["data"])
        if len(picture) <= MOST_BYTES:
            return picture
    raise AssertionError(f"more than {MOST_BYTES} bytes at any quality")


async def take(browser: Browser, name: str, address: str) -> None:
    wanted = PICTURES[name]
    context = await browser.new_context(**wanted.browser, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = await context.new_page()
    await wanted.show(page, address)
    picture = await shot(page)
    await context.close()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.webp").write_bytes(picture)
    sys.stdout.write(f"docs/images/{name}.webp: {len(picture):,} bytes\n")


@asynccontextmanager
async def servers() -> AsyncIterator[dict[bool, str]]:
    """The demo as a newcomer meets it, and one with logins, so that there are several people."""
    with tempfile.TemporaryDirectory() as folder:
        logins = Path(folder) / "logins"
        logins.mkdir()
        auth = {"auth": {"mode": "jwt", "secret": SECRET}}
        async with running_server(Path(folder)) as plain, served(logins, auth) as guarded:
            yield {False: plain, True: guarded.address}


async def main(names: list[str]) -> None:
    expect.set_options(timeout=60_000)
    async with async_playwright() as playwright, servers() as addresses:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in names or PICTURES:
            await take(browser, name, addresses[PICTURES[name].has_logins])
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

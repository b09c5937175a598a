"""Event hooks: called with what happened, in order; one that fails, dawdles or hangs harms nobody."""

import asyncio
import re
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.support.chatting import chatting
from tests.support.paths import ROOT
from tests.support.serving import Served, make_shop
from text2sql_ws import hooks as room
from text2sql_ws.app import serving
from text2sql_ws.happenings import (
    Bulletin,
    Happening,
    MessageReceived,
    QueryBegan,
    QueryOver,
    SessionJoined,
    SessionLeft,
    UserConnected,
    UserGone,
)
from text2sql_ws.hooks import Hooks
from text2sql_ws.settings import load

JOINED = [SessionJoined("s", f"u{number}") for number in range(5)]


async def all_of(heard: list[Happening], count: int) -> list[Happening]:
    async with asyncio.timeout(10):
        while len(heard) < count:
            await asyncio.sleep(0.01)
    return heard


async def test_handlers_hear_what_they_are_registered_for_in_order() -> None:
    heard_here, heard_there = list[Happening](), list[Happening]()

    async def hear(happening: SessionJoined) -> None:
        heard_here.append(happening)

    bulletin, hooks = Bulletin(), Hooks()
    hooks.on(SessionJoined, hear)
    hooks.on(SessionJoined, heard_there.append)
    hooks.on(SessionLeft, lambda _: pytest.fail("nobody left"))
    async with hooks.called(bulletin):
        for happening in JOINED:
            bulletin.tell(happening)
        bulletin.tell(MessageReceived("s", "u", 1))
    assert heard_here == heard_there == JOINED


async def test_one_that_fails_is_logged_and_goes_on_and_others_never_notice() -> None:
    heard = list[Happening]()

    def fail(happening: SessionJoined) -> None:
        raise ZeroDivisionError

    async def fail_too(happening: SessionJoined) -> None:
        raise KeyError

    bulletin, hooks = Bulletin(), Hooks()
    for handler in (fail, fail_too, heard.append):
        hooks.on(SessionJoined, handler)
    with capture_logs() as logged:
        async with hooks.called(bulletin):
            for happening in JOINED[:2]:
                bulletin.tell(happening)
    assert heard == JOINED[:2]
    failed = [type(entry["exc_info"]) for entry in logged if entry["event"] == "hook_failed"]
    assert sorted(kind.__name__ for kind in failed) == ["KeyError"] * 2 + ["ZeroDivisionError"] * 2


async def test_one_that_dawdles_is_stopped_at_its_limit_and_called_again() -> None:
    heard, stopped = list[Happening](), list[Happening]()

    async def dawdle(happening: SessionJoined) -> None:
        if happening is JOINED[0]:
            try:
                await asyncio.Event().wait()
            finally:
                stopped.append(happening)
        heard.append(happening)

    bulletin, hooks = Bulletin(), Hooks()
    hooks.on(SessionJoined, dawdle, seconds=0.05)
    with capture_logs() as logged:
        async with hooks.called(bulletin):
            for happening in JOINED[:2]:
                bulletin.tell(happening)
            assert await all_of(heard, 1) == [JOINED[1]]
    assert stopped == [JOINED[0]]
    assert [entry["event"] for entry in logged] == ["hook_too_slow"]


async def test_a_function_that_blocks_holds_up_neither_the_loop_nor_other_handlers() -> None:
    released, heard, began = threading.Event(), list[Happening](), list[Happening]()

    def block(happening: SessionJoined) -> None:
        began.append(happening)
        released.wait(20)

    bulletin, hooks = Bulletin(), Hooks()
    hooks.on(SessionJoined, block, seconds=0.05)
    hooks.on(SessionJoined, heard.append)
    with capture_logs() as logged:
        async with hooks.called(bulletin):
            for happening in JOINED:
                bulletin.tell(happening)
            assert await all_of(heard, 5) == JOINED
            async with asyncio.timeout(10):
                while not logged:
                    await asyncio.sleep(0.01)
            assert began == JOINED[:1]
            released.set()
            await all_of(began, 5)
    assert logged[0]["event"] == "hook_too_slow"


async def test_what_a_handler_cannot_keep_up_with_is_left_out_and_counted() -> None:
    bulletin, hooks, going_on, heard = Bulletin(), Hooks(), asyncio.Event(), list[Happening]()

    async def wait(happening: SessionJoined) -> None:
        await going_on.wait()
        heard.append(happening)

    hooks.on(SessionJoined, wait, waiting=2)
    with capture_logs() as logged:
        async with hooks.called(bulletin):
            for happening in JOINED:
                bulletin.tell(happening)
            going_on.set()
    assert heard == JOINED[:2]
    assert [(entry["event"], entry["missed"]) for entry in logged] == [("hook_behind", 1), ("hook_behind", 2)]


async def test_a_handler_that_never_ends_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SETTLING_SECONDS", 0.05)
    monkeypatch.setattr(room, "STOPPING_SECONDS", 0.05)
    bulletin, hooks, freed = Bulletin(), Hooks(), asyncio.Event()

    async def cling(happening: SessionJoined) -> None:
        while not freed.is_set():
            try:
                await freed.wait()
            except asyncio.CancelledError:
                continue

    hooks.on(SessionJoined, cling)
    async with asyncio.timeout(10):
        async with hooks.called(bulletin):
            bulletin.tell(JOINED[0])
            await asyncio.sleep(0)
    freed.set()
    clinging = [task for task in asyncio.all_tasks() if task.get_name().endswith("cling")]
    if clinging:
        await asyncio.wait(clinging, timeout=5)


async def test_coroutine_functions_are_known_in_any_dress() -> None:
    heard = list[str]()

    async def hear(prefix: str, happening: SessionJoined) -> None:
        heard.append(prefix + threading.current_thread().name)

    class Listener:
        async def __call__(self, happening: SessionJoined) -> None:
            heard.append(threading.current_thread().name)

    bulletin, hooks = Bulletin(), Hooks()
    hooks.on(SessionJoined, partial(hear, ""))
    hooks.on(SessionJoined, Listener())
    async with hooks.called(bulletin):
        bulletin.tell(JOINED[0])
    assert heard == ["MainThread"] * 2


def test_what_does_not_happen_cannot_be_waited_for() -> None:
    with pytest.raises(TypeError, match="no happening"):
        Hooks().on(str, print)  # type: ignore[type-var]


async def test_the_server_calls_them_with_all_that_happens(tmp_path: Path) -> None:
    import aiohttp

    heard, hooks = list[Happening](), Hooks()
    kinds = (UserConnected, SessionJoined, MessageReceived, QueryBegan, QueryOver, SessionLeft, UserGone)
    for kind in kinds:
        hooks.on(kind, heard.append)
    shop = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}
    given = {
        "server": {"port": 0, "drain_seconds": 0}, "datasources": {"shop": shop},
        "storage": {"url": f"sqlite:///{tmp_path}/own.db"},
    }  # fmt: skip
    async with serving(load(None, given), tmp_path / "var", hooks=hooks) as address:
        async with aiohttp.ClientSession() as http:
            server = Served(address, http)
            async with server.client() as client:
                await client.answer("每个城市有多少订单？")
            async with chatting(server, "room") as chatter:
                await chatter.send("leave_session", session_id="room")
                await chatter.until("session_left")
    assert {type(happening) for happening in heard} == set(kinds)
    (over,) = [happening for happening in heard if isinstance(happening, QueryOver)]
    assert (over.query.status, over.query.rows) == ("completed", 3)


@pytest.mark.timeout(180)
async def test_the_documented_example_does_what_it_says(tmp_path: Path) -> None:
    document = (ROOT / "docs" / "embedding.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", document, re.DOTALL)
    (prints,) = re.findall(r"```text\n(.*?)```", document, re.DOTALL)
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    async with asyncio.timeout(150):
        out, _ = await running.communicate()
    assert (running.returncode, out.decode()) == (0, prints)

"""Notifications on the wire: who is there is told, who comes back is told, and a user looks his own up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.support.chatting import chatting
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from text2sql_ws import app
from text2sql_ws.notifications import Notifications
from text2sql_ws.web.keys import House

JWT = {"auth": {"mode": "jwt", "secret": SECRET}}


@pytest.fixture
def houses(monkeypatch: pytest.MonkeyPatch) -> list[House]:
    """The rooms of the servers that are started: what is sent from inside has no address."""
    made, build = list[House](), app.build

    def build_and_tell(house: House) -> web.Application:
        made.append(house)
        return build(house)

    monkeypatch.setattr(app, "build", build_and_tell)
    return made


@pytest.fixture
async def server(tmp_path: Path, houses: list[House]) -> AsyncIterator[Served]:
    shop = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}
    async with served(tmp_path, JWT | {"datasources": {"shop": shop}}) as running:
        yield running


@pytest.fixture
def notifications(server: Served, houses: list[House]) -> Notifications:
    return houses[0].notifications


async def test_who_is_in_chat_is_told_at_once_and_not_again_on_return(
    server: Served, notifications: Notifications
) -> None:
    async with chatting(server, token=token("alice")) as alice, chatting(server, token=token("bob")) as bob:
        (sent,) = await notifications.send(
            ["alice"], "备份", "完成了", "success", action_url="/admin", auto_close=True
        )
        told = (await alice.until("notification"))["notification"]
        assert told.pop("timestamp").endswith("Z")
        assert told == {
            "id": sent, "title": "备份", "message": "完成了", "type": "success", "action_url": "/admin",
            "auto_close": True,
        }  # fmt: skip
        await alice.silent()
        await bob.silent()
        await notifications.settled()
    async with chatting(server, token=token("alice")) as again:
        await again.silent()


async def test_what_came_while_a_user_was_away_is_told_on_return_in_order(
    server: Served, notifications: Notifications
) -> None:
    (first,) = await notifications.send(["alice"], "一", "1")
    (second,) = await notifications.send("everyone", "二", "2")
    async with chatting(server, token=token("alice")) as alice:
        told = [(await alice.until("notification"))["notification"]["id"] for _ in range(2)]
        assert told == [first, second]
        await alice.silent()
    async with chatting(server, token=token("bob")) as bob:
        assert (await bob.until("notification"))["notification"]["id"] == second
        await bob.silent()


async def test_other_dialects_are_told_as_a_status(server: Served, notifications: Notifications) -> None:
    headers = {"Authorization": f"Bearer {token('alice')}"}
    async with server.client(headers=headers) as client:
        (sent,) = await notifications.send(["alice"], "标题", "内容", "urgent")
        message = await client.until("system_status")
        assert message["data"] == {"message": "内容", "type": "urgent", "title": "标题", "id": sent}
        assert "sequence" not in message
    await notifications.settled()
    assert await notifications.waiting("alice") == []


async def test_maintenance_is_told_once_to_who_is_here_and_to_who_comes_later(
    server: Served, notifications: Notifications
) -> None:
    root = {"Authorization": f"Bearer {token('root', role='admin')}"}
    async with chatting(server, token=token("alice")) as alice, server.client(token=token("bob")) as bob:
        body = {"message": "今晚十点停机", "message_type": "maintenance"}
        path = f"{server.address}/text2sql/broadcast"
        async with server.http.post(path, json=body, headers=root) as response:
            assert (response.status, (await response.json())["sent_to"]) == (200, 2)
        told = (await alice.until("notification"))["notification"]
        assert told["message"] == "今晚十点停机"
        assert (await bob.until("system_status"))["data"] == {
            "message": "今晚十点停机",
            "type": "maintenance",
        }
        await alice.silent()
        await notifications.settled()
    async with chatting(server, token=token("alice")) as alice:
        await alice.silent()
    async with chatting(server, token=token("carol")) as carol:
        assert (await carol.until("notification"))["notification"]["message"] == "今晚十点停机"


async def test_repeated_failed_logins_reach_administrators_and_nobody_else(server: Served) -> None:
    root, wrong = token("root", role="admin"), {"Authorization": "Bearer nonsense"}
    async with chatting(server, token=root) as admin, chatting(server, token=token("alice")) as alice:
        for _ in range(5):
            async with server.http.get(f"{server.address}/text2sql/datasources", headers=wrong) as response:
                assert response.status == 401
        told = (await admin.until("notification"))["notification"]
        assert told["type"] == "warning"
        assert "127.0.0.1" in told["message"]
        await alice.silent()


async def test_a_user_looks_his_own_up_unread_first_and_reads_them(
    server: Served, notifications: Notifications
) -> None:
    headers = {"Authorization": f"Bearer {token('alice')}"}
    first, second = [(await notifications.send(["alice"], "t", str(n)))[0] for n in range(2)]
    await notifications.send(["bob"], "t", "not yours")
    path = f"{server.address}/api/notifications"
    async with server.http.post(f"{path}/{second}/read", headers=headers) as response:
        assert (response.status, await response.json()) == (200, {"id": second, "read": True})
    async with server.http.get(path, headers=headers) as response:
        page = await response.json()
    assert [(one["id"], one["read"]) for one in page["notifications"]] == [(first, False), (second, True)]
    assert (page["total"], page["unread"]) == (2, 1)
    async with server.http.post(f"{path}/nothing/read", headers=headers) as response:
        assert response.status == 404
    async with server.http.get(f"{path}?page=0", headers=headers) as response:
        assert response.status == 422

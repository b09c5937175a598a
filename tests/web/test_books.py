"""Who asked what, what ran and what it took: for administrators all, for users their own tokens."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token


def bearer(user_id: str, role: str = "user") -> dict[str, str]:
    return {"Authorization": f"Bearer {token(user_id, role=role)}"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    settings = {
        "auth": {"mode": "jwt", "secret": SECRET},
        "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        "budget": {"tokens_per_user_per_day": 1},
    }
    async with served(tmp_path, settings) as running:
        yield running


async def got(server: Served, path: str, headers: dict[str, str], status: int = 200) -> Any:
    async with server.http.get(server.address + path, headers=headers) as response:
        assert response.status == status, await response.text()
        return await response.json()


async def test_a_question_is_in_the_books_and_its_tokens_are_its_users(server: Served) -> None:
    root = bearer("root", "admin")
    async with server.client(headers=bearer("alice")) as client:
        await client.answer("每个城市有多少订单？")
        await client.send("query_request", query="再来一次", database_config={}, options={})
        refused = (await client.until("query_error"))["data"]
    assert refused["code"] == "RESOURCE_LIMIT_EXCEEDED"
    assert "T00:00:00.000Z" in refused["error"]
    (entry,) = (await got(server, "/text2sql/audit?action=query&user_id=alice", root))["entries"]
    assert entry["detail"]["question"] == "每个城市有多少订单？"
    assert entry["detail"]["datasource"] == "shop"
    assert entry["detail"]["tokens"] > 0
    own = await got(server, "/text2sql/usage", bearer("alice"))
    (row,) = own["usage"]
    assert (row["user_id"], row["provider"]) == ("alice", "offline")
    assert own["total_tokens"] == row["total_tokens"] == entry["detail"]["tokens"]
    assert own["budget"]["tokens_per_user_per_day"] == 1
    assert (await got(server, "/text2sql/usage", bearer("bob")))["usage"] == []
    assert (await got(server, f"/text2sql/usage?day={row['day']}&user_id=alice", root))["usage"] == [row]
    assert (await got(server, "/text2sql/usage?day=2001-01-01", root))["usage"] == []


async def test_nobody_but_an_administrator_looks_at_others(server: Served) -> None:
    await got(server, "/text2sql/audit", bearer("alice"), 403)
    await got(server, "/text2sql/usage?user_id=bob", bearer("alice"), 403)
    await got(server, "/text2sql/usage?user_id=alice", bearer("alice"))


@pytest.mark.parametrize(
    "query", ["usage?day=yesterday", "usage?day=2026-02-30", "audit?limit=0", "audit?before=x"]
)
async def test_what_is_asked_wrongly_is_named(server: Served, query: str) -> None:
    body = await got(server, f"/text2sql/{query}", bearer("root", "admin"), 422)
    assert body["error"]["code"] == "INVALID_MESSAGE"
    assert query.split("?")[1].split("=")[0] in body["error"]["message"]

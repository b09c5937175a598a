"""A client is cut off in the middle of a query, wherever one can be, and has the whole transcript."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import aiohttp
import pytest

from tests.support.model_server import ModelServer, Reasoning, Step
from tests.support.proxy import Proxy
from tests.support.serving import ENDINGS, Client, Message, Served, make_shop, served

SQL = "SELECT id, amount FROM orders"
SAID = ["```sql\n", "SELECT id, ", "amount ", "FROM ", "orders", "\n```"]
MIB = 1 << 20
ROWS = 300_000

How = Literal["reset", "cut", "stall"]


def paced(*steps: Step) -> Iterator[Step]:
    """Each step a little after the one before, so that the client sees them one by one."""
    loop = asyncio.get_running_loop()
    for step in steps:
        due = asyncio.Event()
        loop.call_later(0.002, due.set)
        yield due
        yield step


def script(body: dict[str, Any]) -> Iterator[Step]:
    if len(body["messages"]) and "orders" in body["messages"][-1]["content"]:
        return paced("一千", "个", "订单", "。")
    return paced(Reasoning("看"), Reasoning("订单"), *SAID)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with ModelServer(script) as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "limits": {"connections_per_user": 1000},
        }
        async with served(tmp_path, settings) as running:
            yield running


def told(messages: list[Message]) -> dict[str, Any]:
    """What a transcript says, however its deltas were joined and its progress was thinned."""
    stages: list[str] = []
    tokens: dict[str, str] = {}
    rows: list[Any] = []
    for message in messages:
        data = message["data"]
        match message["type"]:
            case "query_progress" if data["progress"]["stage"] not in stages:
                stages.append(data["progress"]["stage"])
            case "query_token":
                tokens[data["kind"]] = tokens.get(data["kind"], "") + data["delta"]
            case "query_result":
                assert data["row_offset"] == len(rows)
                rows += data["rows"]
    ending = messages[-1]["data"]
    answer = {name: ending[name] for name in ("sql", "results", "explanation", "visualization", "warnings")}
    return {"stages": stages, "tokens": tokens, "rows": rows, "sql": sum_of(messages), "answer": answer}


def sum_of(messages: list[Message]) -> list[str]:
    return [message["data"]["sql"] for message in messages if message["type"] == "query_sql"]


async def until_the_end(client: Client) -> None:
    while (await client.next())["type"] not in ENDINGS:
        pass


async def interrupted(server: Served, after: int, how: How) -> tuple[list[Message], bool]:
    """Ask through a proxy that fails after so many messages, come back; the transcript, and if it was cut."""
    async with Proxy(int(server.address.rsplit(":", 1)[1])) as network:
        through = Served(f"http://127.0.0.1:{network.port}", server.http)
        async with through.client(session_id=f"{how}-{after}") as client:
            await client.send("query_request", query="所有订单", options={"chunk_rows": 200})
            while len(client.seen) - 1 < after and client.seen[-1]["type"] not in ENDINGS:
                await client.next()
            {"reset": network.reset, "cut": network.cut, "stall": network.stall}[how]()
            seen = client.seen[1:]
            was_cut = not seen or seen[-1]["type"] not in ENDINGS
            claim = {"session_id": f"{how}-{after}", "last_sequence": str(len(seen))}
            async with server.client(**claim, epoch=client.seen[0]["data"]["epoch"]) as back:
                assert back.seen[0]["data"]["resumed"] is True, back.seen[0]
                if was_cut:
                    await until_the_end(back)
            network.reset()
            await _read_out(client.ws)
    return seen + back.seen[1:], was_cut


async def _read_out(ws: aiohttp.ClientWebSocketResponse) -> None:
    while (await ws.receive()).type is aiohttp.WSMsgType.TEXT:
        pass


@pytest.mark.parametrize(("how", "step"), [("reset", 1), ("cut", 5), ("stall", 5)])
async def test_whoever_is_cut_off_at_any_message_has_the_whole_transcript(
    server: Served, how: How, step: int
) -> None:
    async with server.client() as client:
        whole = told(await client.answer("所有订单", chunk_rows=200))
    assert len(whole["rows"]) == 1000
    assert whole["tokens"]["sql"] == "".join(SAID)
    after, was_cut = 1, True
    while was_cut:
        messages, was_cut = await interrupted(server, after, how)
        assert [message["sequence"] for message in messages] == list(range(1, len(messages) + 1))
        assert told(messages) == whole
        after += step
    assert after > 25, "cut at every message of a query of some length"


async def test_away_in_the_middle_of_many_rows_costs_little(tmp_path: Path) -> None:
    """The query stands still while nobody reads, and goes on to its last row when the client is back."""
    async with ModelServer() as model:
        shop = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db")), "max_rows": ROWS}
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": shop},
        }
        query = "SELECT a.id, b.amount, a.made_on FROM orders a, orders b"
        async with served(tmp_path, settings) as server:
            async with server.client(session_id="s1") as client:
                await client.send("query_request", query=query, options={"explain": False})
                await client.until("query_result")
                last = client.seen[-1]["sequence"]
                before = resident_bytes()
            await asyncio.sleep(1.0)  # as much as the query can do while nobody reads
            grown = resident_bytes() - before
            assert grown < 16 * MIB, f"grew by {grown / MIB:.1f} MiB"
            rows = sum(len(m["data"]["rows"]) for m in client.seen if m["type"] == "query_result")
            async with server.client(session_id="s1", last_sequence=str(last)) as back:
                assert back.seen[0]["data"]["resumed"] is True
                while (message := await back.next())["type"] not in ENDINGS:
                    assert message["sequence"] == last + 1
                    last += 1
                    if message["type"] == "query_result":
                        rows += len(message["data"]["rows"])
                    back.seen.clear()
            assert message["type"] == "query_complete"
            assert rows == message["data"]["results"]["row_count"] == ROWS


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

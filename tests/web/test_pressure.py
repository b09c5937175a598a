"""A client that stops reading slows down its own queries and nobody else's, and is dropped in the end."""

import asyncio
import resource
from pathlib import Path

from tests.support.model_server import ModelServer
from tests.support.serving import make_shop, served

ENDLESS = "SELECT a.id, b.amount, c.amount AS more FROM orders a, orders b, orders c, orders d"
MIB = 1 << 20


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


async def test_who_stops_reading_costs_little_and_is_dropped(tmp_path: Path) -> None:
    async with ModelServer() as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "limits": {"slow_client_timeout": 1, "outbox_bytes": 65_536},
        }
        async with served(tmp_path, settings) as server:
            async with server.client(session_id="stopped") as stopped, server.client() as lively:
                await lively.answer("SELECT 1 AS one FROM cities")
                await stopped.ask(ENDLESS)
                await stopped.until("query_result")
                before = peak_bytes()
                loop = asyncio.get_running_loop()
                slowest = 0.0
                until = loop.time() + 15
                while (await server.get("/text2sql/connections"))["total_connections"] > 1:
                    started = loop.time()
                    assert started < until, "the one that stopped should be dropped by now"
                    await lively.send("heartbeat")
                    await lively.until("heartbeat")
                    slowest = max(slowest, loop.time() - started)
                assert peak_bytes() - before < 32 * MIB
                assert slowest < 0.5
            # Its session is still there: who comes back resumes, and can stop what it asked for.
            async with server.client(session_id="stopped") as back:
                ack = back.seen[0]["data"]
                assert ack["resumed"] is True
                (known,) = ack["queries"]
                assert known["status"] == "running"
                await back.send("query_cancel", query_id=known["query_id"])
                await back.until("query_cancel")


async def test_rows_of_one_query_do_not_hold_up_another(tmp_path: Path) -> None:
    async with ModelServer() as model:
        settings = {
            "llm": {"providers": {"main": {"base_url": model.base_url, "model": "m"}}},
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
        }
        async with served(tmp_path, settings) as server, server.client() as client:
            flood = await client.ask(ENDLESS)
            await client.until("query_result")
            messages = await client.answer("SELECT name FROM cities")
            assert messages[-1]["type"] == "query_complete"
            await client.send("query_cancel", query_id=flood)
            await client.until("query_cancel")

"""A mail server that is dead, then silent, then well: no answer waits for it, and no mail is lost."""

import asyncio
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from tests.support.mail_server import PASSWORD, mail_server
from tests.support.serving import make_shop, served
from text2sql_ws import deliveries

NOTIFY = "/api/v1/websocket/notify"


async def test_a_slow_or_dead_mail_server_delays_no_answer_and_loses_no_mail(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(deliveries, "FIRST_RETRY_SECONDS", 0.1)
    async with mail_server() as mail:
        settings = {
            "datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}},
            "notifications": {"email": [mail.url], "timeout": 90, "attempts": 100},
        }
        await mail.die()
        with capture_logs() as logged:
            async with served(tmp_path, settings) as server, server.client() as client:
                for title in ("dead", "silent"):
                    mail.silent = title == "silent"
                    if mail.silent:
                        await mail.open()
                    await server.post(
                        NOTIFY, {"all": True, "title": title, "message": "m", "channels": ["email"]}
                    )
                    answer = await client.answer("每个城市有多少订单？")
                    assert answer[-1]["type"] == "query_complete"
                async with asyncio.timeout(15):
                    while not mail.visits:
                        await asyncio.sleep(0.02)
                assert (await client.answer("有多少订单？"))[-1]["type"] == "query_complete"
                assert mail.mails == []  # an attempt hangs, and still does
                mail.silent = False
                mail.let_go()
                await mail.until(2)
                async with asyncio.timeout(10):
                    while sum(entry["event"] == "delivered" for entry in logged) < 2:
                        await asyncio.sleep(0.02)
    assert sorted(subject for subject, _ in mail.mails) == ["dead", "silent"]
    assert any(entry["event"] == "delivery_failed" for entry in logged)
    assert PASSWORD not in repr(logged)


async def test_a_channel_without_services_is_a_422(tmp_path: Path) -> None:
    settings = {"datasources": {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}}}
    async with served(tmp_path, settings) as server:
        body = {"all": True, "title": "t", "message": "m", "channels": ["email"]}
        refused = await server.post(NOTIFY, body, status=422)
        assert "email" in refused["error"]["message"]

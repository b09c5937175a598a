"""What Prometheus is told agrees with what happened, and names nobody."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.paths import ROOT
from tests.support.serving import Served, make_shop, served
from tests.support.tokens import SECRET, token
from text2sql_ws.metrics import Metrics

UP = {("text2sql_up", (("name", name), ("service", "datasource"))) for name in ("shop", "gone")}

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    shop = {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}
    async with served(tmp_path, {"datasources": {"shop": shop}}) as running:
        yield running


async def scraped(server: Served, headers: dict[str, str] | None = None) -> Samples:
    async with server.http.get(server.address + "/metrics", headers=headers) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        text = await response.text()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_query_is_counted_with_its_stages_rows_and_bytes(server: Served) -> None:
    async with server.client() as client:
        await client.answer("SELECT id, name FROM cities")
        during = await scraped(server)
        assert during["text2sql_connections", (("dialect", "text2sql"),)] == 1
    completed = (("code", ""), ("ending", "completed"), ("stage", "completed"))
    assert during["text2sql_queries_total", completed] == 1
    assert during["text2sql_rows_total", (("datasource", "shop"),)] == 3
    assert during["text2sql_row_bytes_total", (("datasource", "shop"),)] > 10
    assert during["text2sql_stage_seconds_count", (("stage", "executing_sql"),)] == 1
    assert during["text2sql_pool_size", (("datasource", "shop"),)] == 8
    assert during["text2sql_messages_received_total", ()] == 1


async def test_a_failure_is_counted_under_its_code_and_stage(server: Served) -> None:
    async with server.client() as client:
        await client.answer("DROP TABLE cities")
    samples = await scraped(server)
    failed = (("code", "SQL_NOT_READ_ONLY"), ("ending", "failed"), ("stage", "validating_sql"))
    assert samples["text2sql_queries_total", failed] == 1


async def test_what_has_gone_is_not_counted_as_here(server: Served) -> None:
    async with server.client():
        pass
    samples = await scraped(server)
    assert samples["text2sql_connections", (("dialect", "text2sql"),)] == 0
    assert samples["text2sql_connections_opened_total", (("dialect", "text2sql"),)] == 1
    assert samples["text2sql_sessions", ()] == 1


async def test_the_event_loops_lag_is_taken(server: Served) -> None:
    while (await scraped(server))["text2sql_event_loop_lag_seconds_count", ()] < 1:
        pass


async def test_what_answers_is_up_from_the_first_look_on_and_what_does_not_is_down(tmp_path: Path) -> None:
    gone = {"type": "sqlite", "path": str(tmp_path / "gone" / "shop.db")}
    sources = {"shop": {"type": "sqlite", "path": str(make_shop(tmp_path / "shop.db"))}, "gone": gone}
    settings = {"datasources": sources, "monitor": {"probe_interval": 0.05, "probe_failures": 1000}}
    async with served(tmp_path, settings) as server:
        async with asyncio.timeout(20):
            while not (seen := await scraped(server)).keys() >= UP:
                await asyncio.sleep(0.05)
        assert {labels[0][1]: seen[name, labels] for name, labels in UP} == {"shop": 1, "gone": 0}


async def test_users_and_proxies_need_an_administrators_token(tmp_path: Path) -> None:
    async with served(tmp_path, {"auth": {"mode": "jwt", "secret": SECRET}}) as server:
        assert await scraped(server)
        forwarded = {"X-Forwarded-For": "192.0.2.7"}
        for headers, status in (
            (forwarded, 401),
            (forwarded | {"Authorization": f"Bearer {token()}"}, 403),
            (forwarded | {"Authorization": f"Bearer {token(role='admin')}"}, 200),
        ):
            async with server.http.get(server.address + "/metrics", headers=headers) as response:
                assert response.status == status


def test_the_dashboard_asks_for_what_there_is() -> None:
    dashboard = orjson.loads((ROOT / "config" / "grafana.json").read_bytes())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\btext2sql_\w+", target["expr"])
    }
    exposed = {
        name
        for family in Metrics().families()
        for name in (family.name, f"{family.name}_total", f"{family.name}_bucket")
    }
    assert len(asked) > 12
    assert asked <= exposed

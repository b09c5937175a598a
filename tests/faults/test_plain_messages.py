"""Whatever a client of `plain` sends is answered in its own words: no traceback, no 1011, and it stays.

As `test_messages.py` for `text2sql`; so many messages as `MESSAGES` in the environment says.
"""

from pathlib import Path

from structlog.testing import capture_logs

from tests.faults.bench import bench
from tests.faults.test_messages import BATCH, MESSAGES, Writer, _dumped
from tests.support.plain_client import PlainClient, plain_client

KINDS = ("query", "query", "query", "cancel", "nope")
FIELDS = ("query", "return_result", "datasource", "type", "data", "stream")
FORESEEN = (
    "正在", "最终SQL语句: ", "SQL查询", "模型重写的SQL内容: ", "重写后的SQL", "SQL语句生成失败", "{",
    "查询已取消", "查询处理过程中发生异常: ", "请求格式错误: ", "没有正在执行的查询", "请求过于频繁",
    "DONE", "```sql", "SELECT",
)  # fmt: skip


class FlatWriter(Writer):
    """Messages whose fields stand beside their type."""

    def _envelope(self) -> str:
        kind = self._random.choice(self._kinds) if self._random.random() < 0.9 else self._value(2)
        return _dumped(self._object(3) | {"type": kind})


async def test_any_message_is_answered_and_nobody_falls(tmp_path: Path) -> None:
    limits = {"rate_strikes": 1_000_000, "messages_per_minute": 10_000_000, "waiting_questions": 5}
    async with bench(tmp_path, limits=limits) as standing:
        writer = FlatWriter(2026, KINDS, FIELDS)
        with capture_logs() as logged:
            async with plain_client(standing.server) as client:
                for batch in range(MESSAGES // BATCH):
                    for _ in range(BATCH):
                        await client.send(writer.message())
                    await answered(client, f"the end of batch {batch}")
                await own_turn(client)
            await standing.is_free(10)
        assert [line for line in logged if line["log_level"] in ("error", "critical")] == []


async def answered(client: PlainClient, end: str) -> None:
    """A message that is told apart is refused; what comes before it is in the dialect's words."""
    await client.send({"type": end})
    for frame in await client.until(f"请求格式错误: 未知的消息类型：{end}"):
        assert frame.startswith(FORESEEN), frame
    client.heard.clear()


async def own_turn(client: PlainClient) -> None:
    """When what waits has been told, a question is answered as ever."""
    await client.ask("SELECT name FROM cities ORDER BY id", return_result=True)
    while not (await client.next()).endswith('"result":[{"name":"上海"},{"name":"北京"},{"name":"广州"}]}'):
        if client.heard[-1].startswith("查询处理过程中发生异常: 已有"):  # too many wait still
            await client.ask("SELECT name FROM cities ORDER BY id", return_result=True)

"""What a client has heard the end of outlives the process, however that ends."""

import signal
from pathlib import Path

import aiohttp

from tests.support.process import started
from tests.support.scm_client import scm_client, words
from tests.support.serving import Served, make_shop


async def test_a_conversation_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    config = (
        '[server]\nport = 0\n[storage]\nurl = "sqlite:///own.db"\n'
        f'[datasources.shop]\ntype = "sqlite"\npath = "{make_shop(tmp_path / "shop.db")}"\n'
    )
    async with aiohttp.ClientSession() as http:
        async with started(config, tmp_path) as process:
            await process.ready()
            async with scm_client(Served(process.address, http)) as client:
                await client.say("库存周转率是什么？")
                process.send(signal.SIGKILL)
                await process.ended(5)
        async with started(config, tmp_path) as process:
            await process.ready()
            async with scm_client(Served(process.address, http)) as client:
                said = await client.call("SESSION_MESSAGES", conversationId="session001")
                assert [one["role"] for one in said["messages"]] == ["user", "assistant"]
                assert "库存周转率是什么" in words(await client.say("我刚才问了什么？"))

"""The clients that the source document of `scm` describes, in their message flow: both work unchanged.

One is a page's component: it keeps a list of questions and answers, takes one question at a time, and knows
neither conversations nor message ids. The other beats, and asks for a whole answer.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.model_server import Script, Status
from tests.support.scm_client import ADDRESS
from tests.support.serving import Message, Served
from tests.support.tokens import SECRET, token
from tests.web.test_scm import place

TIMESTAMP = "2025-01-12T10:30:00.000Z"


class Component:
    """The page's component: what it holds is what its page shows."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self.messages: list[dict[str, str]] = []
        self.is_streaming = False
        self.shown_errors: list[str] = []
        self.greeted: list[str] = []
        self.unheard: list[str] = []
        self._said = ""

    async def send(self, text: str) -> None:
        if not text.strip() or self.is_streaming:
            return
        self.messages.append({"question": text, "answer": ""})
        data = {"message": text, "streaming": True, "model": "gpt-4", "provider": "openai"}
        await self._ws.send_json(
            {
                "type": "CHAT_REQUEST",
                "sessionId": "session-1",
                "userId": "user001",
                "data": data,
                "timestamp": TIMESTAMP,
            }
        )

    async def hear_until(self, *kinds: str) -> None:
        while True:
            message = await self._ws.receive_json(timeout=20)
            self._hear(message)
            if message["type"] in kinds:
                return

    def _hear(self, message: Message) -> None:
        match message["type"]:
            case "SYSTEM_MESSAGE":
                self.greeted.append(message["data"]["message"])
            case "CHAT_STREAM_START":
                self.is_streaming, self._said = True, ""
            case "CHAT_STREAM_DATA":
                self._said += message["data"]["content"]
                self.messages[-1]["answer"] = self._said
            case "CHAT_STREAM_END":
                self.is_streaming = False
            case "CHAT_RESPONSE":
                self.is_streaming = False
                self.messages[-1]["answer"] = message["data"]["content"]
            case "ERROR":
                self.is_streaming = False
                self.shown_errors.append("错误: " + message["data"])
            case other:
                self.unheard.append(other)


@asynccontextmanager
async def component(server: Served) -> AsyncIterator[Component]:
    """Connected as the document has it: ids in the address, the token as a subprotocol."""
    address = f"{server.address}{ADDRESS}?userId=user001&sessionId=session-1"
    async with server.http.ws_connect(address, protocols=("Bearer", token("user001"))) as ws:
        yield Component(ws)


@asynccontextmanager
async def guarded(folder: Path, script: Script) -> AsyncIterator[Served]:
    async with place(folder, script, auth={"mode": "jwt", "secret": SECRET}) as here:
        yield here.server


async def test_the_component_shows_answers_as_they_come(tmp_path: Path) -> None:
    async with guarded(tmp_path, [["供应链", "管理"], ["第二个"]]) as server, component(server) as page:
        await page.send("请解释一下供应链管理的核心概念")
        await page.hear_until("CHAT_STREAM_START")
        assert page.is_streaming
        await page.send("太早了")
        await page.hear_until("CHAT_STREAM_END")
        assert not page.is_streaming
        await page.send("还有呢")
        await page.hear_until("CHAT_STREAM_END")
        assert [one["answer"] for one in page.messages] == ["供应链管理", "第二个"]
        assert len(page.greeted) == 1
        assert page.shown_errors == []
        assert set(page.unheard) == {"CONNECT", "WARNING"}


async def test_the_component_shows_an_error_as_text_and_can_ask_again(tmp_path: Path) -> None:
    script = [[Status(500, {"error": {"message": "overloaded"}})], ["好了"]]
    async with guarded(tmp_path, script) as server, component(server) as page:
        await page.send("你好")
        await page.hear_until("CHAT_STREAM_END")
        assert len(page.shown_errors) == 1
        assert not page.is_streaming
        await page.send("你好")
        await page.hear_until("CHAT_STREAM_END")
        assert page.messages[-1]["answer"] == "好了"


@pytest.mark.parametrize("way", ["address", "header", "subprotocol"])
async def test_the_plain_client_beats_and_asks_for_a_whole_answer(tmp_path: Path, way: str) -> None:
    shown = token("user001")
    address = f"{ADDRESS}?userId=user001&sessionId=session001"
    options: dict[str, Any] = {
        "address": {},
        "header": {"headers": {"Authorization": f"Bearer {shown}"}},
        "subprotocol": {"protocols": (shown,)},
    }[way]
    async with guarded(tmp_path, [["库存", "优化"]]) as server:
        url = server.address + address + (f"&token={shown}" if way == "address" else "")
        async with server.http.ws_connect(url, **options) as ws:
            await ws.send_json({"type": "HEARTBEAT", "sessionId": "session001", "timestamp": TIMESTAMP})
            heard = [await ws.receive_json(timeout=20) for _ in range(3)]
            assert [one["type"] for one in heard] == ["CONNECT", "SYSTEM_MESSAGE", "HEARTBEAT"]
            data = {"message": "什么是供应链优化？", "streaming": False, "model": "m1", "provider": "main"}
            request = {"type": "CHAT_REQUEST", "sessionId": "session001", "userId": "user001", "data": data}
            await ws.send_json(request | {"timestamp": TIMESTAMP})
            answer = await ws.receive_json(timeout=20)
            assert (answer["type"], answer["data"]["content"]) == ("CHAT_RESPONSE", "库存优化")

"""The built-in offline model as an OpenAI-compatible endpoint: `POST /offline/v1/chat/completions`.

The service asks it through the same client as any other model, and so may anyone else.
"""

import asyncio
import time
import uuid
from typing import Any, Literal

import orjson
from aiohttp import web
from pydantic import Field

from text2sql_ws.dialects.incoming import Incoming, read, read_json
from text2sql_ws.errors import Fault
from text2sql_ws.llm.model import Message
from text2sql_ws.llm.offline import MODEL, Reply, answer, pieces
from text2sql_ws.web.bodies import read_text
from text2sql_ws.web.errors import json_response


class _Message(Incoming):
    role: Literal["system", "developer", "user", "assistant"]
    content: str


class _StreamOptions(Incoming):
    include_usage: bool = False


class Completion(Incoming):
    messages: list[_Message] = Field(min_length=1)
    stream: bool = False
    stream_options: _StreamOptions | None = None


async def models(_: web.Request) -> web.Response:
    return json_response(
        {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "text2sql-ws"}]}
    )


async def chat_completions(request: web.Request) -> web.StreamResponse:
    try:
        body = read(Completion, read_json(await read_text(request)))
    except Fault as fault:
        return _refusal(fault)
    reply = answer([_as_message(message) for message in body.messages])
    usage = _usage(body.messages, reply)
    if not body.stream:
        return json_response(_whole(reply, usage))
    wants_usage = body.stream_options is not None and body.stream_options.include_usage
    return await _stream(request, reply, usage if wants_usage else None)


async def _stream(request: web.Request, reply: Reply, usage: dict[str, int] | None) -> web.StreamResponse:
    """One event a piece. Each write may wait for the reader, so a client that left stops it."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    identity = _identity("chat.completion.chunk")
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in pieces(reply.reasoning)]
    deltas += [{"content": piece} for piece in pieces(reply.content)]
    for delta in deltas:
        await _send(response, identity | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
        await asyncio.sleep(0)
    await _send(response, identity | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if usage is not None:
        await _send(response, identity | {"choices": [], "usage": usage})
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def _send(response: web.StreamResponse, event: dict[str, Any]) -> None:
    await response.write(b"data: " + orjson.dumps(event) + b"\n\n")


def _as_message(message: _Message) -> Message:
    return Message("system" if message.role == "developer" else message.role, message.content)


def _whole(reply: Reply, usage: dict[str, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.content, "reasoning_content": reply.reasoning}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _identity("chat.completion") | {"choices": [choice], "usage": usage}


def _identity(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


def _usage(messages: list[_Message], reply: Reply) -> dict[str, int]:
    """Counted in the pieces that this model deals in: it has no tokens."""
    prompt = sum(1 for message in messages for _ in pieces(message.content))
    completion = sum(1 for text in (reply.reasoning, reply.content) for _ in pieces(text))
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _refusal(fault: Fault) -> web.Response:
    error = {"message": fault.message.en, "type": "invalid_request_error", "code": fault.code.value}
    return json_response({"error": error}, 400)


ROUTES = (
    web.get("/offline/v1/models", models),
    web.post("/offline/v1/chat/completions", chat_completions),
)

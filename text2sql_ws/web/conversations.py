"""`/api/conversations`: a user's conversations with databases, models and people, for who shows a history.

Each address finds a conversation among the user's own and the chats that were shared with them, or answers
404, so nobody learns that another's exists. Whom a chat was shared with may read it; its owner may change it.
The bodies are written down in `docs/http.md`.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from pydantic import Field

from text2sql_ws.clock import iso
from text2sql_ws.conversations import PAGE_SIZE
from text2sql_ws.dialects.incoming import Incoming, read, read_json
from text2sql_ws.errors import Code, Fault
from text2sql_ws.messages import Conversation, Message, Space
from text2sql_ws.texts import Locale, say
from text2sql_ws.web.bodies import read_text
from text2sql_ws.web.chat import ANONYMOUS
from text2sql_ws.web.errors import json_response, locale_of
from text2sql_ws.web.export import disposition, write_in_time
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.markdown import as_markdown
from text2sql_ws.web.middleware import SECURITY_HEADERS

SPACES: tuple[Space, ...] = ("ask", "scm", "chat")
SNIPPET_CHARS = 120
MATCHES = 3
"""Messages that are shown of each conversation that a search found."""

MOST_PAGES = 1_000_000
LONGEST_SEARCH = 200


class Renaming(Incoming):
    title: str = Field(min_length=1, max_length=200)


async def listing(request: web.Request) -> web.Response:
    kept, who = request.app[HOUSE].conversations, _who(request)
    spaces, name = _spaces(request), request.query.get("conversation_id", "")[:LONGEST_SEARCH]
    text = request.query.get("q", "").strip()[:LONGEST_SEARCH]
    page = _number(request, "page", 1, MOST_PAGES)
    size = _number(request, "page_size", 20, PAGE_SIZE)
    found, total = await kept.page(spaces, who.id, page, size, text, name=name, in_chat=who.in_chat)
    bodies = [_conversation_body(conversation) for conversation in found]
    if text:
        for conversation, body in zip(found, bodies, strict=True):
            hits = await kept.search(spaces, who.id, text, MATCHES, [conversation], in_chat=who.in_chat)
            body["matches"] = [_match_body(message, text) for _, message in hits]
    return json_response({"conversations": bodies, "total": total, "page": page, "page_size": size})


async def one(request: web.Request) -> web.Response:
    conversation = await _readable(request)
    before = _number(request, "before", 0, 2**53) or None
    limit = _number(request, "limit", PAGE_SIZE, PAGE_SIZE)
    kept = request.app[HOUSE].conversations
    found = await kept.messages(conversation, before=before, limit=limit + 1)
    shown = [_message_body(message) for message in found[-limit:]]
    return json_response(
        _conversation_body(conversation) | {"messages": shown, "has_more": len(found) > limit}
    )


async def rename(request: web.Request) -> web.Response:
    conversation = await _own(request)
    title = read(Renaming, read_json(await read_text(request))).title.strip()
    if not title:
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="title", why=say("field.missing")))
    return json_response(
        _conversation_body(await request.app[HOUSE].conversations.rename(conversation, title))
    )


async def delete(request: web.Request) -> web.Response:
    conversation, house = await _own(request), request.app[HOUSE]
    await house.conversations.delete(conversation)
    if conversation.space == "chat":
        house.chat.dissolve(conversation)
    return json_response({"id": conversation.id, "deleted": True})


async def export(request: web.Request) -> web.StreamResponse:
    """The whole of it as a file, read and sent a page at a time."""
    conversation, wanted = await _readable(request), request.query.get("format", "markdown")
    if wanted not in FORMATS:
        why = say("field.one_of", known=", ".join(FORMATS))
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="format", why=why))
    content_type, suffix = FORMATS[wanted]
    headers = {
        "Content-Type": content_type,
        "Content-Disposition": disposition(conversation.title, suffix),
        "Cache-Control": "no-store",
    }
    pieces = PIECES[wanted](conversation, _pages(request, conversation), locale_of(request))
    first = await anext(pieces)  # what fails before the first byte is answered as any error
    response = web.StreamResponse(headers=SECURITY_HEADERS | headers)
    seconds = request.app[HOUSE].settings.limits.slow_client_timeout
    await response.prepare(request)
    try:
        await write_in_time(response, first.encode(), seconds)
        async for piece in pieces:
            await write_in_time(response, piece.encode(), seconds)
    except Fault:
        if request.transport is not None:
            request.transport.abort()  # without its end a response is not taken for whole
        raise
    await response.write_eof()
    return response


FORMATS: Mapping[str, tuple[str, str]] = {
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "json": ("application/json; charset=utf-8", "json"),
}

Pages = AsyncIterator[Sequence[Message]]


async def _pages(request: web.Request, conversation: Conversation) -> Pages:
    kept, position = request.app[HOUSE].conversations, 0
    while found := await kept.messages(conversation, after=position):
        yield found
        position = found[-1].position


async def _markdown(conversation: Conversation, pages: Pages, locale: Locale) -> AsyncIterator[str]:
    head, is_shared = f"# {conversation.title or conversation.name}\n", conversation.space == "chat"
    async for page in pages:
        yield head + "".join(as_markdown(message, locale, is_shared) for message in page)
        head = ""
    if head:
        yield head


async def _json(conversation: Conversation, pages: Pages, _: Locale) -> AsyncIterator[str]:
    before = orjson.dumps(_conversation_body(conversation)).decode()[:-1] + ',"messages":['
    async for page in pages:
        yield before + ",".join(orjson.dumps(_message_body(message)).decode() for message in page)
        before = ","
    yield ("" if before == "," else before) + "]}\n"


PIECES: Mapping[str, Callable[[Conversation, Pages, Locale], AsyncIterator[str]]] = {
    "markdown": _markdown,
    "json": _json,
}


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks: where nobody logs in, chats know everybody by another name."""

    id: str
    in_chat: str


def _who(request: web.Request) -> Who:
    doorman = request.app[DOORMAN]
    return Who(doorman.user(request).id, doorman.call(request, ANONYMOUS).id)


async def _readable(request: web.Request) -> Conversation:
    return await _found(request, _who(request))


async def _found(request: web.Request, who: Who) -> Conversation:
    wanted = request.match_info["id"][:64]
    return await request.app[HOUSE].conversations.get(SPACES, who.id, wanted, in_chat=who.in_chat)


async def _own(request: web.Request) -> Conversation:
    """Raises `Fault` SESSION_NOT_FOUND also for one that was shared with whoever asks."""
    who = _who(request)
    conversation = await _found(request, who)
    if conversation.space == "chat" and conversation.owner_id != who.in_chat:
        raise Fault(Code.SESSION_NOT_FOUND, say("chat.not_owners", name=conversation.name[:100]))
    return conversation


def _spaces(request: web.Request) -> Sequence[Space]:
    """All, or the one that is named. Raises `Fault` INVALID_MESSAGE."""
    wanted = request.query.get("space")
    if wanted is None:
        return SPACES
    found = [space for space in SPACES if space == wanted]
    if not found:
        why = say("field.one_of", known=", ".join(SPACES))
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="space", why=why))
    return found


def _conversation_body(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "space": conversation.space,
        "conversation_id": conversation.name,
        "owner_id": conversation.owner_id,
        "title": conversation.title,
        "created_at": iso(conversation.created_at),
        "updated_at": iso(conversation.updated_at),
        "message_count": conversation.message_count,
    }


def _message_body(message: Message) -> dict[str, Any]:
    said = message.said
    return {
        "id": message.id,
        "parent_id": said.parent_id,
        "position": message.position,
        "role": said.role,
        "user_id": said.author_id or None,
        "content": said.content,
        "sql": said.sql,
        "results": said.results,
        "visualization": said.visualization,
        "status": said.status,
        "tokens": said.tokens,
        "created_at": iso(message.created_at),
    }


def _match_body(message: Message, text: str) -> dict[str, Any]:
    said = message.said
    held = said.content if text.lower() in said.content.lower() else said.sql or said.content
    return {
        "message_id": message.id,
        "role": said.role,
        "snippet": _snippet(held, text),
        "created_at": iso(message.created_at),
    }


def _snippet(whole: str, text: str) -> str:
    """The words round the first place where `text` stands, on one line."""
    line = " ".join(whole.split())
    at = max(line.lower().find(text.lower()), 0)
    start = max(at - (SNIPPET_CHARS - len(text)) // 2, 0)
    piece = line[start : start + SNIPPET_CHARS]
    return ("…" if start else "") + piece + ("…" if start + SNIPPET_CHARS < len(line) else "")


def _number(request: web.Request, field: str, default: int, most: int) -> int:
    """A whole number of the address's query, from 1. Raises `Fault` INVALID_MESSAGE."""
    given = request.query.get(field, "")
    if not given:
        return default
    if not re.fullmatch(r"\d{1,16}", given, re.ASCII) or not 1 <= int(given) <= most:
        why = say("field.whole_number", most=most)
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field=field, why=why))
    return int(given)


ROUTES = (
    web.get("/api/conversations", listing),
    web.get("/api/conversations/{id}", one),
    web.patch("/api/conversations/{id}", rename),
    web.delete("/api/conversations/{id}", delete),
    web.get("/api/conversations/{id}/export", export, allow_head=False),
)

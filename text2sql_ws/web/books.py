"""`/text2sql/audit` and `/text2sql/usage`: who asked what and what ran, and the tokens it took."""

import re
from datetime import date

from aiohttp import web

from text2sql_ws.auditing import PAGE_SIZE, Record
from text2sql_ws.clock import iso
from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say
from text2sql_ws.usage import Used
from text2sql_ws.web.errors import json_response
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.numbers import number_of
from text2sql_ws.web.roles import require_admin


async def audited(request: web.Request) -> web.Response:
    """`?user_id=`, `?action=`; `?before=` goes on with what the answer before called `next`."""
    require_admin(request)
    limit, before = number_of(request, "limit", 50, PAGE_SIZE), number_of(request, "before", 0, 2**53) or None
    asked = request.query
    records = await request.app[HOUSE].audit.page(
        limit, before, asked.get("user_id") or None, asked.get("action") or None
    )
    following = records[-1].id if len(records) == limit else None
    return json_response({"entries": [_record_body(record) for record in records], "next": following})


async def usage(request: web.Request) -> web.Response:
    """A user's own; an administrator's `?user_id=`, or all."""
    house, user = request.app[HOUSE], request.app[DOORMAN].user(request)
    user_id = (request.query.get("user_id") or None) if user.is_admin else user.id
    if not user.is_admin and request.query.get("user_id", user.id) != user.id:
        require_admin(request)
    found = await house.usage.page(_day(request), user_id)
    total = sum(one.prompt_tokens + one.completion_tokens for one in found)
    bodies = [_used_body(one) for one in found]
    return json_response({"usage": bodies, "total_tokens": total, "budget": house.budget.state(user.id)})


def _day(request: web.Request) -> date | None:
    given = request.query.get("day", "")
    if not given:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
            raise ValueError
        return date.fromisoformat(given)
    except ValueError:
        why = say("field.day")
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field="day", why=why)) from None


def _record_body(record: Record) -> dict[str, object]:
    return {
        "id": record.id,
        "at": iso(record.at),
        "user_id": record.user_id,
        "action": record.action,
        "subject": record.subject,
        "detail": record.detail,
    }


def _used_body(one: Used) -> dict[str, object]:
    return {
        "day": one.day.isoformat(),
        "user_id": one.user_id,
        "provider": one.provider,
        "model": one.model,
        "calls": one.calls,
        "prompt_tokens": one.prompt_tokens,
        "completion_tokens": one.completion_tokens,
        "total_tokens": one.prompt_tokens + one.completion_tokens,
    }


ROUTES = (web.get("/text2sql/audit", audited), web.get("/text2sql/usage", usage))

"""`/api/notifications`: a user's own notifications; the bodies are written down in `docs/http.md`."""

from aiohttp import web

from text2sql_ws.clock import iso
from text2sql_ws.notifications import PAGE_SIZE, Notification
from text2sql_ws.web.errors import json_response
from text2sql_ws.web.keys import DOORMAN, HOUSE
from text2sql_ws.web.numbers import number_of

MOST_PAGES = 1_000_000
ANONYMOUS = "anonymous"


async def listing(request: web.Request) -> web.Response:
    """Unread first, then the latest first."""
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, ANONYMOUS)
    page, size = number_of(request, "page", 1, MOST_PAGES), number_of(request, "page_size", 20, PAGE_SIZE)
    found, total, unread = await house.notifications.page(user.id, page, size, user.is_admin)
    bodies = [body_of(one) for one in found]
    whole = {"notifications": bodies, "total": total, "unread": unread, "page": page, "page_size": size}
    return json_response(whole)


async def read(request: web.Request) -> web.Response:
    house, user = request.app[HOUSE], request.app[DOORMAN].call(request, ANONYMOUS)
    notification_id = request.match_info["id"]
    await house.notifications.read(user.id, notification_id, user.is_admin)
    return json_response({"id": notification_id, "read": True})


def body_of(one: Notification) -> dict[str, object]:
    return {
        "id": one.id,
        "title": one.title,
        "message": one.message,
        "type": one.type,
        "action_url": one.action_url,
        "auto_close": one.auto_close,
        "timestamp": iso(one.created_at),
        "read": one.read,
    }


ROUTES = (
    web.get("/api/notifications", listing),
    web.post("/api/notifications/{id}/read", read),
)

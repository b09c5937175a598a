"""Who may ask for what, where being logged in is not enough."""

from aiohttp import web

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import say
from text2sql_ws.web.keys import DOORMAN


def require_admin(request: web.Request) -> None:
    """Raises `Fault` INSUFFICIENT_PERMISSIONS for a user who isn't an administrator."""
    if not request.app[DOORMAN].user(request).is_admin:
        raise Fault(Code.INSUFFICIENT_PERMISSIONS, say("http.admins_only"))

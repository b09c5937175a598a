"""Where a request carries its token: the header, the address, or among the WebSocket subprotocols.

Browsers can't set headers on a WebSocket, so pages offer `["Bearer", token]`, or the token alone, as
subprotocols; a browser hangs up unless one that it offered is chosen.
"""

import re

from aiohttp import hdrs, web

SCHEME = "Bearer"
JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


def token_of(request: web.BaseRequest) -> str | None:
    """The token that came along: from the header, else the address, else the subprotocols."""
    return _from_header(request) or request.query.get("token") or _from_subprotocols(_offered(request))


def chosen_subprotocols(request: web.BaseRequest) -> tuple[str, ...]:
    """Which of the offered subprotocols to choose, at most one: the scheme, or a token that stands alone.

    Also where no token is asked for: the same page must work there.
    """
    offered = _offered(request)
    if SCHEME in offered:
        return (SCHEME,)
    if len(offered) == 1 and JWT.fullmatch(offered[0]):
        return (offered[0],)
    return ()


def _from_header(request: web.BaseRequest) -> str | None:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() or None if scheme.lower() == SCHEME.lower() else None


def _from_subprotocols(offered: list[str]) -> str | None:
    if SCHEME in offered:
        following = offered[offered.index(SCHEME) + 1 :]
        return following[0] if following else None
    return offered[0] if len(offered) == 1 and JWT.fullmatch(offered[0]) else None


def _offered(request: web.BaseRequest) -> list[str]:
    values = request.headers.getall(hdrs.SEC_WEBSOCKET_PROTOCOL, [])
    return [name.strip() for name in ",".join(values).split(",") if name.strip()]

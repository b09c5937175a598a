"""What every request passes: host, origin, token; errors in one shape; security headers; one line in the log.

The log has the path only: a query string may hold a token.
"""

import uuid

import structlog
from aiohttp import ClientConnectionResetError, web
from aiohttp.typedefs import Handler, Middleware

from text2sql_ws.clock import Clock
from text2sql_ws.errors import Code, Fault
from text2sql_ws.query import TRACE_PARENT
from text2sql_ws.texts import say
from text2sql_ws.web.errors import error_response, locale_of
from text2sql_ws.web.identity import Doorman

log = structlog.get_logger()

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def make_guard(doorman: Doorman) -> Middleware:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not doorman.knows_host(request):
            return _refusal(request, "http.wrong_host", 421, host=request.host[:200])
        if not doorman.allows_origin(request):
            return _refusal(request, "http.wrong_origin", 403, origin=request.headers["Origin"][:200])
        await doorman.admit(request)
        # What the request starts belongs to its caller's trace. Set every time: a connection's requests share
        # their task.
        TRACE_PARENT.set(request.headers.get("traceparent", "")[:100])
        return await handler(request)

    return guard


def make_reporter(clock: Clock) -> Middleware:
    @web.middleware
    async def report(request: web.Request, handler: Handler) -> web.StreamResponse:
        """The one place that turns what a handler raises into a response."""
        started = clock.monotonic()
        status = 499
        try:
            response = await _answered(request, handler)
            status = response.status
            return response
        finally:
            seconds = round(clock.monotonic() - started, 4)
            log.info("http", method=request.method, path=request.path, status=status, seconds=seconds)

    return report


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        response = await handler(request)
    except Fault as fault:
        response = error_response(fault, locale_of(request))
    except web.HTTPException as error:
        response = _plain_http(request, error)
    except ClientConnectionResetError:
        response = web.Response(status=499)  # the client went before it had its answer: nobody reads this
    except Exception as error:
        response = error_response(_unforeseen(request, error), locale_of(request), 500)
    if not response.prepared:
        response.headers.update(SECURITY_HEADERS)
    return response


def _unforeseen(request: web.Request, error: Exception) -> Fault:
    reference = uuid.uuid4().hex[:12]
    log.error("request_failed_unforeseen", reference=reference, path=request.path, exc_info=error)
    return Fault(Code.UNKNOWN_ERROR, say("query.unforeseen", reference=reference))


def _plain_http(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    """aiohttp's own errors in our shape; its redirects as they are."""
    if error.status < 400:
        return web.Response(status=error.status, headers=error.headers)
    known = {404: "http.not_found", 405: "http.wrong_method", 413: "http.too_large"}
    fault = Fault(Code.INVALID_MESSAGE, say(known.get(error.status, "http.refused"), path=request.path[:200]))
    response = error_response(fault, locale_of(request), error.status)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response


def _refusal(request: web.Request, key: str, status: int, **params: str) -> web.Response:
    fault = Fault(Code.INSUFFICIENT_PERMISSIONS, say(key, **params))
    return error_response(fault, locale_of(request), status)

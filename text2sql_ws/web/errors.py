"""The one shape of an HTTP error: `{"error": {"code", "message", …}}`, in the language that is asked for."""

import math
from typing import Any

import orjson
from aiohttp import web

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import Locale

STATUS: dict[Code, int] = {
    Code.INVALID_MESSAGE: 422,
    Code.INVALID_QUESTION: 422,
    Code.SQL_SYNTAX_ERROR: 422,
    Code.SQL_EXECUTION_FAILED: 422,
    Code.AUTHENTICATION_FAILED: 401,
    Code.INSUFFICIENT_PERMISSIONS: 403,
    Code.SQL_NOT_READ_ONLY: 403,
    Code.QUERY_NOT_FOUND: 404,
    Code.SESSION_NOT_FOUND: 404,
    Code.DATASOURCE_NOT_FOUND: 404,
    Code.RATE_LIMITED: 429,
    Code.RESOURCE_LIMIT_EXCEEDED: 429,
    Code.TIMEOUT_ERROR: 504,
    Code.DATABASE_CONNECTION_FAILED: 503,
    Code.NETWORK_ERROR: 503,
    Code.LLM_SERVICE_ERROR: 502,
}


def locale_of(request: web.BaseRequest) -> Locale:
    """`?locale=`, else Chinese."""
    return "en" if request.query.get("locale") == "en" else "zh"


def json_response(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, content_type="application/json", charset="utf-8"
    )


def error_response(fault: Fault, locale: Locale, status: int | None = None) -> web.Response:
    """A fault as a response; its status follows from its code unless given."""
    response = json_response({"error": error_body(fault, locale)}, status or STATUS.get(fault.code, 500))
    if response.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(fault.retry_after))
    return response


def error_body(fault: Fault, locale: Locale) -> dict[str, Any]:
    entry = fault.entry
    later = {"retry_after": math.ceil(fault.retry_after)} if fault.retry_after is not None else {}
    return {
        "code": fault.code.value,
        "level": entry.level,
        "title": entry.title.in_(locale),
        "message": fault.message.in_(locale),
        "suggestion": entry.suggestion.in_(locale),
        "can_retry": entry.can_retry,
    } | later

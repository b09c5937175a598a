"""What a server says went wrong, in whichever of the many shapes it says it. Pure.

There is no standard: OpenAI nests `error.message`, FastAPI says `detail`, vLLM once said `object: "error"`,
proxies send HTML. This finds the words and the numbers; what kind of fault it is, `faults.py` decides.
The one rule: the message is the server's own, neither shortened nor cleaned, so it is not fit to show yet.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from text2sql_ws.llm.parsing import Malformed, parse

_MESSAGES = (
    "message", "msg", "detail", "error_msg", "error_message", "errorMessage", "error_description",
    "status_msg", "faultstring", "reason", "title", "Message", "error",
)  # fmt: skip
_CODES = ("code", "type", "error_type", "status", "error_code", "status_code", "statusCode", "__type")
_WRAPPERS = ("error", "errors", "fault", "base_resp", "header", "detail", "message")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>|<h1[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Complaint:
    """`code` holds every code and type that was given, `status` an HTTP status; 0: none was given."""

    message: str
    code: str = ""
    status: int = 0


def complaint_in(value: object) -> Complaint | None:
    """The complaint that a JSON value makes, or None. Not for an answer, which may say `message` too."""
    value = _first(value)
    if not isinstance(value, Mapping):
        return None
    return explicit_complaint(value) or _plain_complaint(value)


def explicit_complaint(value: Mapping[str, Any]) -> Complaint | None:
    """The complaint under a key that exists for one, such as `error`; an answer may hold it as well."""
    for key in _WRAPPERS:
        inside = _first(value.get(key))
        if isinstance(inside, Mapping) and (found := _wrapped_complaint(key, inside)):
            return _with_codes_of(value, found)
    said = value.get("error")
    if isinstance(said, str) and said:
        return _with_codes_of(value, Complaint(_message(value) or said))
    return (
        Complaint(_message(value), _codes(value), _status(value)) if value.get("object") == "error" else None
    )


def complaint_about(status: int, body: bytes, charset: str = "utf-8") -> Complaint:
    """The complaint that an HTTP response with this error status and body makes; there always is one."""
    text = _decoded(body, charset)
    try:
        found = complaint_in(parse(body)) or Complaint("")
    except Malformed:
        found = Complaint(page_title(text) if text.lstrip().startswith("<") else text.strip())
    return Complaint(found.message, found.code, status)


def page_title(page: str) -> str:
    """What an HTML page says in brief: its title or first heading, else the start of its text."""
    found = _TITLE.search(page)
    brief = (found[1] or found[2] or "") if found else ""
    text = _MARKUP.sub(" ", brief or page)
    return " ".join(html.unescape(text).split())[:300]


def _first(value: object) -> object:
    """A list's first item: Google and FastAPI send lists of one."""
    return value[0] if isinstance(value, list) and value else value


def _wrapped_complaint(key: str, inside: Mapping[str, Any]) -> Complaint | None:
    for deeper in (_first(inside.get("error")), _first(inside.get("detail"))):
        if isinstance(deeper, Mapping) and not _message(inside):
            inside = deeper
    if key in ("base_resp", "header") and not _codes(inside).strip("0 "):
        return None  # these come with every answer; code 0 is success
    if isinstance(inside.get("loc"), list):  # pydantic's way to name a field
        place = ".".join(str(part) for part in inside["loc"])
        return Complaint(f"{place}: {_message(inside)}", _codes(inside))
    if not inside:
        return None
    return Complaint(_message(inside), _codes(inside), _status(inside))


def _plain_complaint(value: Mapping[str, Any]) -> Complaint | None:
    message = _message(value)
    if not message or not (
        _codes(value) or set(value) <= {"message", "Message", "detail", "msg", "request_id"}
    ):
        return None
    return Complaint(message, _codes(value), _status(value))


def _with_codes_of(outer: Mapping[str, Any], found: Complaint) -> Complaint:
    codes = " ".join(filter(None, (found.code, _codes(outer))))
    return Complaint(found.message, codes, found.status or _status(outer))


def _message(value: Mapping[str, Any]) -> str:
    return next((text for key in _MESSAGES if isinstance(text := value.get(key), str) and text), "")


def _codes(value: Mapping[str, Any]) -> str:
    found = (value.get(key) for key in _CODES)
    return " ".join(
        str(code) for code in found if isinstance(code, str | int) and code not in ("", False, True)
    )


def _status(value: Mapping[str, Any]) -> int:
    """The HTTP status that stands in the body, if a number there is one."""
    for key in _CODES:
        number = str(value.get(key))
        if len(number) == 3 and number[0] in "45" and number.isdigit():
            return int(number)
    return 0


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")

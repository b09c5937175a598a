"""Reading what clients send: one `read_json` for all that comes in, and pydantic's verdict as a `Fault`.

Strict on purpose: NaN, lone surrogates, huge integers and bottomless nesting are refused here, where the
answer is a sentence, and not met later, where it would be a crash.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from text2sql_ws.errors import Code, Fault
from text2sql_ws.texts import Text, say, verbatim

MessageT = TypeVar("MessageT", bound=BaseModel)


class Incoming(BaseModel):
    """A message's body. Unknown fields pass, so that clients may be newer than we are; types are strict."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


def read_json(text: str) -> dict[str, Any]:
    """The JSON object that `text` holds. Raises `Fault` INVALID_MESSAGE."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Fault(Code.INVALID_MESSAGE, say("message.not_json", why=error.msg)) from None
    except UnicodeEncodeError:
        raise Fault(Code.INVALID_MESSAGE, say("message.not_json", why="not UTF-8")) from None
    if not isinstance(value, dict):
        raise Fault(Code.INVALID_MESSAGE, say("message.not_object"))
    return value


def read(model: type[MessageT], value: Any, prefix: str = "") -> MessageT:
    """`value` as a `model`. Raises `Fault` INVALID_MESSAGE that names the first field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in (prefix, *first["loc"]) if part != "")
        why = _why(first["type"], first["msg"])
        raise Fault(Code.INVALID_MESSAGE, say("message.field", field=field or "data", why=why)) from None


def read_question(text: str, most_chars: int) -> str:
    """A question without the space around it. Raises `Fault` INVALID_QUESTION for none, or one too long."""
    question = text.strip()
    if not question:
        raise Fault(Code.INVALID_QUESTION, say("question.empty"))
    if len(question) > most_chars:
        too_long = say("question.too_long", length=len(question), limit=most_chars)
        raise Fault(Code.INVALID_QUESTION, too_long)
    return question


def _why(kind: str, message: str) -> Text:
    """pydantic speaks English only: the common verdicts in both languages, the rest in its words."""
    return say(_VERDICTS[kind]) if kind in _VERDICTS else verbatim(message)


_VERDICTS: Mapping[str, str] = {
    "missing": "field.missing",
    "string_type": "field.string",
    "int_type": "field.integer",
    "float_type": "field.number",
    "bool_type": "field.boolean",
    "dict_type": "field.object",
    "model_type": "field.object",
}

"""`/openapi.json`: the HTTP interface as OpenAPI 3.1, made of `OPERATIONS` and the models that validate."""

import re
from typing import Any

from pydantic import BaseModel

from text2sql_ws import __version__
from text2sql_ws.web.interface import shapes
from text2sql_ws.web.interface.operations import OPERATIONS, Operation
from text2sql_ws.web.interface.schemas import Schemas

Json = dict[str, Any]

ALWAYS = (421,)
"""A wrong `Host`: told before anybody asks who is there. A wrong `Origin` is a 403."""

REFUSALS = {
    400: "Not a chat completion that OpenAI would take; the message says where.",
    401: "No token, or a bad one.",
    403: "Not allowed: of this user, of this page, or of this data source.",
    404: "There is none, or it is another user's.",
    413: "The body is too large.",
    421: "The request's `Host` is not one of this server's.",
    422: "The body or the query is wrong; the message names the field.",
    429: "Too much at once; `Retry-After` may say when to come back.",
    500: "Unforeseen; the message has a reference to the server's log.",
    502: "The model failed.",
    503: "Something that this needs does not answer.",
    504: "It took too long.",
}

INFO: Json = {
    "title": "text2sql-ws",
    "version": __version__,
    "description": (
        "Ask a database in plain Chinese or English. Questions are asked over WebSocket (see /asyncapi.json) "
        "or as server-sent events; what stands here surrounds them. Times are ISO 8601 in UTC with a Z."
    ),
    "license": {"name": "MIT", "identifier": "MIT"},
}


def openapi() -> Json:
    """The whole document, as JSON values."""
    schemas = Schemas(_models())
    paths: Json = {}
    for operation in OPERATIONS:
        described = _operation(operation, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "paths": paths,
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in OPERATIONS)],
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _models() -> list[type[BaseModel]]:
    models: list[type[BaseModel]] = [shapes.Problem, shapes.OpenAiProblem]
    for operation in OPERATIONS:
        models += [operation.body] if operation.body else []
        models += [operation.answer] if not isinstance(operation.answer, str) else []
    return models


def _operation(operation: Operation, schemas: Schemas) -> Json:
    described: Json = {
        "tags": [operation.tag],
        "summary": operation.text,
        "operationId": _name(operation),
        "parameters": _parameters(operation),
        "responses": _responses(operation, schemas),
        # An empty requirement: where nobody logs in, and from this machine, no token is asked for.
        "security": [{"token": []}] if operation.who in ("users", "admins") else [],
    }
    if operation.body is not None:
        content = {"application/json": {"schema": schemas.of(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    if operation.who == "admins":
        described["description"] = "Administrators only: a token whose `role` is `admin`."
    return described


def _parameters(operation: Operation) -> list[Json]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    in_query = [
        {"name": one.name, "in": "query", "description": one.text, "schema": dict(one.schema)}
        for one in operation.query
    ]
    return in_path + in_query


def _responses(operation: Operation, schemas: Schemas) -> Json:
    told = set(operation.refusals) | {*ALWAYS, 403}
    if operation.who in ("users", "admins"):
        told |= {401, 429}
    if operation.body is not None:
        told |= {413, 422}
    responses: Json = {"200": {"description": "Done.", "content": _answer(operation, schemas)}}
    for status in sorted(told):
        shape = shapes.OpenAiProblem if status == 400 else shapes.Problem
        problem: Json = {"application/json": {"schema": schemas.of(shape)}}
        if status in operation.refusals and status == 503 and not isinstance(operation.answer, str):
            either = [schemas.of(operation.answer), schemas.of(shapes.Problem)]
            problem = {"application/json": {"schema": {"anyOf": either}}}
        responses[str(status)] = {"description": REFUSALS[status], "content": problem}
    return responses


def _answer(operation: Operation, schemas: Schemas) -> Json:
    also: Json = {media: {"schema": {}} for media in operation.also}
    if isinstance(operation.answer, str):
        return {operation.answer: {"schema": {"type": "string"}}} | also
    return {"application/json": {"schema": schemas.of(operation.answer)}} | also


def _name(operation: Operation) -> str:
    words = re.findall(r"\w+", operation.path)
    return "_".join([operation.method.lower(), *words]).replace("-", "_")

"""Both interfaces as HTML for people: an address or a channel after the other, schemas beneath. Pure."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Json = Mapping[str, Any]


def read_openapi(document: Json) -> str:
    parts = [f"<h1>HTTP</h1><p>{escape(document['info']['description'])}</p>"]
    for tag in document["tags"]:
        parts.append(f"<h2>{escape(tag['name'])}</h2>")
        parts += _operations(document, tag["name"])
    return "".join(parts) + _schemas(document)


def read_asyncapi(document: Json) -> str:
    parts = [f"<h1>WebSocket</h1><p>{escape(document['info']['description'])}</p>"]
    for name, channel in document["channels"].items():
        query = "&".join(f"{key}=" for key in channel["bindings"]["ws"]["query"]["properties"])
        parts.append(
            f"<h2>{escape(name)}</h2><p><code>{escape(channel['address'])}?{escape(query)}</code></p>"
            f"<p>{escape(channel['description'])}</p>"
        )
        for way, words in (("in_", "From client to server"), ("out_", "From server to client")):
            told = [(key, one) for key, one in channel["messages"].items() if key.startswith(way)]
            rows = "".join(
                _row(f"<code>{escape(one['name'])}</code>", _kind(one["payload"])) for _, one in told
            )
            parts.append(f"<h3>{words}</h3>{_table(('type', 'what comes with it'), rows)}")
    return "".join(parts) + _schemas(document)


def _operations(document: Json, tag: str) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Json) -> str:
    address = f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
    words = " ".join(filter(None, (operation["summary"], operation.get("description"))))
    given = "".join(
        _row(
            f"<code>{escape(one['name'])}</code>",
            f"{one['in']}; {escape(one.get('description', ''))} {_kind(one['schema'])}",
        )
        for one in operation["parameters"]
    )
    if (body := operation.get("requestBody")) is not None:
        given += _row("body", _content(body["content"]))
    answers = "".join(
        _row(status, f"{escape(answer['description'])} {_content(answer['content'])}")
        for status, answer in operation["responses"].items()
    )
    takes = _table(("takes", ""), given) if given else ""
    return f"{address}<p>{escape(words)}</p>{takes}{_table(('answers', ''), answers)}"


def _content(content: Json) -> str:
    return ", ".join(
        f"{_kind(told['schema'])}" if kind == "application/json" else f"<code>{escape(kind)}</code>"
        for kind, told in content.items()
    )


def _schemas(document: Json) -> str:
    parts = ["<h2>Shapes</h2>"]
    for name, schema in document["components"]["schemas"].items():
        required = schema.get("required", ())
        rows = "".join(
            _row(
                f"<code>{escape(field)}</code>{'' if field in required else '?'}",
                f"{_kind(told)} {escape(told.get('description', ''))}",
            )
            for field, told in schema.get("properties", {}).items()
        )
        words = f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""
        told = _table(("field", ""), rows) if rows else ""
        parts.append(f'<h3 id="{escape(name)}">{escape(name.strip("_"))}</h3>{words}{told}')
    return "".join(parts)


def _kind(schema: Json) -> str:
    """A type in a few words, with links to the shapes that it names."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f'<a href="#{escape(name)}">{escape(name.strip("_"))}</a>'
    for joined, word in (("anyOf", " or "), ("allOf", " with ")):
        if joined in schema:
            return word.join(filter(None, map(_kind, schema[joined])))
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "data" in schema.get("properties", {}):
        return _kind(schema["properties"]["data"])
    if "type" in schema.get("properties", {}):
        return ""
    return escape(str(schema.get("type", "anything")))


def _table(heads: tuple[str, str], rows: str) -> str:
    head = "".join(f"<th>{escape(word)}</th>" for word in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="wide" tabindex="0">{table}</div>'


def _row(first: str, second: str) -> str:
    return f"<tr><td>{first}</td><td>{second}</td></tr>"

"""Makes `docs/configuration.md` out of `config/default.toml` and the settings' own types and bounds."""

import re
import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from tests.support.paths import ROOT
from text2sql_ws.settings import DataSource, Provider, Settings

DEFAULT = ROOT / "config" / "default.toml"

HEAD = """# Configuration

`.venv/bin/python run.py --config my.toml`, or `TEXT2SQL_CONFIG=my.toml`. What a file does not say has the
default below. Any setting may also come from the environment, its section and name joined by two underscores:
`TEXT2SQL_SERVER__PORT=8000`; lists and tables as JSON. Of secrets there is a third way, files:
[Operating](operating.md) has it. The environment goes over files, the command line over both.

`.venv/bin/python run.py --config my.toml --check` says everything that is wrong, and exits with 2; a key that
isn't listed here is refused, with the nearest name. Seconds may have fractions, sizes are in bytes.

This page is made from `config/default.toml` and the settings' types; a test holds it to them.
"""

TABLES: dict[str, tuple[str, type[BaseModel]]] = {
    "llm.providers.main": ("`[llm.providers.NAME]`: each model provider", Provider),
    "datasources.sales": ("`[datasources.NAME]`: each data source", DataSource),
}


def written() -> str:
    """The whole page."""
    return HEAD + "".join(_section(name, lines) for name, lines in _sections())


def _sections() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each table of the file: its name, and its keys with what is said of them."""
    name, lines = "", list[tuple[str, str]]()
    for line in DEFAULT.read_text("utf-8").splitlines():
        plain = re.sub(r"^#: ?", "", line)
        if heading := re.fullmatch(r"\[([\w.]+)\]", plain):
            if name:
                yield name, lines
            name, lines = heading[1], []
        elif setting := re.fullmatch(r"(\w+) = .*?(?:\s# (.*))?", plain):
            lines.append((setting[1], setting[2] or ""))
    yield name, lines


def _section(name: str, lines: list[tuple[str, str]]) -> str:
    if name.startswith("abbreviations"):
        return ABBREVIATIONS
    title, model = TABLES.get(name) or (f"`[{name}]`", _model(name))
    rows = [_row(key, model.model_fields[key], words) for key, words in lines]
    return f"\n## {title}\n\n| setting | type | default | |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _model(name: str) -> type[BaseModel]:
    model: type[BaseModel] = type(getattr(Settings(), name))
    return model


def _row(key: str, field: FieldInfo, words: str) -> str:
    cells = (f"`{key}`", _type(field), _default(field), words.replace("|", "\\|"))
    return f"| {' | '.join(cells)} |"


def _type(field: FieldInfo) -> str:
    bounds = [_bound(one) for one in field.metadata]
    return " ".join(filter(None, [_named(field.annotation), *bounds]))


def _named(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " \\| ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) in (Union, types.UnionType):
        return _named(next(one for one in get_args(kind) if one is not type(None)))
    if get_origin(kind) is tuple:
        return f"list of {_named(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return "table"
    if hasattr(kind, "__metadata__"):
        return " ".join([_named(get_args(kind)[0]), *filter(None, map(_bound, kind.__metadata__))])
    return {str: "text", int: "integer", float: "number", bool: "`true` \\| `false`", SecretStr: "secret"}[
        kind
    ]


def _bound(bound: Any) -> str:
    match bound:
        case Ge(ge=least):
            return f"≥ {least}"
        case Gt(gt=least):
            return f"> {least}"
        case Le(le=most):
            return f"≤ {most}"
        case FieldInfo(metadata=inner):
            return " ".join(filter(None, map(_bound, inner)))
        case _:
            return ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, str):
        return f'`"{default}"`' if default else ""
    if isinstance(default, tuple | dict):
        return ""
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


ABBREVIATIONS = """
## `[abbreviations.NAME]`: short forms

Tables of what people write and what is stored: `"研发" = "研究开发部"`. Applied in this order to whole string
literals that are compared with a column (`=`, `<>`, `IN`, `LIKE` with its wildcards kept), never to names,
comments or parts of words. The step that replaces them says so.
"""

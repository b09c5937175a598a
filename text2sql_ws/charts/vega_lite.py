"""Writes charts down as Vega-Lite (https://vega.github.io/vega-lite/docs/), without data. Pure.

Whoever shows a chart adds `data: {"values": [...]}`: the rows as objects by column name. The one rule: a
field that Vega-Lite would misread gets an alias, calculated inside the specification:
decimals arrive as strings, months as labels, and a dot or a bracket in a name would be read as a path.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from text2sql_ws.charts.fields import Field, Grain

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
PLAIN_NAME = re.compile(r"[^\W\d_]\w*")  # `__` hides a field from tooltips
SERIES = "series of measures"
VALUE = "value of measures"

Json = dict[str, Any]

DIGITS_AFTER_YEAR = "toNumber(replace(slice({label}, 4), regexp('[^0-9]', 'g'), ''))"
TIME: Mapping[Grain, tuple[str, str | None]] = {
    # Labels and dates are counted in UTC, or a browser west of Greenwich would show the day before.
    "year": ("utc(toNumber(slice({label}, 0, 4)), 0)", "utcyear"),
    "quarter": (f"utc(toNumber(slice({{label}}, 0, 4)), ({DIGITS_AFTER_YEAR} - 1) * 3)", "utcyearquarter"),
    "month": (f"utc(toNumber(slice({{label}}, 0, 4)), {DIGITS_AFTER_YEAR} - 1)", "utcyearmonth"),
    "date": ("toDate(slice({label}, 0, 10))", "utcyearmonthdate"),
    "datetime": ("toDate(replace({label}, ' ', 'T'))", None),
}


def specification(fields: Sequence[Field], **parts: Any) -> Json:
    """A whole specification that uses `fields`; `parts` are its `mark`, `encoding`, `layer`, …"""
    extra = parts.pop("transform", [])
    transform = [step for field in fields for step in _calculate(field)] + extra
    head: Json = {"$schema": SCHEMA, "width": "container"}
    return head | ({"transform": transform} if transform else {}) | parts


def reference(field: Field) -> str:
    """The name that encodings use for `field`."""
    return field.name if _expression(field) is None else field.alias


def quantity(field: Field, **more: Any) -> Json:
    """A channel for a measure."""
    return {"field": reference(field), "type": "quantitative", "title": field.name} | more


def moment(field: Field, **more: Any) -> Json:
    """A channel for a period, on a continuous axis of time."""
    unit = TIME[field.grain][1] if field.grain else None
    channel: Json = {"field": reference(field), "type": "temporal", "title": field.name}
    return channel | ({"timeUnit": unit} if unit else {}) | more


def label(field: Field, **more: Any) -> Json:
    """A channel for names, in the rows' order. A period is shown by the words it came in."""
    kind = "ordinal" if field.role in ("period", "sequence") else "nominal"
    return {"field": _label_name(field), "type": kind, "title": field.name} | more


def fold(measures: Sequence[Field]) -> list[Json]:
    """Steps that turn several measures into rows of `SERIES` (a column's name) and `VALUE`."""
    aliases = [field.alias for field in measures]
    names = json.dumps([field.name for field in measures], ensure_ascii=False)
    return [
        *({"calculate": _expression(field) or _datum(field), "as": field.alias} for field in measures),
        {"fold": aliases, "as": [SERIES, VALUE]},
        {"calculate": f"{names}[indexof({json.dumps(aliases)}, datum[{json.dumps(SERIES)}])]", "as": SERIES},
    ]


def _calculate(field: Field) -> list[Json]:
    expression = _expression(field)
    steps = [{"calculate": expression, "as": field.alias}] if expression else []
    if field.role == "period" and _label_name(field) != field.name:
        steps.append({"calculate": _datum(field), "as": _label_name(field)})
    return steps


def _expression(field: Field) -> str | None:
    """How `field` is calculated from the row; `None` where the row's own value will do."""
    if field.grain is not None:
        moment = TIME[field.grain][0].format(label=f"toString({_datum(field)})")
        return f"isValid({_datum(field)}) ? {moment} : null"
    if field.role == "measure" and any(isinstance(value, str) for value in field.values):
        return f"toNumber({_datum(field)})"
    return None if PLAIN_NAME.fullmatch(field.name) else _datum(field)


def _label_name(field: Field) -> str:
    if field.role != "period":
        return reference(field)
    return field.name if PLAIN_NAME.fullmatch(field.name) else f"{field.alias}_label"


def _datum(field: Field) -> str:
    return f"datum[{json.dumps(field.name, ensure_ascii=False)}]"

"""The charts themselves: each function draws the fields it is given, and judges nothing. Pure."""

from collections.abc import Sequence

from text2sql_ws.charts.fields import Field
from text2sql_ws.charts.vega_lite import (
    SERIES,
    VALUE,
    Json,
    fold,
    label,
    moment,
    quantity,
    reference,
    specification,
)
from text2sql_ws.events import Visualization
from text2sql_ws.texts import Locale, say

BAR_STEP = 24
"""Pixels of height for each lying bar."""
LONG_LABEL = 14
"""In half-width characters: what still stands upright under a bar."""
MARK_DETAILS: dict[str, Json] = {"line": {"point": True}, "area": {"line": True, "opacity": 0.5}}
NUMBER_FORMAT = ",.15~r"  # every digit that a float holds, and no more


def number(measure: Field, names: Sequence[Field]) -> Visualization:
    """One number, large, and under it what it is the number of."""
    layer = [
        {
            "mark": {"type": "text", "fontSize": 40, "fontWeight": "bold"},
            "encoding": {"text": quantity(measure, format=NUMBER_FORMAT)},
        },
        *(
            {"mark": {"type": "text", "fontSize": 16, "dy": 40}, "encoding": {"text": label(name)}}
            for name in names
        ),
    ]
    return Visualization("metric", specification([measure, *names], title=measure.name, layer=layer))


def pie(name: Field, measure: Field) -> Visualization:
    """Parts of a whole, the largest first."""
    encoding = {
        "theta": quantity(measure, stack=True),
        "color": _colour(name),
        "order": {"field": reference(measure), "type": "quantitative", "sort": "descending"},
    }
    return Visualization("pie", specification([name, measure], mark=_mark("arc"), encoding=encoding))


def line(along: Field, measure: Field, *, series: Field | None = None, filled: bool = False) -> Visualization:
    """A measure along a period or a sequence, a line for each value of `series`, or an area."""
    kind = "area" if filled else "line"
    encoding = {"x": _axis(along), "y": quantity(measure)}
    fields = [along, measure]
    if series is not None:
        encoding["color"] = _colour(series)
        fields.append(series)
    return Visualization(kind, specification(fields, mark=_mark(kind), encoding=encoding))


def lines_on_one_scale(period: Field, measures: Sequence[Field], locale: Locale) -> Visualization:
    """Several measures along a period, told apart by colour."""
    return _side_by_side("line", period, _axis(period), measures, locale)


def lines_on_two_scales(period: Field, first: Field, second: Field) -> Visualization:
    """Two measures along a period, each on an axis of its own."""
    layer = [
        {
            "mark": _mark("line"),
            "encoding": {"y": quantity(measure), "color": {"datum": measure.name, "type": "nominal"}},
        }
        for measure in (first, second)
    ]
    parts = {"encoding": {"x": _axis(period)}, "layer": layer, "resolve": {"scale": {"y": "independent"}}}
    return Visualization("line", specification([period, first, second], **parts))


def scatter(x: Field, y: Field, names: Sequence[Field]) -> Visualization:
    """A point for each row; its name shows when pointed at."""
    unzeroed = {"scale": {"zero": False}}
    encoding = {
        "x": quantity(x, **unzeroed),
        "y": quantity(y, **unzeroed),
        "tooltip": [*map(label, names), quantity(x), quantity(y)],
    }
    mark = {"type": "point", "filled": True}
    return Visualization("scatter", specification([x, y, *names], mark=mark, encoding=encoding))


def bars(name: Field, measure: Field, *, lying: bool) -> Visualization:
    """A bar for each row in the rows' order; `lying` ones have room for long names."""
    if not lying:
        encoding = {"x": _names(name), "y": quantity(measure)}
        return Visualization("bar", specification([name, measure], mark=_mark("bar"), encoding=encoding))
    encoding = {"y": label(name, sort=None, axis={"labelLimit": 240}), "x": quantity(measure)}
    size = {"height": {"step": BAR_STEP}}
    return Visualization("bar", specification([name, measure], mark=_mark("bar"), encoding=encoding, **size))


def grouped_bars(group: Field, part: Field, measure: Field) -> Visualization:
    """A bar for each row: a group for each value of `group`, a colour for each of `part`."""
    encoding = {
        "x": _names(group),
        "xOffset": label(part, sort=None),
        "y": quantity(measure),
        "color": _colour(part),
    }
    fields = [group, part, measure]
    return Visualization("grouped_bar", specification(fields, mark=_mark("bar"), encoding=encoding))


def measures_in_groups(name: Field, measures: Sequence[Field], locale: Locale) -> Visualization:
    """A group for each row, and in it a bar for each measure."""
    return _side_by_side("grouped_bar", name, _names(name), measures, locale)


def is_long(name: Field) -> bool:
    """Are some of its labels too long to stand upright?"""
    return max((_width(value) for value in name.values), default=0) > LONG_LABEL


def _side_by_side(
    kind: str, name: Field, x: Json, measures: Sequence[Field], locale: Locale
) -> Visualization:
    series: Json = {"field": SERIES, "type": "nominal", "sort": None}
    encoding = {
        "x": x,
        "y": {"field": VALUE, "type": "quantitative", "title": say("chart.value").in_(locale)},
        "color": series | {"title": say("chart.measure").in_(locale)},
    }
    if kind == "grouped_bar":
        encoding["xOffset"] = series
    mark = _mark("bar" if kind == "grouped_bar" else kind)
    return Visualization(kind, specification([name], transform=fold(measures), mark=mark, encoding=encoding))


def _axis(field: Field) -> Json:
    return moment(field) if field.role == "period" else _names(field)


def _names(field: Field) -> Json:
    upright = {} if is_long(field) else {"axis": {"labelAngle": 0}}
    return label(field, sort=None, **upright)


def _colour(field: Field) -> Json:
    """Always a palette of different colours: years and months would get shades of one."""
    return label(field, sort=None, type="nominal")


def _mark(kind: str) -> Json:
    return {"type": kind, "tooltip": True} | MARK_DETAILS.get(kind, {})


def _width(value: object) -> int:
    """How wide a label is, in half-width characters."""
    return sum(2 if character > "\u2e80" else 1 for character in str(value))

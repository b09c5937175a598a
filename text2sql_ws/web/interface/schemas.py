"""JSON Schema out of pydantic models, gathered under one roof so that each is told once."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

ROOF = "#/components/schemas/"

Schema = dict[str, Any]


class Schemas:
    """`components` has a schema for each model; what `of` returns points to it."""

    def __init__(self, models: Iterable[type[BaseModel]]) -> None:
        once = dict.fromkeys(models)
        references, gathered = models_json_schema(
            [(model, "validation") for model in once], ref_template=ROOF + "{model}"
        )
        self.components: dict[str, Schema] = gathered.get("$defs", {})
        self._references = {model: references[model, "validation"] for model in once}

    def of(self, model: type[BaseModel]) -> Schema:
        return self._references[model]

"""The JSON Schema of governance.yaml, for editors."""

from datetime import timedelta
from typing import cast

from pydantic.json_schema import GenerateJsonSchema

from sagewarden.policy.models import GovernancePolicy
from sagewarden.policy.values import spell_duration

type Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NULL: Json = {"type": "null"}


class _PolicySchema(GenerateJsonSchema):
    """Writes default durations as a policy does."""

    def encode_default(self, dft: object) -> object:
        return spell_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schema() -> dict[str, Json]:
    """The schema of a policy, in draft 2020-12."""
    generated = cast(
        "dict[str, Json]", GovernancePolicy.model_json_schema(schema_generator=_PolicySchema)
    )
    schema = cast("dict[str, Json]", _as_written(generated))
    return {"$schema": DIALECT, **schema, "title": "Sagewarden governance policy"}


def _as_written(schema: Json) -> Json:
    """Say what a policy may say: no null where a key is optional, no names of other shapes."""
    if isinstance(schema, list):
        return [_as_written(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _as_written(value)
        for key, value in schema.items()
        if not (key == "default" and value is None)
    }
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    choices = kept.get("anyOf")
    if not isinstance(choices, list) or _NULL not in choices:
        return kept
    choices = [choice for choice in choices if choice != _NULL]
    rest = {key: value for key, value in kept.items() if key != "anyOf"}
    if len(choices) == 1 and isinstance(choices[0], dict):
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices}

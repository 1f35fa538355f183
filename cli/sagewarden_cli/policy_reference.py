"""The reference of governance.yaml and its JSON Schema, written from the policy's own models."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sagewarden.policy import json_schema
from sagewarden.policy.schema import Json

REFERENCE = "policy-reference.md"
SCHEMA = "governance.schema.json"

_REF = "#/$defs/"
_SCALARS = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}
_TITLES = {
    "Targets": "`targets`",
    "OrganizationModel": "`organization` of `targets`",
    "Owners": "`owners`",
    "Protection": "`protect`",
    "ExemptionModel": "`exemptions`",
    "LimitsModel": "`limits`",
    "CalendarModel": "`calendars`",
    "Holidays": "`holidays` of a calendar",
    "Custodian": "`custodian`",
    "SkipDaysFrom": "`skip-days-from` of `custodian`",
    "InstanceScheduler": "`instance_scheduler`",
    "PeriodDefinition": "`periods` of `instance_scheduler`",
    "ScheduleDefinition": "`schedules` of `instance_scheduler`",
    "NotebookHoursRule": "A rule for notebook hours",
    "IdleAppsRule": "A rule for idle Studio apps",
    "IdleApp": "`idle` of a rule for Studio apps",
    "IdleNotebooksRule": "A rule for idle notebook instances",
    "IdleNotebook": "`idle` of a rule for notebook instances",
    "IdleJobsRule": "A rule for idle jobs",
    "IdleGpusModel": "`idle` of jobs",
    "IdleEndpointsRule": "A rule for idle endpoints",
    "NodeGroupHoursRule": "A rule for the hours of node groups",
    "IdleNodeGroupsRule": "A rule for idle node groups",
    "IdleNodes": "`idle` of a rule for node groups",
    "ProvisionedConcurrencyRule": "A rule for provisioned concurrency",
    "ProvisionedConcurrencyModel": "`provisioned_concurrency` of a rule",
    "EndpointCapacityRule": "A rule for the instances and copies of endpoints",
    "CapacityModel": "`capacity` of a rule",
    "IdleServicesRule": "A rule for idle services",
    "IdleService": "`idle` of a rule for services",
    "Idle": "`idle` of a rule",
    "GuardrailRule": "A rule for guardrails",
    "RequiredTag": "A tag of `require_tags`",
    "IdleShutdownModel": "`require_idle_shutdown` of a rule",
    "When": "`when` of a rule",
}
_INTRODUCTION = """\
# governance.yaml

<!-- Written by `python -m sagewarden_cli.policy_reference docs`; edit the models instead. -->

{description}

Durations are written `30m`, `48h` or `7d`. Patterns know `*`, `?` and `[..]`.
Editors complete and check a policy that begins with
`# yaml-language-server: $schema=<path to {schema}>`.
A policy is refused as a whole when anything in it is wrong; every problem is listed with its line.
"""


def schema_text() -> str:
    """The JSON Schema as it is published."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def reference_text() -> str:
    """The reference, in Markdown."""
    schema = json_schema()
    introduction = _INTRODUCTION.format(description=_text(schema, "description"), schema=SCHEMA)
    parts = [introduction, "## The file\n", _table(schema)]
    definitions = _definitions()
    for name in dict.fromkeys(_reached(schema, definitions)):
        definition = definitions[name]
        if isinstance(definition, dict) and "properties" in definition:
            parts.append(f"## {_TITLES[name]}\n\n{_text(definition, 'description')}\n")
            parts.append(_table(definition))
    return "\n".join(parts)


def write(docs: Path) -> None:
    """Write the reference and the schema into a folder."""
    (docs / REFERENCE).write_text(reference_text(), encoding="utf-8")
    (docs / SCHEMA).write_text(schema_text(), encoding="utf-8")


@cache
def _definitions() -> dict[str, Json]:
    return _mapping(json_schema(), "$defs")


def _reached(schema: Json, definitions: dict[str, Json]) -> Iterator[str]:
    """The definitions a schema refers to, in the order in which a reader meets them."""
    for name in _references(schema):
        yield name
        yield from _reached(definitions[name], definitions)


def _references(schema: Json) -> Iterator[str]:
    match schema:
        case {"$ref": str(ref)}:
            yield ref.removeprefix(_REF)
        case dict():
            for key, value in schema.items():
                if key != "$defs":
                    yield from _references(value)
        case list():
            for item in schema:
                yield from _references(item)
        case _:
            return


def _table(schema: dict[str, Json]) -> str:
    required = schema.get("required", [])
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, field in _mapping(schema, "properties").items():
        if not isinstance(field, dict):
            raise TypeError(f"{key} is described by {field!r}")
        default = _default(field, is_required=isinstance(required, list) and key in required)
        cells = (f"`{key}`", _kind(field), default, _meaning(field))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _meaning(field: dict[str, Json]) -> str:
    examples = field.get("examples")
    text = _text(field, "description")
    if isinstance(examples, list) and examples and examples != [[]]:
        text += " For example " + " or ".join(f"`{_flow(example)}`" for example in examples) + "."
    return text


def _default(field: dict[str, Json], *, is_required: bool) -> str:
    if is_required:
        return "**required**"
    default = field.get("default")
    if default is None or default in ([], {}) or isinstance(default, dict):
        return "-"
    return f"`{_flow(default)}`"


def _kind(field: Json) -> str:
    """Say in words what values a field takes."""
    match field:
        case {"anyOf": list(choices)} | {"oneOf": list(choices)}:
            return " or ".join(dict.fromkeys(_kind(choice) for choice in choices))
        case {"$ref": str(ref)}:
            return _kind_of_definition(ref.removeprefix(_REF))
        case {"type": "array", "items": items}:
            return f"list of {_kind(items)}"
        case {"additionalProperties": dict(values)}:
            return f"name: {_kind(values)}"
        case {"patternProperties": dict(patterns)}:
            return "name: " + " or ".join(_kind(values) for values in patterns.values())
        case _:
            return _kind_of_scalar(field)


def _kind_of_scalar(field: Json) -> str:
    match field:
        case {"const": value}:
            return f"`{_flow(value)}`"
        case {"enum": list(values)}:
            return " or ".join(f"`{_flow(value)}`" for value in values)
        case {"type": str(name)}:
            return _SCALARS.get(name, name)
        case _:
            raise TypeError(f"{field!r} has no type")


def _kind_of_definition(name: str) -> str:
    definition = _definitions()[name]
    if isinstance(definition, dict) and "properties" in definition:
        title = _TITLES[name]
        anchor = title.lower().replace("`", "").replace(" ", "-")
        return f"[{title}](#{anchor})"
    return _kind(definition)


def _flow(value: Json) -> str:
    """Write a value as YAML on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(below)}" for key, below in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case bool():
            return str(value).lower()
        case str() if value[:1] in {"#", "@", "*"} or {":", "\n"} & set(value):
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _text(schema: dict[str, Json], key: str) -> str:
    value = schema.get(key)
    if not isinstance(value, str):
        raise TypeError(f"{schema.get('title')} has no {key}")
    return value


def _mapping(schema: dict[str, Json], key: str) -> dict[str, Json]:
    value = schema.get(key)
    if not isinstance(value, dict):
        raise TypeError(f"{schema.get('title')} has no {key}")
    return value


if __name__ == "__main__":
    import sys

    write(Path(sys.argv[1]))

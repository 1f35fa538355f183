"""What is published of the events for integrations: a JSON Schema, and tables for their page."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sagewarden.adapters.event_bus import SOURCE
from sagewarden.domain.announcements import (
    ALWAYS,
    FIELDS,
    FORMS,
    LONGEST,
    SOMETIMES,
    VERSION,
    Field,
    Form,
    Format,
)

SCHEMA = "docs/events.schema.json"

_FORMATS: Mapping[Format, Mapping[str, Any]] = {
    Format.TEXT: {"maxLength": LONGEST},
    Format.MOMENT: {"format": "date-time"},
    Format.DAY: {"format": "date"},
    Format.ARN: {"pattern": "^arn:"},
    Format.ACCOUNT: {"pattern": "^[0-9]{12}$"},
}
_SHOWN = {
    Format.TEXT: "text",
    Format.MOMENT: "ISO 8601 time",
    Format.DAY: "ISO 8601 date",
    Format.ARN: "ARN",
    Format.ACCOUNT: "12 digits",
}


def event_schema() -> dict[str, Any]:
    """The JSON Schema of an event as EventBridge delivers it.

    It allows fields that it does not name: later ones are no change for whoever reads the others.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of Sagewarden",
        "description": "What EventBridge delivers of the bus AnnouncementsBus: docs/events.md.",
        "type": "object",
        "required": ["detail-type", "source", "account", "time", "region", "resources", "detail"],
        "properties": {
            "source": {"const": SOURCE},
            "account": {"type": "string", "description": "The account of the stack."},
            "region": {"type": "string", "description": "The region of the stack."},
            "time": {"type": "string", "format": "date-time"},
            "resources": {"type": "array", "items": {"type": "string", "pattern": "^arn:"}},
        },
        "oneOf": [
            {
                "properties": {
                    "detail-type": {"const": form.detail_type},
                    "detail": {"$ref": f"#/$defs/{form.detail_type.replace(' ', '')}"},
                }
            }
            for form in FORMS.values()
        ],
        "$defs": {form.detail_type.replace(" ", ""): _detail(form) for form in FORMS.values()},
    }


def schema_text() -> str:
    """The JSON Schema as it is published."""
    return json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n"


def event_blocks() -> Mapping[str, str]:
    """The tables of docs/events.md, by the names of their blocks."""
    return {"the detail-types": "\n".join(_forms()), "the fields": "\n".join(_fields())}


def _detail(form: Form) -> dict[str, Any]:
    optional = {*form.optional, *SOMETIMES}
    names = [name for name in FIELDS if name in {*ALWAYS, *form.fields, *optional}]
    return {
        "title": form.detail_type,
        "description": form.says,
        "type": "object",
        "required": [name for name in names if name not in optional],
        "properties": {name: _property(name, FIELDS[name]) for name in names},
    }


def _property(name: str, field: Field) -> dict[str, Any]:
    if name == "version":
        return {"const": VERSION, "description": field.says}
    return {"type": "string", "description": field.says, **_FORMATS[field.format]}


def _forms() -> Iterator[str]:
    yield "| `detail-type` | when | fields beside those of every event |"
    yield "|---|---|---|"
    for form in FORMS.values():
        fields = [f"`{name}`" for name in form.fields]
        fields += [f"`{name}`?" for name in form.optional]
        yield f"| `{form.detail_type}` | {form.says} | {', '.join(fields)} |"


def _fields() -> Iterator[str]:
    yield "| field of `detail` | what | |"
    yield "|---|---|---|"
    for name, field in FIELDS.items():
        always = "every event; " if name in ALWAYS else ""
        always = "any event; " if name in SOMETIMES else always
        yield f"| `{name}` | {always}{_SHOWN[field.format]} | {field.says} |"

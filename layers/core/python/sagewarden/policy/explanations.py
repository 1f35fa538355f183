"""Turning pydantic's errors into findings: what is wrong, and what would be right."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sagewarden.domain.schedules.reading import InvalidScheduleError
from sagewarden.policy.document import Document
from sagewarden.policy.models import GovernancePolicy
from sagewarden.policy.problems import Finding, Path, RefusedError, shown
from sagewarden.policy.rule_models import RULE_KINDS
from sagewarden.policy.values import suggestion

type Models = tuple[type[BaseModel], ...]

REFERENCE = "docs/policy-reference.md"

_ON_KEY = "[key]"
_QUOTED = re.compile(r"'([^']*)'")
_WRONG_KINDS: Mapping[str, tuple[str, str]] = {
    "string_type": ("is no text", "write text"),
    "bool_type": ("is neither true nor false", "write true or false"),
    "bool_parsing": ("is neither true nor false", "write true or false"),
    "int_type": ("is no whole number", "write a whole number"),
    "int_parsing": ("is no whole number", "write a whole number"),
    "int_from_float": ("is no whole number", "write a whole number"),
    "float_type": ("is no number", "write a number"),
    "float_parsing": ("is no number", "write a number"),
    "finite_number": ("is no number", "write a number"),
    "tuple_type": ("is no list", "write a list: [.., ..]"),
    "dict_type": ("is no mapping", "write keys and values: {key: value}"),
    "model_type": ("is no mapping", "write keys and values: {key: value}"),
    "model_attributes_type": ("is no mapping", "write keys and values: {key: value}"),
    "union_tag_not_found": ("is no rule", "write keys and values: {name: .., resources: ..}"),
    "time_delta_type": ("is no duration", "write minutes, hours or days as in 30m, 48h or 7d"),
}
_BOUNDS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}


def explain(error: ValidationError, document: Document) -> Iterator[Finding]:
    """Explain each of pydantic's errors by its place in the document."""
    for details in error.errors(include_url=False):
        loc = _without_kind(details["loc"])
        on_key = loc[-1:] == (_ON_KEY,) and details["type"] != "extra_forbidden"
        path = document.written(loc[:-1] if on_key else loc)
        for finding in _findings(details, path):
            yield Finding(finding.path, finding.problem, finding.remedy, finding.on_key or on_key)


def _without_kind(loc: Path) -> Path:
    """The place of a rule as a whole, without the kind that pydantic adds to it."""
    return loc[:-1] if len(loc) == len(("rules", 0, "kind")) and loc[-1] in RULE_KINDS else loc


def _findings(details: ErrorDetails, path: Path) -> Iterable[Finding]:
    kind = details["type"]
    context = details.get("ctx", {})
    match context.get("error"):
        case RefusedError() as refused:
            return [
                Finding((*path, *item.path), item.problem, item.remedy, item.on_key)
                for item in refused.findings
            ]
        case InvalidScheduleError() as invalid:
            return [Finding(path, invalid.problem, invalid.remedy)]
    models, field = _expected(details["loc"])
    written = shown(details["input"])
    if kind == "extra_forbidden":
        return [_unknown_key(path, models)]
    if kind == "missing":
        example = _example(field)
        remedy = f"add {path[-1]}: {example}" if example else f"add {path[-1]}; see {REFERENCE}"
        return [Finding(path, "it is missing", remedy)]
    if kind in {"enum", "literal_error"}:
        choices = _QUOTED.findall(str(context.get("expected", ""))) or [str(context["expected"])]
        return [Finding(path, f"{written} is not possible here", _choice(details, choices))]
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        bound = f"{context[key]:g}" if isinstance(context[key], int | float) else context[key]
        return [Finding(path, f"{written} is out of bounds", f"write {words} {bound}")]
    if kind == "too_short":
        if details["input"]:
            return []  # not empty as written: each of its refused entries speaks for itself
        return [Finding(path, "it is empty", f"name at least one, or remove {path[-1]}")]
    problem, remedy = _WRONG_KINDS.get(kind, (f"is refused: {details['msg']}", f"see {REFERENCE}"))
    example = _example(field)
    return [
        Finding(path, f"{written} {problem}", f"{remedy}, as in {example}" if example else remedy)
    ]


def _unknown_key(path: Path, models: Models) -> Finding:
    key = str(path[-1])
    known = {_key(name, field) for model in models for name, field in model.model_fields.items()}
    return Finding(path, f"there is no key {shown(key)} here", suggestion(key, known), on_key=True)


def _choice(details: ErrorDetails, choices: list[str]) -> str:
    written = details["input"]
    if isinstance(written, str):
        return suggestion(written, choices)
    return f"use one of {', '.join(sorted(choices))}"


def _example(field: FieldInfo | None) -> str | None:
    if field is None or not field.examples:
        return None
    return _flow(field.examples[0])


def _flow(value: object) -> str:
    """Write an example as YAML on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_flow(below)}" for key, below in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case str() if value[:1] in "#@" or ":" in value:
            return f'"{value}"'
        case _:
            return str(value)


def _expected(loc: Path) -> tuple[Models, FieldInfo | None]:
    """Find the models whose fields an error's last key should be one of, and the field if any."""
    models: Models = (GovernancePolicy,)
    field: FieldInfo | None = None
    for position, part in enumerate(loc):
        fields = {
            _key(name, item): item for model in models for name, item in model.model_fields.items()
        }
        field = fields.get(part) if isinstance(part, str) else None
        if position == len(loc) - 1:
            break
        if part in RULE_KINDS:
            models = (RULE_KINDS[str(part)],)
        elif field is not None:
            models = tuple(_models_in(field.annotation))
    return models, field


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in get_args(annotation):
        yield from _models_in(part)


def _key(name: str, field: FieldInfo) -> str:
    """The key under which a policy writes a field."""
    return field.alias or name

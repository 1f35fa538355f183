"""CloudFormation templates as their authors wrote them, with short forms spelt out."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sagewarden_cli.pages.cloudformation import listed, read_template

__all__ = ["ROOT", "Allowed", "Json", "as_text", "condition_text", "grants", "listed", "template"]

ROOT = Path(__file__).parents[2]

type Json = Any
type Allowed = frozenset[tuple[str, str, str]]


def template(name: str = "template.yaml") -> Json:
    """A template of the repository."""
    return read_template(ROOT / name)


def as_text(value: Json) -> str:
    """A value as a Sub would spell it: ``!GetAtt X.Arn`` is ``${X.Arn}``."""
    if isinstance(value, str):
        return value
    [(function, argument)] = value.items()
    if function == "Fn::Sub":
        return str(argument)
    assert function in {"Ref", "Fn::GetAtt"}, value
    return f"${{{argument}}}"


def statements(role: Json) -> Iterator[Mapping[str, Json]]:
    """The statements of a role's own policies; of an If, the one that grants more."""
    for policy in role["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def grants(role: Json, effect: str = "Allow") -> Allowed:
    """What a role allows or denies, as (action, resource, condition)."""
    return frozenset(
        (action, as_text(resource), condition_text(statement.get("Condition", {})))
        for statement in statements(role)
        if statement["Effect"] == effect
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    )


def _each(values: Json) -> Iterable[Json]:
    """One value or several, as a template or as the registry has them."""
    return values if isinstance(values, tuple) else listed(values)


def condition_text(condition: Mapping[str, Mapping[str, Json]]) -> str:
    """A condition block on one line, the same for the same meaning."""
    parts = [
        f"{operator} {key}={','.join(as_text(value) for value in _each(values))}"
        for operator, block in condition.items()
        for key, values in block.items()
    ]
    return "; ".join(sorted(parts))

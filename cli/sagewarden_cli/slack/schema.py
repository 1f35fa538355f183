"""How Slack describes what is wrong with a block: rules that collect complaints.

Slack words a complaint as ``must be less than 3001 characters [json-pointer:/blocks/0/text/text]``.
A rule looks at one value and adds its complaints; a ``Shape`` is the rule of an object.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

type Json = dict[str, Any]


@dataclass(slots=True)
class Findings:
    """The complaints so far, in the order in which they were found."""

    complaints: list[str] = field(default_factory=list)

    def add(self, pointer: str, what: str) -> None:
        """Complain about the value at a JSON pointer."""
        self.complaints.append(f"{what} [json-pointer:{pointer}]")


type Rule = Callable[[Any, str, Findings], None]


def string(most: int, least: int = 1) -> Rule:
    """Return the rule of a string of so many characters."""

    def check(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        if not isinstance(value, str):
            findings.add(pointer, "must be a string")
        elif len(value) < least:
            findings.add(pointer, f"must be more than {least - 1} characters")
        elif len(value) > most:
            findings.add(pointer, f"must be less than {most + 1} characters")

    return check


def choice(*allowed: str) -> Rule:
    """Return the rule of a string out of a few."""

    def check(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        if value not in allowed:
            findings.add(pointer, f"must be one of: {', '.join(allowed)}")

    return check


def flag(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
    """Complain about what is no boolean."""
    if not isinstance(value, bool):
        findings.add(pointer, "must be a boolean")


def number(least: int, most: int) -> Rule:
    """Return the rule of a whole number within bounds."""

    def check(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        if not isinstance(value, int) or not least <= value <= most:
            findings.add(pointer, f"must be a number from {least} to {most}")

    return check


def anything(_value: Any, _pointer: str, _findings: Findings) -> None:  # noqa: ANN401 - any JSON
    """Accept whatever it is."""


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """Return the rule of an array."""

    def check(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        if not isinstance(value, list):
            findings.add(pointer, "must be an array")
            return
        if len(value) < least:
            findings.add(pointer, f"no fewer than {least} items allowed")
        if len(value) > most:
            findings.add(pointer, f"no more than {most} items allowed")
        for position, item in enumerate(value):
            rule(item, f"{pointer}/{position}", findings)

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """The rule of an object.

    Attributes:
        fields: The rule of each field; Slack refuses an object with any other field.
        required: The fields that must be there.
        further: What holds between fields.
    """

    fields: Mapping[str, Rule]
    required: Sequence[str] = ()
    further: Rule = anything

    def __call__(self, value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        """Complain about the object and what is in it."""
        if not isinstance(value, dict):
            findings.add(pointer, "must be an object")
            return
        for name in self.required:
            if name not in value:
                findings.add(pointer, f"missing required field: {name}")
        for name, inner in value.items():
            rule = self.fields.get(name)
            if rule is None:
                findings.add(pointer, f"invalid additional property: {name}")
            else:
                rule(inner, f"{pointer}/{name}", findings)
        self.further(value, pointer, findings)


def by_type(shapes: Mapping[str, Rule]) -> Rule:
    """Return the rule of an object whose ``type`` says which shape it has."""

    def check(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        if not isinstance(value, dict):
            findings.add(pointer, "must be an object")
            return
        kind = value.get("type")
        rule = shapes.get(kind) if isinstance(kind, str) else None
        if rule is None:
            findings.add(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            rule(value, pointer, findings)

    return check


def text(most: int, *kinds: str, least: int = 1) -> Rule:
    """Return the rule of a text object of one of some kinds; without any, of both kinds."""
    allowed = kinds or ("plain_text", "mrkdwn")
    fields = {
        "type": choice(*allowed),
        "text": string(most, least),
        "emoji": flag,
        "verbatim": flag,
    }
    shape = Shape(fields, ("type", "text"))

    def check(value: Any, pointer: str, findings: Findings) -> None:  # noqa: ANN401 - any JSON
        inner = Findings()
        shape(value, pointer, inner)
        if inner.complaints and len(allowed) > 1:
            findings.add(pointer, "failed to match all allowed schemas")
        findings.complaints.extend(inner.complaints)

    return check

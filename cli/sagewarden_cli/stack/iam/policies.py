"""IAM policy documents, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagewarden_cli.stack.iam import conditions, patterns
from sagewarden_cli.stack.iam.conditions import Conditions
from sagewarden_cli.stack.iam.requests import Request

_MEMBERS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


class PolicyDocumentError(ValueError):
    """A policy document is not what IAM would accept for a role."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an identity-based policy.

    Attributes:
        source: Where it stands, for messages: the policy's name and the statement's Sid or place.
        allows: Whether its effect is Allow; Deny otherwise.
        actions: Action patterns.
        excepted: Whether the actions are those of ``NotAction``.
        resources: ARN patterns.
        elsewhere: Whether the resources are those of ``NotResource``.
        conditions: By operator and key, the values.
    """

    source: str
    allows: bool
    actions: tuple[str, ...]
    excepted: bool
    resources: tuple[str, ...]
    elsewhere: bool
    conditions: Conditions

    def applies(self, request: Request) -> bool:
        """Tell whether it speaks of a request."""
        named = any(action_matches(action, request) for action in self.actions)
        if named == self.excepted:
            return False
        placed = any(
            patterns.arn_matches(resource, request.resource, request.context)
            for resource in self.resources
        )
        return placed != self.elsewhere and conditions.hold(self.conditions, request.context)


def action_matches(pattern: str, request: Request) -> bool:
    """Tell whether an action pattern means a request's action; case does not matter."""
    return patterns.matches(pattern, request.action, {}, ignore_case=True)


def read_statements(name: str, document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Read a policy document.

    Args:
        name: The policy's name, for messages.
        document: The document, without intrinsic functions.

    Raises:
        PolicyDocumentError: It has members that a role's policy does not have, or lacks some.
    """
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    return tuple(_statement(name, index, one) for index, one in enumerate(statements))


def _statement(name: str, index: int, found: Mapping[str, Any]) -> Statement:
    source = f"{name}/{found.get('Sid', index)}"
    unknown = sorted(found.keys() - _MEMBERS)
    if unknown:
        raise PolicyDocumentError(f"{source} has {unknown}; a role's policy has {sorted(_MEMBERS)}")
    if ("Action" in found) == ("NotAction" in found):
        raise PolicyDocumentError(f"{source} needs either Action or NotAction")
    if ("Resource" in found) == ("NotResource" in found):
        raise PolicyDocumentError(f"{source} needs either Resource or NotResource")
    if found.get("Effect") not in {"Allow", "Deny"}:
        raise PolicyDocumentError(f"{source} needs the Effect Allow or Deny")
    return Statement(
        source=source,
        allows=found["Effect"] == "Allow",
        actions=_texts(found.get("Action", found.get("NotAction"))),
        excepted="NotAction" in found,
        resources=_texts(found.get("Resource", found.get("NotResource"))),
        elsewhere="NotResource" in found,
        conditions={
            operator: {key: _texts(values) for key, values in keys.items()}
            for operator, keys in found.get("Condition", {}).items()
        },
    )


def _texts(found: object) -> tuple[str, ...]:
    values = found if isinstance(found, list) else [found]
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)

"""What IAM is asked: may this role do this action to this resource, under these circumstances?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

type Context = Mapping[str, tuple[str, ...]]
"""Condition keys in lower case (IAM ignores their case), each with its values."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to IAM; an API call may need several.

    Attributes:
        role: The ARN of the role that asks.
        action: Such as ``sagemaker:StopNotebookInstance``.
        resource: An ARN, or ``*`` for an action that takes no resource.
        context: The condition keys that are known.
    """

    role: str
    action: str
    resource: str
    context: Context = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def context_of(**keys: str) -> Context:
    """Return single-valued condition keys given as ``aws__RequestedRegion="..."``."""
    return {name.replace("__", ":").lower(): (value,) for name, value in keys.items()}

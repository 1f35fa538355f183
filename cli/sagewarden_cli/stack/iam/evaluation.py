"""IAM's decision: an explicit Deny wins, an Allow is needed, everything else is denied."""

from collections.abc import Iterable
from dataclasses import dataclass

from sagewarden_cli.stack.iam.policies import Statement
from sagewarden_cli.stack.iam.requests import Request


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM would answer.

    Attributes:
        allowed: Whether the request may pass.
        statements: Those that decided: the denying ones, else the allowing ones; none when no
            statement speaks of the request, which denies it.
    """

    allowed: bool
    statements: tuple[Statement, ...]


def decide(statements: Iterable[Statement], request: Request) -> Decision:
    """Judge a request by a role's own policies (no boundaries, no organisation's policies)."""
    speaking = tuple(statement for statement in statements if statement.applies(request))
    denying = tuple(statement for statement in speaking if not statement.allows)
    if denying:
        return Decision(allowed=False, statements=denying)
    return Decision(allowed=bool(speaking), statements=speaking)

"""The proof: every recorded request was allowed, and every granted action was needed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sagewarden_cli.stack.iam.evaluation import decide
from sagewarden_cli.stack.iam.policies import Statement, action_matches
from sagewarden_cli.stack.iam.requests import Request


@dataclass(frozen=True, slots=True)
class Grant:
    """One action that one statement allows to one role.

    Attributes:
        role: The role's ARN.
        statement: Where it is granted.
        action: The action pattern.
    """

    role: str
    statement: str
    action: str

    def __str__(self) -> str:
        return f"{self.statement}: {self.action}"


@dataclass(frozen=True, slots=True)
class Proof:
    """How a stack's policies compare with what its roles did.

    Attributes:
        denied: Requests that the policies do not allow, with the reason; each once.
        used: Granted actions that allowed at least one request.
        unused: Granted actions that allowed none.
    """

    denied: tuple[str, ...]
    used: frozenset[Grant]
    unused: frozenset[Grant]


def prove(grants: Mapping[str, tuple[Statement, ...]], requests: Iterable[Request]) -> Proof:
    """Judge recorded requests by the policies of the roles that made them."""
    denied: dict[str, None] = {}
    used: set[Grant] = set()
    for request in requests:
        decision = decide(grants.get(request.role, ()), request)
        if decision.allowed:
            used |= {
                Grant(request.role, statement.source, action)
                for statement in decision.statements
                for action in statement.actions
                if action_matches(action, request) != statement.excepted
            }
        else:
            by = ", ".join(statement.source for statement in decision.statements)
            why = f"denied by {by}" if by else "no statement allows it"
            denied[f"{request.role.rpartition('/')[2]}: {request}: {why}"] = None
    return Proof(tuple(denied), frozenset(used), frozenset(_granted(grants)) - used)


def _granted(grants: Mapping[str, tuple[Statement, ...]]) -> Iterable[Grant]:
    for role, statements in grants.items():
        for statement in statements:
            if statement.allows:
                yield from (Grant(role, statement.source, action) for action in statement.actions)

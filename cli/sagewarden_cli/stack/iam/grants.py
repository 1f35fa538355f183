"""What a deployed stack grants to each of its roles."""

from collections.abc import Iterable, Mapping

from sagewarden_cli.stack.deployment import Stack
from sagewarden_cli.stack.iam.managed import managed_statements
from sagewarden_cli.stack.iam.policies import Statement, read_statements
from sagewarden_cli.stack.registration import Deployed

type Grants = Mapping[str, tuple[Statement, ...]]
"""By role ARN, the statements of all policies that the role carries."""


def grants_of(stack: Stack) -> Grants:
    """Collect inline, attached and AWS-managed policies of every role of a stack.

    Raises:
        PolicyDocumentError: A document cannot be read, or a managed policy is not known.
    """
    attached = _attached(stack)
    return {
        role.attributes["Arn"]: (*_own(role, stack), *attached.get(role.ref, ()))
        for role in stack.of_type("AWS::IAM::Role")
    }


def _own(role: Deployed, stack: Stack) -> Iterable[Statement]:
    for policy in role.properties.get("Policies", ()):
        yield from _read(role.logical_id, policy["PolicyName"], policy["PolicyDocument"])
    ours = {policy.ref: policy for policy in stack.of_type("AWS::IAM::ManagedPolicy")}
    for arn in role.properties.get("ManagedPolicyArns", ()):
        if arn in ours:
            document = ours[arn].properties["PolicyDocument"]
            yield from _read(role.logical_id, ours[arn].logical_id, document)
        else:
            yield from managed_statements(arn)


def _attached(stack: Stack) -> dict[str, tuple[Statement, ...]]:
    """Policies that name the roles they are attached to, by role name."""
    found: dict[str, tuple[Statement, ...]] = {}
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for policy in stack.of_type(kind):
            for role in policy.properties.get("Roles", ()):
                read = _read(str(role), policy.logical_id, policy.properties["PolicyDocument"])
                found[role] = (*found.get(role, ()), *read)
    return found


def _read(role: str, name: str, document: Mapping[str, object]) -> tuple[Statement, ...]:
    return read_statements(f"{role}/{name}", document)

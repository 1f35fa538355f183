"""Where a stack is being made, and what making a resource gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sagewarden_cli.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Physical:
    """A resource that was made.

    Attributes:
        ref: What ``Ref`` gives.
        attributes: What ``Fn::GetAtt`` gives.
    """

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a stack is being made.

    Attributes:
        sandbox: The emulated AWS.
        stack: The stack's name.
        region: The region.
        account: The account.
    """

    sandbox: Sandbox
    stack: str
    region: str
    account: str

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A client with an administrator's rights, as CloudFormation has."""
        return self.sandbox.client(service, self.region, self.account)

    def name(self, logical_id: str, properties: Mapping[str, Any], member: str) -> str:
        """The resource's own name, or one made of the stack's name and its logical id."""
        return str(properties.get(member, f"{self.stack}-{logical_id}"))

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource here."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


type Properties = Mapping[str, Any]
type Handler = Callable[[Site, str, Properties], Physical]


def without(properties: Properties, *members: str) -> dict[str, Any]:
    """Return properties without some members."""
    return {name: value for name, value in properties.items() if name not in members}

"""A deployed stack, as CloudFormation knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.options import BadOptionError
from sagewarden_cli.stack_place import describe_stack, outputs_of

FUNCTION = "AWS::Lambda::Function"
QUEUE = "AWS::SQS::Queue"
ALARM = "AWS::CloudWatch::Alarm"
RULE = "AWS::Events::Rule"
SCHEDULE = "AWS::Scheduler::Schedule"
TABLE = "AWS::DynamoDB::Table"
BUCKET = "AWS::S3::Bucket"
TOPIC = "AWS::SNS::Topic"

_GONE = "DELETE_COMPLETE"
"""How what an update took away stays listed."""


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """A stack.

    Attributes:
        sessions: Makes the clients.
        name: Its name.
        region: Where it is.
        status: Its status.
        parameters: What it was deployed with.
        outputs: What it tells.
        resources: The physical id of each resource, by type and logical id.
    """

    sessions: Sessions
    name: str
    region: str
    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    resources: Mapping[str, Mapping[str, str]]

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no common client type
        """A client where the stack is."""
        return self.sessions.client(service, self.region)

    def of_type(self, kind: str) -> Mapping[str, str]:
        """The physical ids of its resources of a type, by logical id."""
        return self.resources.get(kind, {})


def find_stack(sessions: Sessions, name: str, regions: Sequence[str]) -> DeployedStack:
    """Find a stack and what it consists of.

    Args:
        sessions: Makes the clients.
        name: The stack's name.
        regions: Where it is, as it was given: one at most; that of boto3's own chain otherwise.

    Raises:
        NoRegionError: Nothing names a region.
        BadOptionError: There is no such stack, or several regions are given.
        ClientError: CloudFormation refuses to describe it.
    """
    if len(regions) > 1:
        raise BadOptionError("--region: a stack is in one region; give one")
    region, stack = describe_stack(sessions, name, regions[0] if regions else None)
    client = sessions.client("cloudformation", region)
    resources: dict[str, dict[str, str]] = {}
    for page in client.get_paginator("list_stack_resources").paginate(StackName=name):
        for item in page["StackResourceSummaries"]:
            physical = item.get("PhysicalResourceId")
            if physical and item["ResourceStatus"] != _GONE:
                of_type = resources.setdefault(item["ResourceType"], {})
                of_type[item["LogicalResourceId"]] = physical
    return DeployedStack(
        sessions=sessions,
        name=name,
        region=region,
        status=stack["StackStatus"],
        parameters={i["ParameterKey"]: i["ParameterValue"] for i in stack.get("Parameters", ())},
        outputs=outputs_of(stack),
        resources=resources,
    )

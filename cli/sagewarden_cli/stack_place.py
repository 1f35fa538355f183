"""Where a deployed stack is, and what CloudFormation says of it."""

from typing import Any

from botocore.exceptions import ClientError

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.options import BadOptionError, NoRegionError


def describe_stack(sessions: Sessions, name: str, region: str | None) -> tuple[str, dict[str, Any]]:
    """Describe a stack.

    Args:
        sessions: Makes the clients.
        name: The stack's name.
        region: Where it is, or None for the region of boto3's own chain.

    Returns:
        The region, and CloudFormation's answer (DescribeStacks).

    Raises:
        NoRegionError: Nothing names a region.
        BadOptionError: There is no such stack.
        ClientError: CloudFormation refused to describe it.
    """
    place = region or sessions.region
    if place is None:
        raise NoRegionError("no region: give --region, or set AWS_REGION, to where the stack is")
    try:
        [stack] = sessions.client("cloudformation", place).describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in error.response["Error"].get("Message", ""):
            raise
        raise BadOptionError(
            f"--stack: there is no stack {name!r} in {place}; name it with --stack and its "
            "region with --region"
        ) from error
    return place, stack


def outputs_of(stack: dict[str, Any]) -> dict[str, str]:
    """What a described stack tells, by the names of its outputs."""
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", ())}

"""What a role allows must fit: IAM counts the characters of its inline policies."""

import json
import re

import pytest

from tests.support.templates import Json, as_text, template

MOST = 10_240
"""Of all inline policies of a role, white space not counted (IAM user guide, "IAM and AWS STS
quotas")."""

KNOWN = {
    "AWS::Partition": "aws-us-gov",
    "AWS::AccountId": "1" * 12,
    "AWS::Region": "ap-southeast-1",
}
LONGEST = "x" * 100
"""For an ARN or a parameter that only a deployment knows."""

ROLES = [
    pytest.param(role, id=f"{file}:{name}")
    for file in ("template.yaml", "spoke.yaml")
    for name, role in template(file)["Resources"].items()
    if role["Type"] == "AWS::IAM::Role"
]


def deployed(value: Json) -> Json:
    """A value as CloudFormation hands it to IAM, at its longest."""
    if isinstance(value, dict) and "Fn::If" in value:
        return max(
            (deployed(item) for item in value["Fn::If"][1:]), key=lambda item: len(str(item))
        )
    if (
        isinstance(value, dict)
        and len(value) == 1
        and next(iter(value)).startswith(("Fn::", "Ref"))
    ):
        return re.sub(r"\$\{([^}]+)\}", lambda found: KNOWN.get(found[1], LONGEST), as_text(value))
    if isinstance(value, dict):
        return {key: deployed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [deployed(item) for item in value]
    return value


@pytest.mark.parametrize("role", ROLES)
def test_the_policies_of_a_role_are_no_longer_than_iam_takes(role: Json) -> None:
    documents = (item["PolicyDocument"] for item in role["Properties"].get("Policies", ()))

    size = sum(len(json.dumps(deployed(item), separators=(",", ":"))) for item in documents)

    assert size <= MOST

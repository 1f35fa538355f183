"""What SageMaker tells alike of every kind of resource: what identifies it, and its tags."""

from typing import TYPE_CHECKING, Any

from sagewarden.domain.resources import ResourceKind, ResourceRef, Tags

if TYPE_CHECKING:
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_sagemaker import SageMakerClient


def ref_of(kind: ResourceKind, name: str, arn: str) -> ResourceRef:
    """What identifies a resource; its ARN tells its account and region."""
    _, _, _, region, account, _ = arn.split(":", 5)
    return ResourceRef(kind=kind, account=account, region=region, name=name, arn=arn)


def own_tags(client: "SageMakerClient", arn: str) -> Tags:
    """The tags of one resource (ListTags)."""
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def tags_by_arn(client: "ResourceGroupsTaggingAPIClient", **which: Any) -> dict[str, Tags]:  # noqa: ANN401 - the parameters of GetResources
    """The tags of many resources (GetResources), by ARN; what never had a tag is not among them."""
    pages = client.get_paginator("get_resources").paginate(**which)
    return {
        item["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
        for page in pages
        for item in page["ResourceTagMappingList"]
    }

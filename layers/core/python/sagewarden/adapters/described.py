"""What AWS says of a thing, as JSON values that can be kept: for manifests and for comparing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from sagewarden.adapters.errors import is_gone
from sagewarden.adapters.resource_identity import tags_by_arn
from sagewarden.adapters.sessions import CONNECTIONS, Sessions
from sagewarden.adapters.together import Questions
from sagewarden.domain.resources import Tags

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_sagemaker import SageMakerClient

type Json = dict[str, Any]

ARNS_A_CALL: Final = 100
"""The most ARNs that GetResources takes (its API reference)."""

ALARMS_FRESH_FOR: Final = 10.0
"""For how many seconds a list of all alarms counts."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The clients that tell all there is to say of an endpoint in a region."""

    sagemaker: "SageMakerClient"
    autoscaling: "ApplicationAutoScalingClient"
    cloudwatch: "CloudWatchClient"
    open_tagging: "Callable[[], ResourceGroupsTaggingAPIClient]"
    questions: Questions

    @classmethod
    def of(cls, sessions: Sessions, region: str) -> "Sources":
        """The clients of a region."""
        return cls(
            sessions.client("sagemaker", region),
            sessions.client("application-autoscaling", region),
            sessions.client("cloudwatch", region),
            lambda: sessions.client("resourcegroupstaggingapi", region),
            sessions.questions,
        )

    def metric_alarms(self) -> Sequence[Mapping[str, Any]]:
        """Every metric alarm of the region, listed once for all threads that want them.

        They are those of some seconds ago at most: an alarm outlives its endpoint, so that none is
        lost that is made meanwhile.

        Calls: a page for each hundred.
        """

        def ask(_wishes: Sequence[None]) -> Sequence[Mapping[str, Any]]:
            pages = self.cloudwatch.get_paginator("describe_alarms").paginate(
                AlarmTypes=["MetricAlarm"], PaginationConfig={"PageSize": 100}
            )
            return [alarm for page in pages for alarm in page["MetricAlarms"]]

        key = ("alarms", self.cloudwatch.meta.region_name)
        return self.questions.about(key, ask, CONNECTIONS, ALARMS_FRESH_FOR).answer(None)

    def tags(self, arns: Sequence[str]) -> dict[str, Tags]:
        """The tags of resources by their ARNs, read together with what other threads want now.

        They are those of a moment ago, as GetResources has it: good enough for what is only kept,
        and not for what a verdict or a precondition hangs on.

        Calls: one for each hundred.
        """

        def ask(wishes: Sequence[Sequence[str]]) -> Mapping[str, Tags]:
            every = dict.fromkeys(arn for wish in wishes for arn in wish)
            found: dict[str, Tags] = {}
            for some in batched(every, ARNS_A_CALL):
                found |= tags_by_arn(self.open_tagging(), ResourceARNList=list(some))
            return found

        key = ("tags", self.cloudwatch.meta.region_name)
        found = self.questions.about(key, ask, CONNECTIONS).answer(arns)
        return {arn: found.get(arn, {}) for arn in arns}


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever JSON AWS answers
    """The same value with texts for times and without the answer's own metadata."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def unless_gone(read: Callable[..., Mapping[str, Any]], **which: str) -> Json | None:
    """What a SageMaker resource is described as; None when there is none."""
    try:
        found: Json = plain(dict(read(**which)))
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return found


def tags_of(client: "SageMakerClient", arn: str) -> dict[str, str]:
    """The tags of a SageMaker resource."""
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def tags_by_name(
    client: "SageMakerClient", described: list[Json], noun: str
) -> dict[str, dict[str, str]]:
    """The tags of SageMaker resources of one kind, by their names.

    Args:
        client: Where they are.
        described: What each is described as.
        noun: How its members begin: ``Model``, ``InferenceComponent``.
    """
    return {item[f"{noun}Name"]: tags_of(client, item[f"{noun}Arn"]) for item in described}


def specifications(component: Mapping[str, Any]) -> list[Json]:
    """What an inference component runs: one specification, or one for each instance type."""
    one = component.get("Specification")
    return [*([one] if one else []), *component.get("Specifications", ())]

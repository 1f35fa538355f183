"""The checks of ``sagewarden doctor``: each looks at one thing and says how to mend it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sagewarden.adapters.errors import is_gone, why
from sagewarden.adapters.sessions import Sessions

PROBE = "sagewarden-doctor-probe"
"""A name that no resource has: being told so proves that one may ask."""

_IAM_PREFIXES = {"resourcegroupstaggingapi": "tag"}
"""IAM's name of a service where boto3's is another."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    Attributes:
        name: What was looked at.
        passed: Whether it is as it should be.
        found: What was found.
        fix: What to do about it; empty when it passed.
    """

    name: str
    passed: bool
    found: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ReadCall:
    """A read call that planning makes, in its cheapest form.

    Attributes:
        service: boto3's name of the service.
        method: boto3's name of the operation.
        arguments: Its arguments.
    """

    service: str
    method: str
    arguments: Mapping[str, Any]

    @property
    def permission(self) -> str:
        """The IAM action it needs."""
        operation = "".join(word.title() for word in self.method.split("_"))
        return f"{_IAM_PREFIXES.get(self.service, self.service)}:{operation}"


def read_calls(account: str, region: str, partition: str) -> Sequence[ReadCall]:
    """The read calls that planning makes."""
    one = {"MaxResults": 1}
    arn = f"arn:{partition}:sagemaker:{region}:{account}:endpoint/{PROBE}"
    endpoints = {"ResourceTypeFilters": ["sagemaker:endpoint"]}
    targets = {"ServiceNamespace": "sagemaker"}
    return (
        ReadCall("sagemaker", "list_notebook_instances", one),
        ReadCall("sagemaker", "describe_notebook_instance", {"NotebookInstanceName": PROBE}),
        ReadCall("sagemaker", "list_endpoints", one),
        ReadCall("sagemaker", "describe_endpoint", {"EndpointName": PROBE}),
        ReadCall("sagemaker", "describe_endpoint_config", {"EndpointConfigName": PROBE}),
        ReadCall("sagemaker", "list_inference_components", one),
        ReadCall("sagemaker", "list_tags", {"ResourceArn": arn}),
        ReadCall("resourcegroupstaggingapi", "get_resources", endpoints),
        ReadCall("application-autoscaling", "describe_scalable_targets", targets),
        ReadCall("cloudwatch", "list_metrics", {"Namespace": "AWS/SageMaker"}),
    )


def check_credentials(sessions: Sessions) -> tuple[Check, str | None]:
    """Ask who we are; the account is None when nobody answers."""
    try:
        account = sessions.account()
    except (BotoCoreError, ClientError) as error:
        fix = "give --profile, set AWS_PROFILE, or run aws sso login"
        return Check("credentials", passed=False, found=why(error), fix=fix), None
    return Check("credentials", passed=True, found=f"account {account}"), account


def check_region(sessions: Sessions, account: str, region: str, now: datetime) -> Iterator[Check]:
    """Check the permissions, the metrics and the trail of a region.

    Args:
        sessions: Makes the clients.
        account: The account of the credentials.
        region: The region to look at.
        now: The present moment (aware).
    """
    for call in read_calls(account, region, sessions.partition(region)):
        yield _checked(
            f"{call.permission} in {region}",
            f"allow {call.permission} in the IAM policy of your identity",
            partial(_permitted, sessions, call, region),
        )
    yield _checked(
        f"metrics in {region}",
        "allow cloudwatch:GetMetricData in the IAM policy of your identity",
        partial(_metrics, sessions, region, now),
    )
    yield _checked(
        f"CloudTrail in {region}",
        "create a trail that logs management events: without one EventBridge delivers no "
        "API calls, and new resources are only seen by the next scheduled sweep",
        partial(_trail, sessions, region),
    )


def check_organization(sessions: Sessions, account: str, region: str) -> Iterator[Check]:
    """Check whether the organisation says who is in it, and which regions its accounts enabled.

    Args:
        sessions: Makes the clients.
        account: The account of the credentials.
        region: Where calls without a region of their own are made.
    """
    service = "account.amazonaws.com"
    yield _checked(
        "accounts of the organisation",
        "use the management account or a delegated administrator; in the management account: aws "
        f"organizations register-delegated-administrator --account-id {account} "
        f"--service-principal {service}",
        partial(_organization, sessions, region),
    )
    yield _checked(
        "enabled regions of its accounts",
        f"in the management account: aws organizations enable-aws-service-access "
        f"--service-principal {service}, and register-delegated-administrator for it",
        partial(_regions_of_another, sessions, account, region),
    )


def _checked(name: str, fix: str, look: Callable[[], str | None]) -> Check:
    """Look at one thing; the look answers what it found, or None when it is missing."""
    try:
        found = look()
    except ClientError as error:
        return Check(name, passed=False, found=why(error), fix=fix)
    except BotoCoreError as error:
        fix = "check the name of the region, the network, and AWS_ENDPOINT_URL"
        return Check(name, passed=False, found=why(error), fix=fix)
    if found is None:
        return Check(name, passed=False, found="none", fix=fix)
    return Check(name, passed=True, found=found)


def _permitted(sessions: Sessions, call: ReadCall, region: str) -> str:
    try:
        getattr(sessions.client(call.service, region), call.method)(**call.arguments)
    except ClientError as error:
        if not is_gone(error):
            raise
    return "allowed"


def _metrics(sessions: Sessions, region: str, now: datetime) -> str:
    sessions.client("cloudwatch", region).get_metric_data(
        MetricDataQueries=[
            {
                "Id": "probe",
                "MetricStat": {
                    "Metric": {"Namespace": "AWS/SageMaker", "MetricName": "Invocations"},
                    "Period": 3600,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
    )
    return "readable"


def _trail(sessions: Sessions, region: str) -> str | None:
    trails = sessions.client("cloudtrail", region).describe_trails()["trailList"]
    return ", ".join(trail["Name"] for trail in trails) or None


def _organization(sessions: Sessions, region: str) -> str:
    client = sessions.client("organizations", region)
    client.list_accounts(MaxResults=1)
    return str(client.describe_organization()["Organization"]["Id"])


def _regions_of_another(sessions: Sessions, account: str, region: str) -> str:
    """Ask about some other account; where there is none, there is nothing to be missing."""
    members = sessions.client("organizations", region).list_accounts(MaxResults=2)["Accounts"]
    for other in (item["Id"] for item in members if item["Id"] != account):
        sessions.client("account", region).list_regions(AccountId=other, MaxResults=1)
    return "readable"

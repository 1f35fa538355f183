"""AWS sessions and clients: the only place that makes them, and that counts their calls.

They are botocore's, the same that boto3 hands out: what boto3 adds (resources, S3 transfers) is not
needed here, and would be imported at every cold start: benchmarks/README.md. What AWS's services
offer is read once per process, however many accounts are entered.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from botocore.config import Config
from botocore.loaders import Loader, create_loader
from botocore.session import Session
from botocore.utils import parse_timestamp

from sagewarden.adapters.errors import reading
from sagewarden.adapters.looks import Looks
from sagewarden.adapters.retries import Retries
from sagewarden.adapters.tally import Tally

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient

CONNECTIONS = 16
"""As many calls for things of one kind may be in flight at once."""

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},  # adapters/retries.py does it
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=4 * CONNECTIONS,  # kept: several kinds are read at once
    user_agent_extra="sagewarden",
)

ASSUMED_FOR = timedelta(hours=1)
"""How long an assumed role's credentials are asked for: the most when roles are chained."""

ASSUMED_ANEW_AFTER = timedelta(minutes=40)
"""From then on they are asked for anew: what is left outlasts a function's longest run, 15 min."""


@cache
def _models(folders: str | None) -> Loader:
    """What reads the services' models, hundreds of kilobytes each, and keeps them."""
    return create_loader(folders)


class Sessions:
    """Makes and keeps one client per service and region; safe to share between threads.

    Args:
        profile: The AWS profile, or None for the SDK's own chain.
        credentials: Keys to use instead.
        retries: Makes what paces and repeats the calls of one client.

    Attributes:
        region: The region of the AWS SDK's own chain, or None.
        tally: Counts the calls; those of assumed roles too.
        looks: What was seen of endpoints a moment ago.
    """

    def __init__(
        self,
        profile: str | None = None,
        credentials: Mapping[str, str] | None = None,
        tally: Tally | None = None,
        retries: Callable[[], Retries] = Retries,
    ) -> None:
        self.tally = tally or Tally()
        self._session = Session(profile=profile)
        models = _models(self._session.get_config_variable("data_path"))
        self._session.register_component("data_loader", models)
        parsers = self._session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=_moment)
        self._retries = retries
        if credentials is not None:
            self._session.set_credentials(**credentials)
        self._assumed: dict[str, tuple[datetime, Self]] = {}
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lock = threading.Lock()
        self.looks = Looks()
        self.region: str | None = self._session.get_config_variable("region")

    @property
    def calls(self) -> Mapping[str, int]:
        """How many requests were sent, retries included, by ``Service.Operation``."""
        return dict(sorted(self.tally.now().calls.items()))

    def account(self) -> str:
        """The account that the credentials belong to."""
        return self.client("sts", self.region or "us-east-1").get_caller_identity()["Account"]

    def assumed(self, role: str, external_id: str, region: str, now: datetime) -> Self:
        """The sessions of a role in another account, kept until their credentials grow old.

        Args:
            role: The role's ARN.
            external_id: What its trust policy asks for.
            region: Whose STS is asked.
            now: The present moment (aware).

        Raises:
            UnreadableError: The role could not be assumed.
        """
        with self._lock:
            since, known = self._assumed.get(role, (now, None))
        if known is not None and now < since + ASSUMED_ANEW_AFTER:
            return known
        with reading(f"the account of {role}"):
            answer = self.client("sts", region).assume_role(
                RoleArn=role,
                RoleSessionName="sagewarden",
                ExternalId=external_id,
                DurationSeconds=int(ASSUMED_FOR.total_seconds()),
            )
        keys = answer["Credentials"]
        entered = type(self)(
            credentials={
                "access_key": keys["AccessKeyId"],
                "secret_key": keys["SecretAccessKey"],
                "token": keys["SessionToken"],
            },
            tally=self.tally,
            retries=self._retries,
        )
        with self._lock:
            self._assumed[role] = (now, entered)
        return entered

    def partition(self, region: str) -> str:
        """The partition of a region: ``aws``, ``aws-cn``, ``aws-us-gov``, ..."""
        return str(self._session.get_partition_for_region(region))

    @overload
    def client(self, service: Literal["sagemaker"], region: str) -> "SageMakerClient": ...
    @overload
    def client(self, service: Literal["cloudwatch"], region: str) -> "CloudWatchClient": ...
    @overload
    def client(self, service: Literal["dynamodb"], region: str) -> "DynamoDBClient": ...
    @overload
    def client(self, service: Literal["sts"], region: str) -> "STSClient": ...
    @overload
    def client(
        self, service: Literal["resourcegroupstaggingapi"], region: str
    ) -> "ResourceGroupsTaggingAPIClient": ...
    @overload
    def client(
        self, service: Literal["application-autoscaling"], region: str
    ) -> "ApplicationAutoScalingClient": ...
    @overload
    def client(self, service: str, region: str) -> Any: ...  # noqa: ANN401 - boto3 has no common client type
    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region, made on first use."""
        key = (service, region)
        with self._lock:
            if key not in self._clients:
                client = self._session.create_client(service, region_name=region, config=CONFIG)
                self.tally.watch(client)
                self._retries().watch(client)
                self._clients[key] = client
            return self._clients[key]


def _moment(value: str | float) -> datetime:
    """A time as AWS writes it, in UTC: 50,000 of them are in the metrics of 1,000 endpoints."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    moment: datetime = parse_timestamp(value)
    return moment

"""AWS sessions and clients: the only place that makes them, and that counts their calls.

They are botocore's, the same that boto3 hands out: what boto3 adds (resources, S3 transfers) is not
needed here, and would be imported at every cold start: benchmarks/README.md. What AWS's services
offer is read once per process, however many accounts are entered.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, Self, overload

from botocore.config import Config
from botocore.loaders import Loader, create_loader
from botocore.session import Session
from botocore.utils import parse_timestamp

from sagewarden.adapters.errors import entering
from sagewarden.adapters.looks import Looks
from sagewarden.adapters.retries import ATTEMPTS, Retries
from sagewarden.adapters.tally import Tally
from sagewarden.adapters.together import Questions
from sagewarden.application.ports import OutOfReachError, UnreadableError

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

MOST_ENTERED = 8
"""Of how many assumed roles the clients are kept: those of an account take some megabytes.

A function that sweeps a thousand accounts would outgrow its memory with the clients of all of them;
their credentials alone are small, and are kept.
"""

type _Keys = Mapping[str, str]
"""Credentials, as botocore's clients take them."""


@cache
def _models(folders: str | None) -> Loader:
    """What reads the services' models, hundreds of kilobytes each, and keeps them."""
    return create_loader(folders)


class Workshop:
    """A botocore session, which can make only one client at a time.

    Attributes:
        attempts: How often a call is made in all when something fails for a moment.
    """

    def __init__(self, profile: str | None) -> None:
        self.session = Session(profile=profile)
        models = _models(self.session.get_config_variable("data_path"))
        self.session.register_component("data_loader", models)
        parsers = self.session.get_component("response_parser_factory")
        parsers.set_parser_defaults(timestamp_parser=_moment)
        self._lock = threading.Lock()
        told = self.session.get_config_variable("max_attempts")
        self.attempts = ATTEMPTS if told is None else max(1, int(told))

    def made(self, service: str, region: str, keys: _Keys) -> Any:  # noqa: ANN401 - as in Sessions.client
        """A new client, with the session's own credentials unless others are given."""
        make: Callable[..., Any] = self.session.create_client
        with self._lock:
            return make(service, region_name=region, config=CONFIG, **keys)


class Sessions:
    """Makes and keeps one client per service and region; safe to share between threads.

    Assumed roles share one botocore session: what it reads of the configuration is read once.

    Args:
        profile: The AWS profile, or None for the SDK's own chain.
        workshop: What makes the clients; one of the profile's own unless given.
        given: Credentials to use instead of the profile's.
        tally: What counts the calls.
        retries: Makes what paces and repeats the calls of one client; as the SDK is configured
            unless given.

    Attributes:
        region: The region of the AWS SDK's own chain, or None.
        tally: Counts the calls; those of assumed roles too.
        looks: What was seen of endpoints a moment ago.
        questions: What threads ask together.
    """

    def __init__(
        self,
        profile: str | None = None,
        *,
        workshop: Workshop | None = None,
        given: _Keys | None = None,
        tally: Tally | None = None,
        retries: Callable[[], Retries] | None = None,
    ) -> None:
        self.tally = tally or Tally()
        self.looks = Looks()
        self.questions = Questions()
        self._workshop = workshop or Workshop(profile)
        self._retries = retries or partial(Retries, attempts=self._workshop.attempts)
        self._given: _Keys = given or {}
        self._keys: dict[str, tuple[datetime, _Keys]] = {}
        self._entered: OrderedDict[str, tuple[datetime, Self]] = OrderedDict()
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._lock = threading.Lock()
        self.region: str | None = self._workshop.session.get_config_variable("region")

    @property
    def calls(self) -> Mapping[str, int]:
        """How many requests were sent, retries included, by ``Service.Operation``."""
        return dict(sorted(self.tally.now().calls.items()))

    def account(self) -> str:
        """The account that the credentials belong to."""
        return self.client("sts", self.region or "us-east-1").get_caller_identity()["Account"]

    def assumed(self, role: str, external_id: str, region: str, now: datetime) -> Self:
        """The sessions of a role in another account, kept until their credentials grow old.

        Of those that were not asked for longest the clients are forgotten: `MOST_ENTERED`.

        Args:
            role: The role's ARN.
            external_id: What its trust policy asks for.
            region: Whose STS is asked.
            now: The present moment (aware).

        Raises:
            OutOfReachError: It is refused: no such role, or none that lets us in.
            UnreadableError: It could not be assumed for another reason.
        """
        with self._lock:
            since, keys = self._keys.get(role, (now, None))
            known = self._entered.get(role)
        if keys is None or now >= since + ASSUMED_ANEW_AFTER:
            since, keys = now, self._assume(role, external_id, region)
        if known is None or known[0] != since:
            entered = type(self)(
                workshop=self._workshop, given=keys, tally=self.tally, retries=self._retries
            )
            known = (since, entered)
        with self._lock:
            self._keys[role] = (since, keys)
            self._entered[role] = known
            self._entered.move_to_end(role)
            while len(self._entered) > MOST_ENTERED:
                self._entered.popitem(last=False)
        return known[1]

    def barred(self, region: str) -> str | None:
        """Why a region lets nobody in; None when it does, or when that cannot be told.

        A region that the account has not enabled knows no credentials: its own STS refuses to say
        who we are, for which no permission is needed.
        """
        try:
            with entering(f"region {region}"):
                self.client("sts", region).get_caller_identity()
        except OutOfReachError as error:
            return error.why
        except UnreadableError:
            pass
        return None

    def _assume(self, role: str, external_id: str, region: str) -> _Keys:
        with entering(f"the account of {role}"):
            answer = self.client("sts", region).assume_role(
                RoleArn=role,
                RoleSessionName="sagewarden",
                ExternalId=external_id,
                DurationSeconds=int(ASSUMED_FOR.total_seconds()),
            )
        keys = answer["Credentials"]
        return {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }

    def regions_of(self, service: str, like: str) -> frozenset[str]:
        """The regions of a region's partition in which botocore knows a service."""
        session = self._workshop.session
        found = session.get_available_regions(service, partition_name=self.partition(like))
        return frozenset(map(str, found))

    def partition(self, region: str) -> str:
        """The partition of a region: ``aws``, ``aws-cn``, ``aws-us-gov``, ..."""
        return str(self._workshop.session.get_partition_for_region(region))

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
                client = self._workshop.made(service, region, self._given)
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

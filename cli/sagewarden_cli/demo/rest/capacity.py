"""The demo's endpoints whose instances keep hours, and those that somebody else looks after."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sagewarden.adapters.sessions import Sessions
from sagewarden.application.adjust_concurrency import adjust_concurrency
from sagewarden.application.carry_out import Hands
from sagewarden.application.ports import Notifier
from sagewarden.application.sweep import SweepReport
from sagewarden.bootstrap import concurrency_hands
from sagewarden.domain.money import PriceComponent
from sagewarden.domain.rules import Policy
from sagewarden_cli.demo import serving, traffic
from sagewarden_cli.demo.organisation import WEEK_BEGINS, Endpoint, Team
from sagewarden_cli.demo.portraits import Clients, Portrait, tags_at, without
from sagewarden_cli.demo.rest.kinds import Extra, Kind, Runs, trap
from sagewarden_cli.demo.seeding import add_endpoint
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of
from sagewarden_cli.sandbox import Sandbox

_BY_HOURS = "by-hours"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_VARIANT = "AllTraffic"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaledEndpoint(Extra):
    """A real-time endpoint to begin with.

    Attributes:
        instance_type: What it runs on.
        count: On how many of them.
        status: Its state when the week begins.
        autoscaled: Whether its team scales it already.
    """

    instance_type: str
    count: int = 3
    status: str = "InService"
    autoscaled: bool = False

    @property
    def endpoint(self) -> Endpoint:
        """As the organisation's other endpoints: called by day."""
        how = serving.instances(self.instance_type, self.count)
        calls = traffic.office(self.name, self.team.zone, 900)
        return Endpoint(
            name=self.name,
            region=self.region,
            team=self.team,
            tags=self.tags,
            serving=how,
            feeds=serving.feeds_of(self.name, how, calls),
            created_at=WEEK_BEGINS - timedelta(days=90),
            status=self.status,
        )


def _endpoint(name: str, team: Team, instance_type: str) -> ScaledEndpoint:
    owner = team.owner_of(name)
    return ScaledEndpoint(
        name=f"{name}-{_BY_HOURS}",
        team=team,
        tags=tags_of(team, owner, "test") | {"Schedule": team.calendar},
        runs=Runs(PriceComponent.HOSTING, instance_type, 3),
        instance_type=instance_type,
    )


_ENDPOINTS = (
    _endpoint("catalogue", SEARCH, "ml.m5.2xlarge"),
    _endpoint("claims-desk", FRAUD, "ml.g4dn.xlarge"),
    trap(_endpoint("payments", FRAUD, "ml.m5.xlarge"), "protected: Stage=prod", Stage="prod"),
    trap(
        _endpoint("helpdesk", LANGUAGE, "ml.m5.xlarge"),
        "exempt by its owner",
        SagewardenExempt="2026-12-24: season",
    ),
    trap(
        _endpoint("newsletter", PERSONAL, "ml.m5.xlarge"),
        "managed by CloudFormation",
        **{"aws:cloudformation:stack-name": "ml-shared"},
    ),
    trap(
        replace(_endpoint("photo-desk", VISION, "ml.m5.xlarge"), status="Updating"),
        "an update is under way",
    ),
    trap(
        replace(_endpoint("search-desk", SEARCH, "ml.m5.xlarge"), autoscaled=True),
        "its team scales it already",
    ),
    trap(
        _endpoint("planning", FORECAST, "ml.m5.xlarge"),
        "its schedule cannot be read",
        Schedule="mon-fri 9am to 6pm",
    ),
)


def _seed(sandbox: Sandbox, item: ScaledEndpoint) -> str:
    fleet = sandbox.sagemaker(region=item.region)
    add_endpoint(sandbox, fleet, item.endpoint)
    if item.autoscaled:
        sandbox.client("application-autoscaling", item.region).register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=_target(item),
            ScalableDimension=_DIMENSION,
            MinCapacity=2,
            MaxCapacity=6,
        )
    client = sandbox.client("sagemaker", item.region)
    return str(client.describe_endpoint(EndpointName=item.name)["EndpointArn"])


def _target(item: ScaledEndpoint) -> str:
    return f"endpoint/{item.name}/variant/{_VARIANT}"


def _portray(clients: Clients, item: ScaledEndpoint) -> Portrait:
    client = clients("sagemaker", item.region)
    seen = client.describe_endpoint(EndpointName=item.name)
    scaling = clients("application-autoscaling", item.region)
    where: Mapping[str, str] = {"ServiceNamespace": "sagemaker", "ScalableDimension": _DIMENSION}
    targets = scaling.describe_scalable_targets(ResourceIds=[_target(item)], **where)
    actions = scaling.describe_scheduled_actions(ResourceId=_target(item), **where)
    return {
        "endpoint": without(seen),
        "targets": targets["ScalableTargets"],
        "actions": actions["ScheduledActions"],
        "tags": tags_at(client, seen["EndpointArn"]),
    }


def _adjust(
    policy: Policy, region: str, hands: Hands, sessions: Sessions, notifier: Notifier
) -> SweepReport:
    return adjust_concurrency(policy, region, concurrency_hands(hands, sessions), notifier)


CAPACITY = Kind(
    title="Instances of endpoints, by hours",
    rules=("instances-by-hours",),
    extras=_ENDPOINTS,
    seed=_seed,
    portray=_portray,
    bot=_adjust,
    warns=False,
    is_metered=True,
    every=timedelta(hours=12),
)

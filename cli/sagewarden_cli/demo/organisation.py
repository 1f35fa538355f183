"""The demo's organisation as plain values: who works there, and what they left running."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

VIRGINIA = "us-east-1"
SEOUL = "ap-northeast-2"
REGIONS = (VIRGINIA, SEOUL)

WEEK_BEGINS = datetime(2026, 11, 16, tzinfo=ZoneInfo("Asia/Seoul")).astimezone(UTC)
"""The Monday on which the simulated week begins, at midnight in Seoul."""

WEEK = timedelta(days=7)

type Traffic = Callable[[datetime], float | None]
"""What an endpoint's use metric says of the hour that begins at a moment; None is no datapoint."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team.

    Attributes:
        name: Its name, the value of the tag ``Team``.
        zone: The time zone it works in.
        calendar: The policy's calendar of its office.
        cost_centre: The value of the tag ``CostCenter``.
        owners: Its people.
        home: The region in which it mostly works.
    """

    name: str
    zone: ZoneInfo
    calendar: str
    cost_centre: str
    owners: tuple[str, ...]
    home: str

    def owner_of(self, name: str) -> str:
        """Whose of its people a resource is: by its name, so that each run says the same."""
        return self.owners[len(name) % len(self.owners)]


class Habit(StrEnum):
    """How the people behind a notebook treat it."""

    FORGETS = "forgets"
    """Leaves it running, and expects it to be there in the morning."""
    STARTS_BY_HAND = "starts by hand"
    """Leaves it running; when it is off in the morning, starts it on the days it is needed."""
    TIDY = "tidy"
    """Stops it before leaving, most days."""
    WORKS_AT_NIGHT = "works at night"
    """Starts it again late on two evenings."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook instance to begin with.

    Attributes:
        name: Its name.
        region: Where it is.
        team: Whose it is.
        instance_type: For example ``ml.t3.medium``.
        habit: How its people treat it.
        tags: Its tags.
        created_at: When it was created.
        modified_at: When it was last started or stopped.
        status: Its state when the week begins.
    """

    name: str
    region: str
    team: Team
    instance_type: str
    habit: Habit
    tags: Mapping[str, str]
    created_at: datetime
    modified_at: datetime
    status: str = "InService"


@dataclass(frozen=True, slots=True)
class Serving:
    """How an endpoint serves, in the words of CreateEndpointConfig.

    Attributes:
        variants: Its ``ProductionVariants``.
        extras: Other members, such as ``AsyncInferenceConfig``.
        components: The names of its inference components.
        scales_to_zero: Whether Application Auto Scaling may take it to 0 instances.
    """

    variants: tuple[Mapping[str, object], ...]
    extras: Mapping[str, object] = field(default_factory=dict[str, object])
    components: tuple[str, ...] = ()
    scales_to_zero: bool = False


@dataclass(frozen=True, slots=True)
class MetricFeed:
    """One metric that SageMaker publishes of an endpoint, and what it says hour by hour."""

    metric: str
    dimensions: Mapping[str, str]
    traffic: Traffic


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint to begin with, or one created during the week.

    Attributes:
        name: Its name.
        region: Where it is.
        team: Whose it is.
        tags: Its tags.
        serving: How it serves.
        feeds: What is published of its use.
        created_at: When it was created; within the week for one that is still to come.
        status: Its state when the week begins.
    """

    name: str
    region: str
    team: Team
    tags: Mapping[str, str]
    serving: Serving
    feeds: tuple[MetricFeed, ...]
    created_at: datetime
    status: str = "InService"


class Deed(StrEnum):
    """What a person does."""

    START = "start"
    STOP = "stop"
    RECREATE = "recreate"
    """Delete an endpoint and create it anew under the same name."""
    CREATE = "create"


@dataclass(frozen=True, slots=True, order=True)
class HumanEvent:
    """Something a person does during the week, with or without Sagewarden."""

    at: datetime
    region: str
    name: str
    deed: Deed


@dataclass(frozen=True, slots=True)
class Trap:
    """A resource that a careless tool would touch, and why it must not.

    Attributes:
        name: The resource's name.
        why: Why it must be left alone.
        since: From when on; from the beginning of the week unless given.
        until: When that ends; with the week unless given.
    """

    name: str
    why: str
    since: datetime = WEEK_BEGINS
    until: datetime = WEEK_BEGINS + WEEK


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everything the week begins with, and what people will do in it."""

    teams: tuple[Team, ...]
    notebooks: tuple[Notebook, ...]
    endpoints: tuple[Endpoint, ...]
    events: tuple[HumanEvent, ...]
    traps: tuple[Trap, ...]

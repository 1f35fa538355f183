"""A made-up fleet of any size, and what is right to do about each resource of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PROTECTED = ("Stage", "prod")
"""The tag that both tools are told to leave alone."""

WINDOW = timedelta(hours=48)
"""How long nobody may have called an endpoint."""

VARIANT = "AllTraffic"
INSTANCE_TYPES = ("ml.m5.large", "ml.m5.xlarge", "ml.g4dn.xlarge", "ml.c5.2xlarge")
TEAMS = ("vision", "search", "fraud", "speech")

_OF = 200
"""Traits come back after as many resources, so that shares are exact at every multiple of it."""


class Story(StrEnum):
    """What is the matter with a resource."""

    BUSY = "busy"
    RARE = "called once, on the day before yesterday"
    IDLE = "idle"
    SILENT = "without any datapoint"
    YOUNG = "without a call, and younger than the window"
    PROTECTED = "idle, and protected by its tag"
    RUNNING = "running after hours"
    STOPPED = "stopped"
    PROTECTED_RUNNING = "running after hours, and protected by its tag"


WRONG = frozenset({Story.IDLE, Story.RUNNING})
"""The stories of what should be deleted or stopped, and nothing else should."""


@dataclass(frozen=True, slots=True)
class Member:
    """One resource.

    Attributes:
        name: Its name.
        story: What is the matter with it.
        instance_type: What it runs on.
        created: When it was created.
        tags: Its tags.
        calls: Hourly invocations, as (hours ago, calls); none where nothing was ever published.
    """

    name: str
    story: Story
    instance_type: str
    created: datetime
    tags: dict[str, str]
    calls: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class FleetSize:
    """How large a fleet is, and how much of it is idle.

    Attributes:
        endpoints: How many endpoints.
        notebooks: How many notebook instances.
        idle_percent: How many percent of the endpoints are idle: 0 to 90.
    """

    endpoints: int
    notebooks: int = 0
    idle_percent: int = 5


def endpoints(size: FleetSize, now: datetime) -> Iterator[Member]:
    """The endpoints of a fleet.

    Args:
        size: How many, and how many of them idle.
        now: The present moment (aware).
    """
    for number in range(size.endpoints):
        story = _endpoint_story(number, size.idle_percent)
        young = story is Story.YOUNG
        created = now - (timedelta(hours=3) if young else timedelta(days=30))
        name = f"endpoint-{number:06}"
        yield _member(name, number, story, created, _calls(story))


def notebooks(size: FleetSize, now: datetime) -> Iterator[Member]:
    """The notebook instances of a fleet."""
    for number in range(size.notebooks):
        story = _notebook_story(number)
        yield _member(f"notebook-{number:06}", number, story, now - timedelta(days=30))


def to_be_done(members: Iterator[Member]) -> frozenset[str]:
    """The names of what should be deleted or stopped."""
    return frozenset(member.name for member in members if member.story in WRONG)


def _member(
    name: str,
    number: int,
    story: Story,
    created: datetime,
    calls: tuple[tuple[int, float], ...] = (),
) -> Member:
    tags = {"Owner": f"person-{number % 40}", "Team": TEAMS[number % len(TEAMS)]}
    if story in {Story.PROTECTED, Story.PROTECTED_RUNNING}:
        tags |= dict([PROTECTED])
    kind = INSTANCE_TYPES[number % len(INSTANCE_TYPES)]
    return Member(name, story, kind, created, tags, calls)


def _endpoint_story(number: int, idle_percent: int) -> Story:
    """Idle ones are spread evenly; of every 200 others one is silent, four are each a trap."""
    place = number % _OF
    if place * idle_percent % 100 < idle_percent:
        return Story.IDLE
    traps = {
        **dict.fromkeys((7, 57, 107, 157), Story.YOUNG),
        **dict.fromkeys((9, 59, 109, 159), Story.PROTECTED),
        **dict.fromkeys((11, 61, 111, 161), Story.RARE),
        199: Story.SILENT,
    }
    return traps.get(place, Story.BUSY)


def _notebook_story(number: int) -> Story:
    place = number % 20
    if place == 0:
        return Story.PROTECTED_RUNNING
    return Story.STOPPED if place % 3 == 0 else Story.RUNNING


def _calls(story: Story) -> tuple[tuple[int, float], ...]:
    hours = range(1, 51)
    match story:
        case Story.SILENT:
            return ()
        case Story.BUSY:
            return tuple((hour, 3.0) for hour in hours)
        case Story.RARE:
            return tuple((hour, 1.0 if hour == 40 else 0.0) for hour in hours)  # noqa: PLR2004 - on the day before yesterday
        case Story.YOUNG:
            return tuple((hour, 0.0) for hour in range(1, 3))
        case _:
            return tuple((hour, 0.0) for hour in hours)

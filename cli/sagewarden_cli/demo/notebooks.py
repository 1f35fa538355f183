"""The demo's notebook instances: twelve a team, with the schedules and habits of real people."""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sagewarden_cli.demo.organisation import (
    SEOUL,
    VIRGINIA,
    WEEK,
    WEEK_BEGINS,
    Deed,
    Habit,
    HumanEvent,
    Notebook,
    Team,
)
from sagewarden_cli.demo.teams import TEAMS, tags_of

PER_TEAM = 12

_TYPES = (
    *("ml.t3.medium", "ml.m5.xlarge", "ml.m5.4xlarge", "ml.t3.medium", "ml.r5.4xlarge"),
    *("ml.m6i.4xlarge", "ml.m5.xlarge", "ml.r7i.2xlarge", "ml.t3.medium"),
)
_GPU_TYPES = ("ml.g4dn.xlarge", "ml.g5.xlarge", "ml.g6.xlarge")
_PURPOSES = (
    *("features", "labels", "eval", "sandbox", "training", "ablation", "reports", "drift"),
    *("prototype", "etl", "backtest", "tuning"),
)
_GPU_EVERY = 4
_IN_SEOUL_EVERY = 3
_NO_OWNER_EVERY = 10
_NO_COST_CENTRE_EVERY = 7
_NO_TEAM_EVERY = 17
_FORGOTTEN_DAY = 2  # Wednesday: even tidy people forget
_NIGHTS = (1, 3)  # Tuesday and Thursday

_EXPRESSIONS: Mapping[str, tuple[str, ...]] = {
    "Asia/Seoul": (
        "mon-fri 09:30-19:30 Asia/Seoul",
        "mon-thu 09:00-21:00 + fri 09:00-17:00 Asia/Seoul holidays=KR",
    ),
    "America/New_York": (
        "mon-fri 08:30-18:30 America/New_York holidays=US",
        "mon.tue.thu 10:00-16:00 America/New_York",
    ),
    "Europe/Berlin": (
        "mon-fri 08:00-17:00 Europe/Berlin holidays=DE-SN",
        "mon-fri 09:00-12:30 13:30-18:00 Europe/Berlin",
    ),
}
"""Schedules in our own grammar. In Saxony Wednesday 18 November 2026 is a public holiday."""

_OFF_HOURS: Mapping[str, str] = {
    "Asia/Seoul": "off=M-Fu2c20u3bon=M-Fu2c9u3btz=Asia/Seoul",
    "America/New_York": "off=M-Fu2c18u3bon=M-Fu2c8u3btz=et",
    "Europe/Berlin": "off=M-Fu2c19u3bon=M-Fu2c8u3btz=Europe/Berlin",
}
"""Cloud Custodian's off-hours tags, escaped as a tag on SageMaker must be."""

_PERIODS: Mapping[str, str] = {
    "Asia/Seoul": "scheduler-seoul",
    "America/New_York": "scheduler-new-york",
    "Europe/Berlin": "scheduler-berlin",
}
"""Names of Instance Scheduler schedules in the demo's policy."""


def ordinary_notebooks(dice: random.Random) -> Iterator[Notebook]:
    """The notebooks of everyday work.

    Args:
        dice: Decides ages, owners and stages; the same seed makes the same notebooks.
    """
    number = 0
    for team in TEAMS:
        for place in range(PER_TEAM):
            yield _notebook(team, place, number, dice)
            number += 1


def deeds_of(notebook: Notebook, dice: random.Random) -> Iterator[HumanEvent]:
    """What a notebook's people do to it by hand during the week."""
    week = [_day(day, notebook.team.zone) for day in range(7)]
    if notebook.habit is Habit.STARTS_BY_HAND:
        for day in sorted(dice.sample(range(5), 4)):
            yield from _deed(notebook, week[day] + _minutes(dice, 9 * 60 + 5, 90), Deed.START)
    elif notebook.habit is Habit.TIDY:
        for day in range(5):
            yield from _deed(notebook, week[day] + _minutes(dice, 9 * 60 + 35, 25), Deed.START)
            if day != _FORGOTTEN_DAY:
                yield from _deed(notebook, week[day] + _minutes(dice, 15 * 60, 55), Deed.STOP)
    elif notebook.habit is Habit.WORKS_AT_NIGHT:
        for day in _NIGHTS:
            yield from _deed(notebook, week[day] + _minutes(dice, 22 * 60, 50), Deed.START)


def _notebook(team: Team, place: int, number: int, dice: random.Random) -> Notebook:
    gpu = place % _GPU_EVERY == _GPU_EVERY - 1
    habit = _habit(place, gpu=gpu)
    owner = team.owners[place % len(team.owners)]
    tags = tags_of(team, owner, dice.choice(("dev", "dev", "dev", "test")))
    tags |= _schedule_tag(team, place)
    for key, every in (
        ("Owner", _NO_OWNER_EVERY),
        ("CostCenter", _NO_COST_CENTRE_EVERY),
        ("Team", _NO_TEAM_EVERY),
    ):
        if number % every == every - 1:
            del tags[key]
    instance_type = _GPU_TYPES[number % 3] if gpu else _TYPES[number % len(_TYPES)]
    left_on = _day(-3, team.zone) + _minutes(dice, 9 * 60 + 40, 120)
    left_off = _day(-3, team.zone) + _minutes(dice, 15 * 60, 55)
    tidy = habit is Habit.TIDY
    return Notebook(
        name=f"{owner}-{_PURPOSES[place]}{'-gpu' if gpu else ''}",
        region=_region(team, place),
        team=team,
        instance_type=instance_type,
        habit=habit,
        tags=tags,
        created_at=WEEK_BEGINS - timedelta(days=dice.randint(9, 420), hours=dice.randint(0, 23)),
        modified_at=left_off if tidy else left_on,
        status="Stopped" if tidy else "InService",
    )


def _habit(place: int, *, gpu: bool) -> Habit:
    if gpu:
        return Habit.STARTS_BY_HAND
    return {4: Habit.TIDY, 9: Habit.TIDY, 10: Habit.WORKS_AT_NIGHT}.get(place, Habit.FORGETS)


def _region(team: Team, place: int) -> str:
    """Most notebooks are in Virginia; the teams of Seoul keep some at home."""
    if team.home == SEOUL:
        return SEOUL if place % 2 else VIRGINIA
    if team.calendar == "seoul-office" and place % _IN_SEOUL_EVERY == 0:
        return SEOUL
    return VIRGINIA


def _schedule_tag(team: Team, place: int) -> Mapping[str, str]:
    zone = team.zone.key
    in_seoul = zone == "Asia/Seoul"
    values: tuple[str | None, ...] = (
        *(team.calendar, _EXPRESSIONS[zone][0], None if in_seoul else team.calendar),
        *(_OFF_HOURS[zone], _PERIODS[zone], _EXPRESSIONS[zone][1]),
        *(team.calendar, _OFF_HOURS[zone], _EXPRESSIONS[zone][0]),
        *(team.calendar, team.calendar, _PERIODS[zone]),
    )
    value = values[place]
    return {} if value is None else {"Schedule": value}


def _deed(notebook: Notebook, at: datetime, deed: Deed) -> Iterator[HumanEvent]:
    if WEEK_BEGINS <= at < WEEK_BEGINS + WEEK:
        yield HumanEvent(at, notebook.region, notebook.name, deed)


def _day(number: int, zone: ZoneInfo) -> datetime:
    """Midnight of a day of the week in a zone (0 is Monday), in UTC."""
    date = (WEEK_BEGINS.astimezone(ZoneInfo("Asia/Seoul")) + timedelta(days=number)).date()
    return datetime.combine(date, time(0), tzinfo=zone).astimezone(UTC)


def _minutes(dice: random.Random, earliest: int, spread: int) -> timedelta:
    """Minutes after midnight, on the five minutes as people's calendars are."""
    return timedelta(minutes=earliest + 5 * dice.randint(0, spread // 5))

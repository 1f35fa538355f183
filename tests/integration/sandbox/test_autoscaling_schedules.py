"""Scheduled actions: when they fire, in which order, in which zone, and what they then do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.autoscaling.schedules import Schedule, parsed_expression, zone_named
from tests.support.scalable_endpoint import CONCURRENCY, provisioned_now, serve_serverless

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]

HOUR = timedelta(hours=1)


def register(sandbox: Sandbox, autoscaling: Client, provisioned: int = 5) -> None:
    serve_serverless(sandbox, provisioned=provisioned)
    autoscaling.register_scalable_target(**CONCURRENCY, MinCapacity=1, MaxCapacity=10)


def put(
    autoscaling: Client, schedule: str | None = None, name: str = "a", **more: object
) -> dict[str, Any]:
    given = {"Schedule": schedule} if schedule else {}
    return dict(
        autoscaling.put_scheduled_action(**CONCURRENCY, ScheduledActionName=name, **given, **more)
    )


def bounds_of(autoscaling: Client) -> tuple[int, int]:
    (target,) = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    return target["MinCapacity"], target["MaxCapacity"]


def activities(autoscaling: Client) -> list[dict[str, Any]]:
    found = autoscaling.describe_scaling_activities(**CONCURRENCY)
    return list(found["ScalingActivities"])


def firings(expression: str, zone: str, since: datetime, count: int = 3) -> list[str]:
    known = zone_named(zone)
    schedule = Schedule(parsed_expression(expression, known), known, since=since)
    found, moment = [], since
    for _ in range(count):
        due = schedule.next_after(moment)
        if due is None:
            break
        found.append(due.isoformat(timespec="minutes").removesuffix("+00:00"))
        moment = due
    return found


def test_business_hours_raise_and_lower_the_bounds_and_the_capacity(
    sandbox: Sandbox, autoscaling: Client, sagemaker: Client
) -> None:
    register(sandbox, autoscaling, provisioned=1)
    opening, closing = "cron(0 9 ? * MON-FRI *)", "cron(0 18 ? * MON-FRI *)"
    seoul = {"Timezone": "Asia/Seoul"}
    put(
        autoscaling,
        opening,
        "open",
        ScalableTargetAction={"MinCapacity": 6, "MaxCapacity": 9},
        **seoul,
    )
    put(
        autoscaling,
        closing,
        "close",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 1},
        **seoul,
    )

    sandbox.clock.set(datetime(2026, 11, 3, 0, 10, tzinfo=UTC))
    morning = bounds_of(autoscaling), provisioned_now(sagemaker)
    sandbox.clock.set(datetime(2026, 11, 3, 9, 10, tzinfo=UTC))
    evening = bounds_of(autoscaling), provisioned_now(sagemaker)

    assert morning == ((6, 9), 6)
    assert evening == ((1, 1), 1)


def test_what_was_due_happens_in_order_and_at_its_time_however_far_the_clock_moves(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    register(sandbox, autoscaling, provisioned=5)
    put(autoscaling, "at(2026-11-02T12:00:00)", "noon", ScalableTargetAction={"MinCapacity": 7})
    put(autoscaling, "at(2026-11-02T11:00:00)", "eleven", ScalableTargetAction={"MaxCapacity": 3})

    sandbox.clock.advance(timedelta(days=3))
    told = [(a["StartTime"].hour, a["Description"], a["Cause"]) for a in activities(autoscaling)]
    last = activities(autoscaling)[0]

    concurrency = "Setting desired provisioned concurrency to 3."
    assert told == [
        (12, "Setting min capacity to 7", "scheduled action name noon was triggered"),
        (11, concurrency, "maximum capacity was set to 3"),
        (11, "Setting max capacity to 3", "scheduled action name eleven was triggered"),
    ]
    assert last["StatusCode"] == "Failed"
    assert "Maximum capacity cannot be less" in last["StatusMessage"]
    assert bounds_of(autoscaling) == (1, 3)


def test_an_action_is_shown_as_it_was_put(sandbox: Sandbox, autoscaling: Client) -> None:
    register(sandbox, autoscaling)
    start = sandbox.clock.now() + HOUR
    given: dict[str, Any] = {
        "Schedule": "cron(30 8 ? * MON-FRI *)",
        "Timezone": "America/New_York",
        "StartTime": start,
        "EndTime": start + 100 * HOUR,
        "ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 4},
    }

    autoscaling.put_scheduled_action(**CONCURRENCY, ScheduledActionName="a", **given)
    (shown,) = autoscaling.describe_scheduled_actions(
        **CONCURRENCY, ScheduledActionNames=["a", "b"]
    )["ScheduledActions"]

    assert {name: shown[name] for name in given} == given
    assert shown["CreationTime"] == sandbox.clock.now()
    assert shown["ScheduledActionARN"].endswith(
        ":resource/sagemaker/endpoint/e/variant/v:scheduledActionName/a"
    )


def test_an_update_keeps_the_schedule_and_wipes_start_and_end(
    sandbox: Sandbox, autoscaling: Client
) -> None:
    register(sandbox, autoscaling)
    far = sandbox.clock.now() + 1000 * HOUR
    put(
        autoscaling,
        "cron(0 12 * * ? *)",
        Timezone="Asia/Seoul",
        StartTime=far,
        ScalableTargetAction={"MinCapacity": 2},
    )

    put(autoscaling, ScalableTargetAction={"MinCapacity": 4})
    (shown,) = autoscaling.describe_scheduled_actions(ServiceNamespace="sagemaker")[
        "ScheduledActions"
    ]
    sandbox.clock.advance(24 * HOUR)

    assert (shown["Schedule"], shown["Timezone"]) == ("cron(0 12 * * ? *)", "Asia/Seoul")
    assert "StartTime" not in shown
    assert bounds_of(autoscaling) == (4, 10)


def test_a_deleted_or_suspended_action_does_not_fire(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal
) -> None:
    register(sandbox, autoscaling)
    named = {**CONCURRENCY, "ScheduledActionName": "gone"}
    put(autoscaling, "rate(1 hour)", "gone", ScalableTargetAction={"MinCapacity": 2})
    put(autoscaling, "rate(1 hour)", "asleep", ScalableTargetAction={"MinCapacity": 3})

    autoscaling.delete_scheduled_action(**named)
    asleep = {"ScheduledScalingSuspended": True}
    autoscaling.register_scalable_target(**CONCURRENCY, SuspendedState=asleep)
    sandbox.clock.advance(5 * HOUR)
    during = bounds_of(autoscaling), activities(autoscaling)
    awake = {"ScheduledScalingSuspended": False}
    autoscaling.register_scalable_target(**CONCURRENCY, SuspendedState=awake)
    sandbox.clock.advance(HOUR)

    assert during == ((1, 10), [])
    assert bounds_of(autoscaling) == (3, 10)
    assert refusal(autoscaling.delete_scheduled_action, **named)[0] == "ObjectNotFoundException"


def test_start_and_end_bound_what_recurs(sandbox: Sandbox, autoscaling: Client) -> None:
    register(sandbox, autoscaling)
    now = sandbox.clock.now()
    put(
        autoscaling,
        "rate(2 hours)",
        StartTime=now + 3 * HOUR,
        EndTime=now + 8 * HOUR,
        ScalableTargetAction={"MinCapacity": 2},
    )

    sandbox.clock.advance(48 * HOUR)
    begun = [a["StartTime"] - now for a in reversed(activities(autoscaling))]

    assert begun == [3 * HOUR, 5 * HOUR, 7 * HOUR]


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("every monday", "give at("),
        ("at(2026-11-02)", "at(yyyy-mm-ddThh:mm:ss)"),
        ("at(2026-13-02T10:00:00)", "month must be in 1..12"),
        ("rate(0 minutes)", "rate(5 minutes)"),
        ("rate(1 minutes)", "write 1 minute"),
        ("rate(5 seconds)", "rate(5 minutes)"),
        ("cron(0 9 * * *)", "six fields are required, not 5"),
        ("cron(0 9 * * MON *)", "must be ?"),
        ("cron(0 9 ? * ? *)", "must be ?"),
        ("cron(60 9 * * ? *)", "60 is not between 0 and 59"),
        ("cron(0 9 ? * MON-FRY *)", "FRY is no number"),
        ("cron(0 18-9 * * ? *)", "runs backwards"),
        ("cron(0/0 9 * * ? *)", "0 is not between"),
    ],
)
def test_a_wrong_schedule_is_refused_with_its_reason(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal, schedule: str, words: str
) -> None:
    register(sandbox, autoscaling)

    code, message = refusal(
        put, autoscaling=autoscaling, schedule=schedule, ScalableTargetAction={"MinCapacity": 1}
    )

    assert code == "ValidationException"
    assert words in message


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Timezone": "KST"}, "ValidationException"),
        ({"ScalableTargetAction": {}}, "ValidationException"),
        ({"ScalableTargetAction": {"MinCapacity": 5, "MaxCapacity": 4}}, "ValidationException"),
        ({"ScalableTargetAction": {"MinCapacity": -1}}, "ValidationException"),
        ({"ScheduledActionName": "no:colons"}, "ValidationException"),
        ({"ResourceId": "endpoint/x/variant/v"}, "ObjectNotFoundException"),
        (
            {
                "StartTime": datetime(2026, 11, 4, tzinfo=UTC),
                "EndTime": datetime(2026, 11, 3, tzinfo=UTC),
            },
            "ValidationException",
        ),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(
    sandbox: Sandbox, autoscaling: Client, refusal: Refusal, changes: dict[str, Any], code: str
) -> None:
    register(sandbox, autoscaling)
    right = {
        **CONCURRENCY,
        "ScheduledActionName": "a",
        "Schedule": "rate(1 hour)",
        "ScalableTargetAction": {"MinCapacity": 1},
    }

    assert refusal(autoscaling.put_scheduled_action, **{**right, **changes})[0] == code


@pytest.mark.parametrize(
    ("expression", "zone", "since", "expected"),
    [
        pytest.param(
            "cron(0 9 ? * MON-FRI *)",
            "America/New_York",
            datetime(2027, 3, 11, 15, tzinfo=UTC),
            ["2027-03-12T14:00", "2027-03-15T13:00", "2027-03-16T13:00"],
            id="local hours move with summer time",
        ),
        pytest.param(
            "cron(30 2 * * ? *)",
            "Europe/Berlin",
            datetime(2027, 3, 27, tzinfo=UTC),
            ["2027-03-27T01:30", "2027-03-29T00:30", "2027-03-30T00:30"],
            id="a skipped time does not fire",
        ),
        pytest.param(
            "cron(30 2 * * ? *)",
            "Europe/Berlin",
            datetime(2027, 10, 30, 12, tzinfo=UTC),
            ["2027-10-31T00:30", "2027-11-01T01:30", "2027-11-02T01:30"],
            id="a repeated time fires once",
        ),
        pytest.param(
            "cron(0 0 L * ? *)",
            "UTC",
            datetime(2028, 2, 1, tzinfo=UTC),
            ["2028-02-29T00:00", "2028-03-31T00:00", "2028-04-30T00:00"],
            id="the last day of a month",
        ),
        pytest.param(
            "cron(0 0 1W * ? *)",
            "UTC",
            datetime(2027, 4, 30, tzinfo=UTC),
            ["2027-05-03T00:00", "2027-06-01T00:00", "2027-07-01T00:00"],
            id="the working day nearest to the first, in the same month",
        ),
        pytest.param(
            "cron(0 0 LW * ? *)",
            "UTC",
            datetime(2027, 1, 1, tzinfo=UTC),
            ["2027-01-29T00:00", "2027-02-26T00:00", "2027-03-31T00:00"],
            id="the last working day",
        ),
        pytest.param(
            "cron(0 0 31W * ? *)",
            "UTC",
            datetime(2027, 2, 1, tzinfo=UTC),
            ["2027-03-31T00:00", "2027-05-31T00:00", "2027-07-30T00:00"],
            id="a day that short months lack",
        ),
        pytest.param(
            "cron(0 0 ? * 3#2 *)",
            "UTC",
            datetime(2026, 11, 1, tzinfo=UTC),
            ["2026-11-10T00:00", "2026-12-08T00:00", "2027-01-12T00:00"],
            id="the second Tuesday",
        ),
        pytest.param(
            "cron(0 0 ? * FRIL *)",
            "UTC",
            datetime(2026, 11, 1, tzinfo=UTC),
            ["2026-11-27T00:00", "2026-12-25T00:00", "2027-01-29T00:00"],
            id="the last Friday",
        ),
        pytest.param(
            "cron(0 0 ? * L *)",
            "UTC",
            datetime(2026, 11, 1, tzinfo=UTC),
            ["2026-11-07T00:00", "2026-11-14T00:00", "2026-11-21T00:00"],
            id="the last day of the week is Saturday",
        ),
        pytest.param(
            "cron(0 0 ? * SAT-MON *)",
            "UTC",
            datetime(2026, 11, 6, tzinfo=UTC),
            ["2026-11-07T00:00", "2026-11-08T00:00", "2026-11-09T00:00"],
            id="a range of days over the weekend",
        ),
        pytest.param(
            "cron(5/20 9,17 ? JAN,DEC MON 2026-2027)",
            "UTC",
            datetime(2026, 12, 28, 17, 10, tzinfo=UTC),
            ["2026-12-28T17:25", "2026-12-28T17:45", "2027-01-04T09:05"],
            id="steps, lists, names and years",
        ),
        pytest.param(
            "cron(0 0 1 1 ? 2026)",
            "UTC",
            datetime(2026, 11, 1, tzinfo=UTC),
            [],
            id="years that are over",
        ),
        pytest.param(
            "at(2026-11-10T09:00:00)",
            "Asia/Seoul",
            datetime(2026, 11, 2, tzinfo=UTC),
            ["2026-11-10T00:00"],
            id="once, in a zone",
        ),
    ],
)
def test_schedules_fire_when_they_say(
    expression: str, zone: str, since: datetime, expected: list[str]
) -> None:
    assert firings(expression, zone, since) == expected


@given(
    since=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone comes from timezones
    minutes=st.sets(st.integers(0, 59), min_size=1, max_size=3),
    hours=st.sets(st.integers(0, 23), min_size=1, max_size=3),
    zone=st.sampled_from(["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"]),
)
def test_the_next_firing_is_the_first_minute_that_matches(
    since: datetime, minutes: set[int], hours: set[int], zone: str
) -> None:
    expression = f"cron({','.join(map(str, minutes))} {','.join(map(str, hours))} * * ? *)"
    known = ZoneInfo(zone)

    due = Schedule(parsed_expression(expression, known), known, since=since).next_after(since)

    moment = since.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while True:
        local = moment.astimezone(known)
        if local.hour in hours and local.minute in minutes and local.fold == 0:
            break
        moment += timedelta(minutes=1)
    assert due == moment

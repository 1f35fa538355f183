import pytest

from sagewarden.domain.autoscaling.scaling import Capacity
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity, Served
from sagewarden.domain.schedules.calendar import Calendar
from tests.support.policies import compiled, only_problem

TEXT = """\
version: 1
mode: enforce
calendars: {office: {from: "09:00", to: "18:00", timezone: Asia/Seoul}}
rules:
  - name: by-hours
    resources: real-time-endpoint
    capacity: {hours: office, during: [2, 4], outside: [1, 1]}
"""
BLOCK = "rules[0].capacity"


def the_rule(text: str) -> EndpointCapacity:
    [rule] = compiled(text).rules
    assert isinstance(rule, EndpointCapacity)
    return rule


def with_capacity(resources: str, capacity: str) -> str:
    lines = TEXT.splitlines()
    return "\n".join([*lines[:-2], f"    resources: {resources}", f"    capacity: {capacity}", ""])


def test_a_rule_says_how_many_there_are_and_when() -> None:
    rule = the_rule(TEXT)

    assert (rule.what, rule.bounds, rule.outside) == (
        Served.REAL_TIME, Capacity(2, 4), Capacity(1, 1)
    )  # fmt: skip
    assert (rule.sets, rule.target_value, rule.adopt, rule.policies) == (True, None, False, ())
    assert rule.schedules is not None
    calendar = rule.schedules.of({})
    assert isinstance(calendar, Calendar)
    assert calendar.zone.key == "Asia/Seoul"
    assert rule.does == "2..4 instances, 1..1 outside hours"


def test_everything_it_may_say_is_read() -> None:
    capacity = (
        "{hours: office, schedule_tag: Hours, during: [0, 4], outside: [0, 1], "
        "target_backlog: 5, adopt: yes}"
    )
    rule = the_rule(with_capacity("async-endpoint", capacity))

    assert (rule.what, rule.target_value, rule.adopt) == (Served.ASYNC, 5, True)
    assert rule.schedules is not None
    assert rule.schedules.tag == "Hours"
    assert rule.does.endswith(", track 5 waiting per instance")


def test_with_nothing_in_it_only_broken_autoscaling_is_told_of() -> None:
    rule = the_rule(with_capacity("inference-component", "{target_invocations: 100}"))

    assert (rule.sets, rule.keeps_hours, rule.target_value) == (False, False, 100)
    assert rule.does == "tell of missing or broken autoscaling"


@pytest.mark.parametrize(
    ("resources", "capacity", "place", "words"),
    [
        ("real-time-endpoint", "{outside: [1, 1]}", "outside", "nothing is set without during"),
        ("real-time-endpoint", "{during: [1, 4]}", "during", "nothing changes how many"),
        ("real-time-endpoint", "{during: [4, 1], hours: office}", "during", "4 is more than 1"),
        ("real-time-endpoint", "{during: 4, hours: office}", "during", "are no bounds"),
        ("real-time-endpoint", "{during: [1, 4], hours: offise}", "hours", "no calendar"),
        (
            "real-time-endpoint",
            "{during: [1, 4], target_invocations: 9, outside: [1, 2]}",
            "outside",
            "keeps no hours",
        ),
        (
            "real-time-endpoint",
            "{during: [1, 4], hours: office, outside: [1, 2]}",
            "outside",
            "nothing would let it fall from 1 after hours",
        ),
        (
            "real-time-endpoint",
            "{during: [1, 4], hours: office, outside: [0, 1]}",
            "outside",
            "a real-time endpoint keeps one instance",
        ),
        (
            "async-endpoint",
            "{during: [1, 4], hours: office, outside: [0, 0]}",
            "outside",
            "nothing could wake it",
        ),
        (
            "async-endpoint",
            "{during: [1, 4], hours: office, outside: [0, 1]}",
            "outside",
            "nothing would let it fall to 0",
        ),
        (
            "inference-component",
            "{during: [1, 4], hours: office, outside: [0, 1]}",
            "outside",
            "nothing would let it fall to 0",
        ),
        (
            "async-endpoint",
            "{during: [1, 4], target_invocations: 5}",
            "target_invocations",
            "publishes no invocations",
        ),
        (
            "inference-component",
            "{during: [1, 4], target_backlog: 5}",
            "target_backlog",
            "has no backlog",
        ),
        (
            "real-time-endpoint",
            "{during: [1, 4], target_backlog: 5}",
            "target_backlog",
            "has no backlog",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    resources: str, capacity: str, place: str, words: str
) -> None:
    problem = only_problem(with_capacity(resources, capacity))

    assert f"{BLOCK}.{place}" in str(problem)
    assert words in str(problem)

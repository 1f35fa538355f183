"""The made-up fleet, of whose every resource it is known what is right."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.fleet import (
    PROTECTED,
    WINDOW,
    FleetSize,
    Story,
    endpoints,
    notebooks,
    to_be_done,
)
from benchmarks.sweeps import EXPECTED, check, check_verdicts
from benchmarks.tools import WrongAnswerError

NOW = datetime(2026, 11, 18, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("percent", [5, 50])
def test_the_share_of_idle_endpoints_is_exact(percent: int) -> None:
    stories = Counter(one.story for one in endpoints(FleetSize(1000, 0, percent), NOW))

    assert stories[Story.IDLE] == 10 * percent
    assert stories[Story.SILENT] == 5
    assert stories[Story.YOUNG] == stories[Story.PROTECTED] == stories[Story.RARE] == 20
    assert stories.total() == 1000


def test_only_what_is_idle_or_runs_after_hours_is_to_be_done() -> None:
    size = FleetSize(200, 20)

    done = to_be_done(endpoints(size, NOW)) | to_be_done(notebooks(size, NOW))

    assert len(done) == 10 + 13
    assert all(name.startswith(("endpoint-", "notebook-")) for name in done)


def test_metrics_and_ages_and_tags_fit_the_stories() -> None:
    for one in endpoints(FleetSize(200, 0), NOW):
        calls = sum(number for _, number in one.calls)
        assert (calls > 0) == (one.story in {Story.BUSY, Story.RARE})
        assert (not one.calls) == (one.story is Story.SILENT)
        assert (NOW - one.created < WINDOW) == (one.story is Story.YOUNG)
        assert (dict([PROTECTED]).items() <= one.tags.items()) == (one.story is Story.PROTECTED)
        if one.story is Story.RARE:
            [hour] = [ago for ago, number in one.calls if number]
            assert timedelta(days=1) < timedelta(hours=hour) < WINDOW


def a_plan(size: FleetSize) -> dict[str, list[dict[str, object]]]:
    """A plan that is right about everything."""
    plan: dict[str, list[dict[str, object]]] = {"actions": [], "left_alone": []}
    for one in (*endpoints(size, NOW), *notebooks(size, NOW)):
        said, resource = EXPECTED[one.story], {"name": one.name}
        if said in {"delete", "stop"}:
            plan["actions"].append({"resource": resource, "action": said})
        else:
            plan["left_alone"].append({"resource": resource, "verdict": said})
    return plan


def test_a_plan_that_is_right_about_everything_passes() -> None:
    size = FleetSize(200, 40)

    check_verdicts(size, a_plan(size))


def test_one_wrong_verdict_stops_the_benchmark() -> None:
    size = FleetSize(200, 40)
    plan = a_plan(size)
    plan["left_alone"][0]["verdict"] = "TOO_NEW"

    with pytest.raises(WrongAnswerError, match="TOO_NEW is said"):
        check_verdicts(size, plan)


def test_a_resource_that_is_missing_stops_it_too() -> None:
    size = FleetSize(200)
    plan = a_plan(size)
    plan["actions"].pop()

    with pytest.raises(WrongAnswerError, match="None is said"):
        check_verdicts(size, plan)


def test_one_resource_too_many_stops_it_too() -> None:
    size = FleetSize(200)
    plan = a_plan(size)
    plan["left_alone"].append({"resource": {"name": "ghost"}, "verdict": "COMPLIANT"})

    with pytest.raises(WrongAnswerError, match="201 resources"):
        check_verdicts(size, plan)


def test_names_that_differ_are_told() -> None:
    check("done", {"a"}, {"a"})

    with pytest.raises(WrongAnswerError, match=r"done: missing \['b'\], wrong \['c'\]"):
        check("done", {"a", "c"}, {"a", "b"})

import pytest

from sagewarden.domain.autoscaling.scaling import WAKE, Metric, ScalingPolicy
from sagewarden.domain.schedules.period_schedule import PeriodSchedule
from sagewarden.domain.schedules.reading import InvalidScheduleError, Wanted
from tests.support.builders import SEOUL, a_schedule_book
from tests.support.capacity import a_capacity_rule


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (ScalingPolicy("p", 0.7, Metric.UTILIZATION), "track 70% utilisation"),
        (ScalingPolicy("p", 90, Metric.CALLS_PER_INSTANCE), "track 90 calls a minute per instance"),
        (ScalingPolicy("p", 9, Metric.CALLS_PER_COPY), "track 9 calls a minute per copy"),
        (ScalingPolicy("p", 5, Metric.BACKLOG_PER_INSTANCE), "track 5 waiting per instance"),
        (WAKE, "wake it when it is called"),
    ],
)
def test_a_policy_says_what_it_does(policy: ScalingPolicy, words: str) -> None:
    assert str(policy) == words


def test_a_rule_without_schedules_keeps_no_hours() -> None:
    rule = a_capacity_rule(hours=False)

    assert (rule.keeps_hours, rule.hours_of({"Schedule": "off"})) == (False, None)


def test_a_schedule_that_is_no_calendar_is_refused() -> None:
    always = PeriodSchedule("always", SEOUL, override_status=Wanted.RUNNING)
    rule = a_capacity_rule(schedules=a_schedule_book(named={"always": always}))

    with pytest.raises(InvalidScheduleError, match="it is no calendar"):
        rule.hours_of({"Schedule": "always"})

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.domain.job_runs import Asked
from sagewarden.domain.jobs.spot_savings import SpotSavings, spot_savings
from sagewarden.domain.resources import TrainingJob
from sagewarden.domain.standstill import Span
from tests.support.builders import NOW, a_training_job
from tests.support.jobs import GPU, HOUR, a_run, job_prices

WEEK = Span(NOW - timedelta(days=7), NOW)
SPOT = Asked(spot=True)


def a_spot_job(name: str = "bert", **run: Any) -> TrainingJob:
    told = {
        "asked": SPOT,
        "ended": NOW - HOUR,
        "trained": 10 * HOUR,
        "billed": 3 * HOUR,
        "machines": ((GPU, 2),),
        **run,
    }
    return a_training_job(name, status="Completed", run=a_run(name, **told))


def savings(*jobs: TrainingJob) -> SpotSavings:
    return spot_savings(jobs, job_prices(), WEEK)


def test_what_was_not_billed_is_saved_on_each_instance() -> None:
    found = savings(a_spot_job())

    [job] = found.jobs
    assert (job.list_usd, job.saved_usd) == (Decimal(40), Decimal(28))  # 2 x $2 x 10 h, less 3 h
    assert (found.list_usd, found.saved_usd, found.unknown) == (Decimal(40), Decimal(28), 0)
    assert job.as_of is not None


@pytest.mark.parametrize(
    "gap",
    [{"trained": None}, {"billed": None}, {"machines": None}, {"machines": (("ml.p5.xl", 1),)}],
)
def test_a_job_of_which_something_is_not_known_is_counted_and_adds_nothing(
    gap: dict[str, Any],
) -> None:
    found = savings(a_spot_job("dark", **gap), a_spot_job())

    assert [job.ref.name for job in found.jobs] == ["bert", "dark"]
    assert (found.saved_usd, found.unknown) == (Decimal(28), 1)


def test_a_job_on_several_types_is_not_known_unless_each_price_is() -> None:
    mixed = a_spot_job(machines=((GPU, 1), ("ml.p5.xl", 1)))

    assert savings(mixed).unknown == 1


@pytest.mark.parametrize(
    "other",
    [
        a_spot_job(asked=Asked(spot=False)),
        a_spot_job(ended=None),
        a_spot_job(ended=NOW),
        a_spot_job(ended=NOW - timedelta(days=8)),
        replace(a_spot_job(), run=None),
    ],
)
def test_only_spot_jobs_that_ended_in_the_time_count(other: TrainingJob) -> None:
    assert savings(other) == SpotSavings(())


def test_the_largest_saving_comes_first() -> None:
    found = savings(a_spot_job("small", billed=9 * HOUR), a_spot_job("large"))

    assert [job.ref.name for job in found.jobs] == ["large", "small"]


def test_a_job_that_was_billed_in_full_saved_nothing() -> None:
    assert savings(a_spot_job(billed=10 * HOUR)).saved_usd == 0

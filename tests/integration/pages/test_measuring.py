"""What the page about running costs says of a sweep is what a sweep does today."""

from collections.abc import Iterator

import pytest
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from sagewarden_cli.pages.running_cost.measurements import Measurements, recorded
from sagewarden_cli.pages.running_cost.measuring import measure
from sagewarden_cli.pages.running_cost.usage import Usage
from tests.support.policies import SHIPPED

pytestmark = pytest.mark.aws

ANEW = "run: make measure docs"


def usages(measurements: Measurements) -> Iterator[tuple[str, Usage]]:
    yield "dispatcher", measurements.dispatch
    for bot, measured in measurements.bots.items():
        yield f"{bot} steady", measured.steady
        yield f"{bot} empty", measured.empty
        yield f"{bot} acting", measured.acting
        yield f"{bot} whole", measured.whole or Usage()


def counts(measurements: Measurements) -> dict[str, object]:
    """Everything but sizes, which change with the length of a reason."""
    return {
        what: (usage.calls, usage.metrics_requested, usage.write_units)
        for what, usage in usages(measurements)
    }


def sizes(measurements: Measurements) -> dict[str, float]:
    return {
        f"{what} {name}": getattr(usage, name)
        for what, usage in usages(measurements)
        for name in ("log_bytes", "metric_bytes", "written_bytes")
    }


def test_what_was_recorded_is_what_sweeps_use_today() -> None:
    _, kept = recorded()
    left_by_others = Metrics(service="another", namespace="elsewhere")
    left_by_others.add_metric(name="Foreign", unit=MetricUnit.Count, value=1)

    today = measure(SHIPPED)

    assert counts(kept) == counts(today), ANEW
    assert kept.metrics == today.metrics, ANEW
    assert sizes(kept) == pytest.approx(sizes(today), rel=0.1, abs=100), ANEW

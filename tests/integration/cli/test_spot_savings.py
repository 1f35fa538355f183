import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli import spot_savings_command
from tests.support.builders import some_prices
from tests.support.faults import answer_with_error
from tests.support.jobs import GPU, job_prices

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

HOUR = timedelta(hours=1)


def add(desk: "Desk", name: str, *, spot: bool = True, ago: timedelta = 12 * HOUR) -> None:
    limits = {"MaxRuntimeInSeconds": 72_000, "MaxWaitTimeInSeconds": 72_000}
    desk.sandbox.sagemaker().add_training_job(
        name,
        instance_type=GPU,
        status="Completed",
        created_at=desk.now - ago,
        duration=10 * HOUR,
        EnableManagedSpotTraining=spot,
        StoppingCondition=limits if spot else {"MaxRuntimeInSeconds": 72_000},
    )


def test_what_spot_capacity_saved_is_listed_job_by_job(desk: "Desk") -> None:
    add(desk, "bert")
    add(desk, "plain", spot=False)
    add(desk, "old", ago=timedelta(days=30))
    desk.sandbox.calls.clear()

    result = desk.call("spot-savings", "--output", "json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert desk.writing_calls() == []
    [job] = found["jobs"]
    assert (job["name"], job["instances"]) == ("bert", {GPU: 1})
    assert (job["training_seconds"], job["billable_seconds"]) == (36_000, 10_800)
    assert found["incomplete"] == []


def test_a_price_that_is_not_known_is_never_nothing(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    add(desk, "bert")
    monkeypatch.setattr(spot_savings_command, "workstation_prices", some_prices)

    result = desk.call("spot-savings")

    assert "not known" in result.stdout
    assert "1 of them add nothing" in result.stdout


def test_without_spot_jobs_there_is_nothing_to_tell(desk: "Desk") -> None:
    result = desk.call("spot-savings", "--since", "1d")

    assert result.stdout.strip() == "Managed spot training, the last 1d: 0 ended"


def test_what_is_known_is_added_up_with_the_day_of_its_prices(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    add(desk, "bert")
    book = job_prices("us-east-1")
    monkeypatch.setattr(spot_savings_command, "workstation_prices", lambda: book)

    result = desk.call("spot-savings")

    assert "saved $14.00 of $20.00 at list prices of 2026-05-20" in result.stdout
    assert "add nothing" not in result.stdout


@pytest.mark.parametrize("operation", ["ListTrainingJobs", "DescribeTrainingJob"])
def test_what_cannot_be_read_is_named_and_an_error(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    add(desk, "bert")

    def spoilt(profile: str | None) -> Sessions:
        sessions = Sessions(profile=profile)
        answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")
        return sessions

    monkeypatch.setattr(spot_savings_command, "Sessions", spoilt)

    result = desk.call("spot-savings", "--output", "json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["jobs"] == []
    assert "AccessDeniedException" in result.stderr


def test_without_a_region_it_says_how_to_tell_one(
    desk: "Desk", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    result = desk.call("spot-savings")

    assert result.exit_code == 1
    assert "give --region" in result.stderr

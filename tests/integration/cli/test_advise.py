"""``sagewarden advise`` in this process, against the sandbox."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from tests.integration.cli.conftest import LONG_AGO, Desk
from tests.support.advice import LAZY_GPUS
from tests.support.faults import refusing

HOURS = 14 * 24 + 1


def measure(desk: Desk, endpoint: str, metric: str, values: Iterable[float]) -> None:
    """Publish hourly values up to this hour."""
    hour = desk.now.replace(minute=0, second=0, microsecond=0)
    namespace = "AWS/SageMaker" if metric in _CALLS else "/aws/sagemaker/Endpoints"
    desk.sandbox.metrics.load(
        None,
        None,
        namespace,
        metric,
        {"EndpointName": endpoint, "VariantName": "AllTraffic"},
        [(hour - timedelta(hours=back), value) for back, value in enumerate(values)],
    )


_CALLS = {"Invocations", "ModelLatency"}


def add_endpoint(desk: Desk, name: str, instance_type: str, count: int = 1, **tags: str) -> None:
    desk.sandbox.sagemaker().add_endpoint(
        name,
        instance_type=instance_type,
        instance_count=count,
        created_at=desk.now - LONG_AGO,
        tags=tags,
    )


@pytest.fixture
def fleet(desk: Desk) -> Desk:
    """A lazy GPU of one team, an old instance of another, and an old notebook."""
    add_endpoint(desk, "vision", "ml.g5.12xlarge", Owner="mina", Team="vision")
    for metric, value in LAZY_GPUS.items():
        measure(desk, "vision", metric, [value] * HOURS)
    add_endpoint(desk, "scores", "ml.m4.xlarge", Owner="jun", Team="risk")
    desk.sandbox.sagemaker().add_notebook_instance(
        "old", AcceleratorTypes=["ml.eia1.medium"], created_at=desk.now - LONG_AGO
    )
    return desk


def told(desk: Desk, *arguments: object) -> Any:
    result = desk.run("advise", "--output", "json", *arguments)
    assert result.exit_code in {0, 1}, result.output
    return json.loads(result.stdout)


def test_advice_is_ranked_by_money_and_changes_nothing(fleet: Desk) -> None:
    result = fleet.run("advise")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    ranks = [line for line in lines if line.startswith("│")]
    assert "vision uses 5.0 % of its GPUs: 1 x ml.g5.xlarge would do" in result.stdout
    assert "$4,147.86" in ranks[0]
    assert "unknown" in ranks[-1], "the notebook's saving has no price"
    assert "1 endpoint not judged" in result.stdout
    assert "team vision" in result.stdout
    assert fleet.writing_calls() == []


def test_what_is_blocked_and_not_judged_is_listed_on_demand(fleet: Desk) -> None:
    some, every = fleet.run("advise").stdout, fleet.run("advise", "--all").stdout

    assert "not judged: endpoint scores: no data is no evidence" in every
    assert "not judged: endpoint scores" not in some


def test_one_piece_is_shown_in_full_with_its_change(fleet: Desk) -> None:
    result = fleet.run("advise", "--explain", 1)

    assert "Saves $4,147.86 a month at list price" in result.stdout
    assert "1 x ml.g5.12xlarge at $7.09/h x 730 h" in result.stdout
    assert "GPU utilisation: 5.0 % of each GPU" in result.stdout
    assert "Ways to do it" in result.stdout
    assert "Risk: low" in result.stdout
    assert 'variant["InstanceType"] = "ml.g5.xlarge"' in result.stdout
    assert fleet.run("advise", "--explain", 99).exit_code == 1


def test_a_blocked_piece_says_why_and_one_without_options_has_none(fleet: Desk) -> None:
    measure(fleet, "scores", "Invocations", [0.0] * 310 + [5.0] * 27)
    fleet.sandbox.sagemaker().add_model(
        "many", PrimaryContainer={"Image": "i", "Mode": "MultiModel"}
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "many",
        "InstanceType": "ml.g6.xlarge",
        "InitialInstanceCount": 1,
    }
    fleet.sandbox.sagemaker().add_endpoint_config("many", [variant])
    fleet.sandbox.sagemaker().add_endpoint("many", config="many", created_at=fleet.now - LONG_AGO)
    measure(fleet, "many", "Invocations", [0.0] * 310 + [5.0] * 27)

    advice = told(fleet, "--kind", "batch-transform")["advice"]

    assert {item["resource"]["name"]: item["blockers"] for item in advice} == {
        "many": ["loads many models; batch transform takes one"],
        "scores": [],
    }
    blocked = fleet.run("advise", "--kind", "batch-transform", "--explain", 2).stdout
    assert "cannot be done as things are: it loads many models" in blocked
    counted = fleet.run("advise", "--kind", "batch-transform").stdout
    assert "1 more piece cannot be done as things are: --all" in counted


def test_programs_get_a_stable_document(fleet: Desk) -> None:
    document = told(fleet)

    assert document["schema"] == 1
    assert document["account"] == "123456789012"
    assert document["regions"] == ["us-east-1"]
    assert document["prices_as_of"] == "2026-05-20"
    assert document["incomplete"] == []
    assert [item["resource"]["name"] for item in document["unjudged"]] == ["scores"]
    first = document["advice"][0]
    assert first["monthly_saving_usd"] == 4147.86
    assert first["kind"] == "underused-gpu"
    assert (first["owner"], first["team"]) == ("mina", "vision")
    assert first["change"]["language"] == "boto3"
    assert first["options"][0]["monthly_usd"] == 1027.84
    (notebook,) = (
        item for item in document["advice"] if item["resource"]["kind"] == "notebook-instance"
    )
    assert notebook["monthly_saving_usd"] is None
    assert document["advice"][-1]["blockers"] == [
        "runs on a GPU (A10G); serverless has none",
        "needs 12 GB of memory; serverless has 6 GB at most",
    ]
    assert document["monthly_saving_usd"] == 4147.86 + 7.3


def test_a_team_and_a_kind_can_be_asked_for(fleet: Desk) -> None:
    risk = told(fleet, "--team", "RISK")["advice"]
    old = told(fleet, "--kind", "newer-generation", "--kind", "elastic-inference")["advice"]

    assert {item["resource"]["name"] for item in risk} == {"scores"}
    assert {item["kind"] for item in old} == {"newer-generation", "elastic-inference"}


def test_the_line_for_gpus_and_the_window_can_be_moved(fleet: Desk) -> None:
    kinds = {item["kind"] for item in told(fleet, "--gpu-below", 4)["advice"]}

    assert "underused-gpu" not in kinds
    assert told(fleet, "--look-back", "2d")["looked_back_days"] == 2
    refused = fleet.run("advise", "--look-back", "3h")
    assert refused.exit_code == 1
    assert "--look-back" in refused.stderr


def test_what_cannot_be_read_is_said_and_the_exit_code_is_1(fleet: Desk) -> None:
    with fleet.sandbox.observers.watching(refusing(lambda call: call.service == "ecs")):
        result = fleet.run("advise")

    assert result.exit_code == 1
    assert "could not be read: ECS task definitions in us-east-1" in result.stderr
    assert "vision" in result.stdout, "the rest is advised about"


def test_an_empty_account_needs_no_advice(desk: Desk, sandbox: Sandbox) -> None:
    assert sandbox.calls.counts() == {}

    result = desk.run("advise")

    assert result.exit_code == 0, result.output
    assert "0 pieces of advice" in result.stdout
    assert "no saving is known" in result.stdout


def test_several_regions_are_told_apart(fleet: Desk) -> None:
    fleet.sandbox.sagemaker(region="eu-west-1").add_endpoint(
        "scores-eu", instance_type="ml.m4.xlarge", created_at=fleet.now - LONG_AGO
    )

    result = fleet.run("advise", "--region", "us-east-1", "--region", "eu-west-1", "--all")

    assert "eu-west-1" in result.stdout
    assert "scores-eu" in result.stdout

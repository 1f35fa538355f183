"""Services billed by the hour under guardrails: judged as they are created, and in sweeps."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.guardrails.call import Call, read_event
from sagewarden.domain.guardrails.conditions import (
    AllowedValue,
    DeniedTypes,
    PriceCeiling,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.event_fields import EventError
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.resources import Snapshot
from sagewarden.domain.services.clusters import InstanceGroup
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import ACCOUNT, REGION, a_policy
from tests.support.events import a_call, a_guardrail, a_record, a_role
from tests.support.scenario import Scenario
from tests.support.services import (
    a_cluster,
    a_monitoring_schedule,
    a_provisioned_model,
    a_recommendations_job,
    a_tracking_server,
    service_prices,
)

OWNED = RequiredTags({"Owner": AllowedValue()})
SERVICES = (
    "mlflow-tracking-server",
    "monitoring-schedule",
    "inference-recommendations-job",
    "cluster",
    "provisioned-model",
)
STOP_OR_DELETE = (Remedy.STOP, Remedy.DELETE)
MODEL_ARN = a_provisioned_model().ref.arn
MINA = a_role("mina@example.com", "AWSReservedSSO_DS_1")

type Build = Callable[..., Snapshot]


def guarded(
    *services: Snapshot, demand: Any = OWNED, kinds: tuple[str, ...] = SERVICES
) -> Scenario:
    rule = a_guardrail(demand, kinds=kinds, remedies=STOP_OR_DELETE)
    return Scenario(a_policy(rule), *services, prices=service_prices())


def bought(operation: str = "CreateProvisionedModelThroughput", **more: Any) -> Call:
    """Mina buys throughput, without a tag."""
    request = {"provisionedModelName": "chat", "modelUnits": 2, "modelId": "amazon.titan"}
    record = a_record(
        operation,
        request,
        identity=MINA,
        eventSource="bedrock.amazonaws.com",
        responseElements={"provisionedModelArn": MODEL_ARN},
        **more,
    )
    return read_event(record, request_shapes())


def only_verdict(scenario: Scenario) -> Verdict:
    plan = scenario.plan()
    (verdict,) = (*(item.verdict for item in plan.actions), *plan.left_alone)
    return verdict


@pytest.mark.parametrize(
    ("build", "deed"),
    [
        (a_tracking_server, "stop"),
        (a_monitoring_schedule, "stop"),
        (a_recommendations_job, "stop"),
        (a_provisioned_model, "delete"),
    ],
)
def test_one_without_an_owner_is_warned_of_then_ended_as_its_api_allows_with_a_manifest(
    build: Build, deed: str
) -> None:
    scenario = guarded(build("mine"))

    scenario.at("Mon 10:00").sweep()
    warned = list(scenario.executor.deeds)
    scenario.at("Tue 10:00").sweep()

    assert (scenario.notifier.warned, warned) == (["mine"], [])
    assert scenario.executor.deeds == [("manifest", "mine"), (deed, "mine")]


@pytest.mark.parametrize(
    ("build", "status"),
    [
        (a_tracking_server, "Stopped"),
        (a_tracking_server, "Creating"),
        (a_monitoring_schedule, "Pending"),
        (a_recommendations_job, "STOPPING"),
        (a_provisioned_model, "Creating"),
    ],
)
def test_one_that_does_not_run_waits_until_it_does(build: Build, status: str) -> None:
    scenario = guarded(build("mine", status))

    scenario.at("Mon 10:00").sweep()
    scenario.at("Tue 10:00").sweep()

    assert (scenario.notifier.warned, scenario.executor.done) == ([], [])
    assert only_verdict(scenario).reason.endswith("waits until it runs")


def test_no_call_stops_a_cluster_so_its_owner_is_told() -> None:
    scenario = guarded(a_cluster())

    verdict = only_verdict(scenario.at("Mon 10:00"))

    assert verdict.action is not None
    assert verdict.action.kind is ActionKind.NOTIFY
    assert verdict.reason.endswith("a cluster is neither stopped nor deleted")


def test_throughput_that_was_committed_to_is_only_told_of_until_its_term_ends() -> None:
    until = datetime.fromisoformat("2026-12-24T00:00:00+00:00")
    scenario = guarded(a_provisioned_model(commitment="OneMonth", until=until))

    verdict = only_verdict(scenario.at("Mon 10:00"))

    assert verdict.action is not None
    assert verdict.action.kind is ActionKind.NOTIFY
    assert "committed (OneMonth) until 2026-12-24" in verdict.reason


@pytest.mark.parametrize(
    ("build", "remedy"),
    [(a_tracking_server, Remedy.DELETE), (a_provisioned_model, Remedy.STOP)],
)
def test_what_knows_another_remedy_only_is_told_of(build: Build, remedy: Remedy) -> None:
    rule = a_guardrail(OWNED, kinds=SERVICES, remedies=(remedy,))
    scenario = Scenario(a_policy(rule), build())

    verdict = only_verdict(scenario.at("Mon 10:00"))

    assert verdict.action is not None
    assert verdict.action.kind is ActionKind.NOTIFY
    assert f"is not {'deleted' if remedy is Remedy.DELETE else 'stopped'}" in verdict.reason


@pytest.mark.parametrize(
    ("service", "demand", "expected"),
    [
        (a_cluster(), DeniedTypes(("p5",)), "VIOLATION"),
        (
            a_cluster(groups=(InstanceGroup("g", "ml.p5.48xlarge", 0),)),
            DeniedTypes(("p5",)),
            "VIOLATION",
        ),
        (a_cluster(groups=(InstanceGroup("g", None, 2),)), DeniedTypes(("p5",)), "UNKNOWN"),
        (a_cluster(), PriceCeiling(Decimal(59)), "VIOLATION"),
        (a_cluster(), PriceCeiling(Decimal(60)), "COMPLIANT"),
        (a_monitoring_schedule(), DeniedTypes(("m5",)), "UNKNOWN"),
        (
            a_monitoring_schedule(instance_types=("ml.m5.xlarge",)),
            DeniedTypes(("m5",)),
            "VIOLATION",
        ),
        (
            a_monitoring_schedule(instance_types=("ml.m5.xlarge",)),
            PriceCeiling(Decimal("0.2")),
            "VIOLATION",
        ),
        (a_monitoring_schedule(volumes_gb=(501,)), VolumeCeiling(500), "VIOLATION"),
        (a_monitoring_schedule(), VolumeCeiling(500), "UNKNOWN"),
        (a_recommendations_job(), DeniedTypes(("m5",)), "VIOLATION"),
        (a_recommendations_job(), PriceCeiling(Decimal("0.2")), "VIOLATION"),
        (a_tracking_server(), DeniedTypes(("m5",)), "NOT_APPLICABLE"),
        (a_provisioned_model(), PriceCeiling(Decimal(1)), "NOT_APPLICABLE"),
    ],
)
def test_what_it_runs_on_is_judged_where_somebody_chose_it(
    service: Snapshot, demand: Any, expected: str
) -> None:
    scenario = guarded(service, demand=demand)

    assert only_verdict(scenario.at("Mon 10:00")).kind == expected


def test_a_rule_on_everything_lists_none_of_them() -> None:
    scenario = guarded(a_cluster(), a_tracking_server(), a_provisioned_model(), kinds=("*",))

    scenario.at("Mon 10:00").sweep()

    assert not set(SERVICES) & set(scenario.inventory.listed)


def test_throughput_that_is_bought_is_tagged_with_who_bought_it() -> None:
    rule = a_guardrail(OWNED, remedies=(Remedy.TAG_OWNER, Remedy.NOTIFY))
    scenario = Scenario(a_policy(rule), a_provisioned_model())

    report = scenario.at("Mon 10:00").event(bought())

    assert [outcome.action.tag for outcome in report.outcomes] == [("Owner", "mina@example.com")]
    assert scenario.inventory.named("chat").tags == {"Owner": "mina@example.com"}


def test_throughput_that_is_bought_is_warned_of_at_once_and_deleted_when_its_grace_is_over() -> (
    None
):
    scenario = guarded(a_provisioned_model())

    report = scenario.at("Mon 10:00").event(bought())
    scenario.at("Tue 10:00").sweep()

    assert [case.ref.name for case in report.warned] == ["chat"]
    assert scenario.executor.done == [("delete", "chat")]


@pytest.mark.parametrize("operation", ["CreateGuardrail", "CreateNotebookInstance", "TagResource"])
def test_other_calls_of_bedrock_create_nothing_of_which_a_policy_speaks(operation: str) -> None:
    scenario = guarded(kinds=("*",))

    report = scenario.at("Mon 10:00").event(bought(operation))

    assert (report.plan.actions, report.plan.left_alone, report.warned) == ((), (), ())
    assert bought(operation).ineffective is not None


def test_calls_of_any_other_service_are_refused() -> None:
    with pytest.raises(EventError, match=r"should be sagemaker\.amazonaws\.com or bedrock"):
        read_event(a_record(eventSource="s3.amazonaws.com"), request_shapes())


def test_a_cluster_whose_tags_change_is_found_by_its_arn_which_does_not_name_it() -> None:
    cluster = a_cluster(
        ref=a_cluster().ref.__class__(
            "cluster", ACCOUNT, REGION, "big", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:cluster/x1y2"
        )
    )
    scenario = guarded(cluster)
    removed = a_call("DeleteTags", {"resourceArn": cluster.ref.arn, "tagKeys": ["Owner"]})

    report = scenario.at("Mon 10:00").event(removed)

    assert removed.subject.name is None
    assert [case.ref.name for case in report.warned] == ["big"]


def test_a_server_that_is_created_is_judged_by_its_call_where_a_rule_speaks_of_everything() -> None:
    rule = a_guardrail(OWNED, remedies=STOP_OR_DELETE)
    server = a_tracking_server()
    scenario = Scenario(a_policy(rule), server)
    created = a_call(
        "CreateMlflowTrackingServer",
        {"trackingServerName": "flow"},
        responseElements={"trackingServerArn": server.ref.arn},
    )

    report = scenario.at("Mon 10:00").event(created)
    scenario.at("Tue 10:00").sweep()

    assert [case.ref.name for case in report.warned] == ["flow"]
    assert scenario.executor.done == []
    assert [item.kind for item in report.plan.left_alone] == [VerdictKind.VIOLATION]

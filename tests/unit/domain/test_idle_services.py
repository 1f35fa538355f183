"""Which services idle, by what evidence, and what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.endpoint_metrics import variant_series
from sagewarden.domain.metrics import Series
from sagewarden.domain.money import FileStorage
from sagewarden.domain.resources import AppStatus, Snapshot
from sagewarden.domain.scope import Mode
from sagewarden.domain.services.clusters import InstanceGroup, cluster_series
from sagewarden.domain.services.file_systems import Members
from sagewarden.domain.services.judging import evidence_of, judge_service
from sagewarden.domain.services.monitoring_schedules import Runs
from sagewarden.domain.services.provisioned_models import ProvisionedModel, provisioned_series
from sagewarden.domain.services.spaces import SeenApp, StudioSpace
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import a_notebook, an_endpoint
from tests.support.scenario import Scenario
from tests.support.services import (
    ZEROS,
    a_cluster,
    a_file_system,
    a_monitoring_schedule,
    a_provisioned_model,
    a_recommendations_job,
    a_space,
    a_tracking_server,
    an_idle_services_rule,
    facts,
    service_prices,
)

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAILED_LONG_AGO = SeenApp(AppStatus.FAILED, NOW - 30 * DAY)
CALLS = variant_series("Invocations", "churn", "AllTraffic")

type Values = dict[Series, tuple[float, ...] | None]


def judged(
    service: Snapshot,
    values: Values | None = None,
    action: ActionKind = ActionKind.STOP,
    *,
    measured: bool = True,
) -> Verdict:
    rule = an_idle_services_rule(action)
    return rule.judge(service, facts(NOW, values, measured=measured), NOW)


def did(verdict: Verdict) -> ActionKind | None:
    return verdict.action.kind if verdict.action else None


RUNNING: list[Snapshot] = [
    a_tracking_server(),
    a_monitoring_schedule(),
    a_recommendations_job(),
    a_provisioned_model(),
    a_cluster(),
    a_file_system(),
    a_space(),
]
by_kind = pytest.mark.parametrize("service", RUNNING, ids=lambda item: item.ref.kind)


@by_kind
def test_what_is_protected_exempt_managed_or_has_unreadable_tags_is_left_alone(
    service: Any,
) -> None:
    def kind(tags: dict[str, str] | None) -> VerdictKind:
        return judged(replace(service, tags=tags)).kind

    assert kind({"DoNotDelete": ""}) is VerdictKind.EXEMPT
    assert kind({"SagewardenExempt": "2027-01-31: needed"}) is VerdictKind.EXEMPT
    assert kind({"aws:cloudformation:stack-id": "arn"}) is VerdictKind.EXEMPT
    assert kind({"SagewardenExempt": "soon"}) is VerdictKind.UNKNOWN
    assert kind(None) is VerdictKind.UNKNOWN


@by_kind
def test_a_status_that_is_not_known_is_never_acted_on(service: Any) -> None:
    verdict = judged(replace(service, status=type(service.status)("Novel")))

    assert (verdict.kind, did(verdict)) == (VerdictKind.UNKNOWN, None)
    assert "does not say whether it runs" in verdict.reason


@pytest.mark.parametrize(
    "service",
    [
        a_tracking_server(modified=NOW - DAY),
        a_monitoring_schedule(created=NOW - DAY, modified=NOW - DAY),
        a_provisioned_model(modified=NOW - DAY),
        a_cluster(created=NOW - DAY, modified=NOW - DAY),
        a_file_system(created=NOW - DAY, modified=NOW - DAY),
        a_space(modified=NOW - DAY),
    ],
    ids=lambda item: item.ref.kind,
)
def test_what_was_made_or_changed_within_the_window_is_too_new(service: Any) -> None:
    verdict = judged(service)

    assert verdict.kind is VerdictKind.TOO_NEW
    assert verdict.evidence["judged_from"] == (NOW + 2 * DAY).isoformat()


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (a_tracking_server(status="Stopped"), "it is stopped"),
        (a_tracking_server(status="Updating"), "it is Updating; judged when it has settled"),
        (a_tracking_server(status="StartFailed"), "it could not be started and runs nothing"),
        (a_monitoring_schedule(status="Stopped"), "it is stopped"),
        (a_monitoring_schedule(expression="NOW"), "it runs once"),
        (a_monitoring_schedule(watches=None), "it watches batch transforms, no endpoint"),
        (a_recommendations_job(status="COMPLETED"), "it is COMPLETED"),
        (a_provisioned_model(status="Creating"), "it is Creating; judged when it is InService"),
        (a_cluster(status="Updating"), "it is Updating; judged when it is InService"),
        (a_cluster(groups=(InstanceGroup("g", "ml.p5.48xlarge", 0),)), "it has no nodes"),
        (a_file_system(status="deleting"), "it is being deleted"),
        (a_file_system(size_bytes=6144), "nothing is stored in it"),
        (a_space(status="Pending"), "it is being created"),
        (a_space(status="Updating"), "it is Updating; judged when it has settled"),
        (a_space(volume_gb=None, app_type="JupyterServer"), "AWS tells of no volume of its own"),
        (a_space(volume_gb=None, app_type=None), "AWS tells of no volume of its own"),
    ],
)
def test_what_runs_nothing_or_is_on_its_way_is_not_judged(service: Any, reason: str) -> None:
    verdict = judged(service)

    assert (verdict.kind, verdict.reason) == (VerdictKind.NOT_APPLICABLE, reason)


def test_a_tracking_server_that_aws_calls_inactive_is_stopped_at_its_price() -> None:
    verdict = judged(a_tracking_server())

    assert (verdict.kind, did(verdict)) == (VerdictKind.VIOLATION, ActionKind.STOP)
    assert verdict.reason == "it runs though AWS says that it is inactive, unchanged for 72 h"
    assert verdict.saving is not None
    assert f"{verdict.saving.usd:.2f}" == "438.00"
    assert verdict.evidence["is_active"] == "Inactive"
    assert verdict.evidence["month_at_list_price_usd"] == "438.00"


def test_an_active_server_is_left_running_and_an_unknown_one_reported() -> None:
    active, silent = judged(a_tracking_server(active=True)), judged(a_tracking_server(active=None))

    assert (active.kind, active.reason) == (VerdictKind.COMPLIANT, "AWS says that it is active")
    assert active.evidence["month_at_list_price_usd"] == "438.00"
    assert (silent.kind, did(silent)) == (VerdictKind.UNKNOWN, None)
    assert judged(a_tracking_server(size=None)).saving is None


def test_an_exemption_that_ran_out_is_told() -> None:
    verdict = judged(a_tracking_server(tags={"SagewardenExempt": "2026-10-01: trial"}))

    assert verdict.reason.endswith("; its exemption ran out on 2026-10-01")


def watching(endpoint: Any, **more: Any) -> Snapshot:
    return a_monitoring_schedule(endpoint=endpoint, **more)


RUNS = Runs("ml.m5.xlarge", 1, busy=timedelta(hours=2, minutes=24), over=DAY)


def test_a_schedule_whose_endpoint_is_gone_or_dead_is_stopped_at_what_it_costs() -> None:
    gone = judged(watching(None, runs=RUNS))
    failed = judged(watching(an_endpoint("churn", status="Failed")))
    out = judged(watching(an_endpoint("churn", status="OutOfService")))

    assert {did(gone), did(failed), did(out)} == {ActionKind.STOP}
    assert gone.reason == "its endpoint churn is gone: there is nothing to watch"
    assert failed.reason == "its endpoint churn has failed: there is nothing to watch"
    assert out.reason == "its endpoint churn is out of service: there is nothing to watch"
    assert gone.saving is not None
    assert gone.saving.basis == "1 x ml.m5.xlarge at $0.24/h x 73 h"
    assert failed.saving is None


def test_runs_that_never_ended_apart_cost_what_is_not_known() -> None:
    runs = replace(RUNS, over=timedelta(0))

    assert judged(watching(None, runs=runs)).saving is None
    assert judged(watching(None, runs=replace(RUNS, busy=9 * DAY))).saving is not None


def test_a_schedule_whose_endpoint_nobody_calls_is_stopped() -> None:
    endpoint = an_endpoint("churn", tags={"DoNotDelete": ""})

    idle = judged(watching(endpoint), {CALLS: ZEROS})
    used = judged(watching(endpoint), {CALLS: (*ZEROS[1:], 3.0)})

    assert did(idle) is ActionKind.STOP
    assert idle.reason == "its endpoint churn had 0 invocations in 72 h over 1 variant"
    assert used.kind is VerdictKind.COMPLIANT
    assert used.reason.startswith("its endpoint churn: in use")
    assert list(evidence_of(watching(endpoint))) == [CALLS]


@pytest.mark.parametrize(
    ("service", "values", "measured", "kind", "part"),
    [
        (watching(None, endpoint_read=False), {}, True, "UNKNOWN", "could not be read"),
        (watching(an_endpoint("churn")), {CALLS: ()}, True, "UNKNOWN", "no data is not zero"),
        (watching(an_endpoint("churn")), {CALLS: None}, True, "UNKNOWN", "could not be read"),
        (watching(an_endpoint("churn")), {}, False, "UNKNOWN", "could not be read"),
        (
            watching(an_endpoint("churn", status="Updating")),
            {},
            True,
            "NOT_APPLICABLE",
            "it is Updating",
        ),
    ],
)
def test_a_schedule_whose_endpoints_use_is_not_proven_runs_on(
    service: Any, values: Values, *, measured: bool, kind: str, part: str
) -> None:
    verdict = judged(service, values, measured=measured)

    assert (verdict.kind, did(verdict)) == (VerdictKind(kind), None)
    assert part in verdict.reason


def test_an_endpoint_without_details_has_no_series_that_could_tell() -> None:
    schedule = watching(an_endpoint("churn", described=False))

    assert list(evidence_of(schedule)) == []
    assert judged(schedule).kind is VerdictKind.UNKNOWN


def test_a_recommender_job_is_stopped_far_beyond_its_limit_only() -> None:
    late, soon = NOW - 4 * HOUR, NOW - 4 * HOUR + timedelta(minutes=1)

    beyond = judged(a_recommendations_job(created=late, modified=late))
    within = judged(a_recommendations_job(created=soon, modified=soon))

    assert did(beyond) is ActionKind.STOP
    assert beyond.reason == "it has run for 4 h, far beyond its limit of 2 h"
    assert beyond.saving is not None
    assert beyond.action is not None
    assert beyond.action.destructive
    assert (within.kind, did(within)) == (VerdictKind.COMPLIANT, None)


def test_a_job_without_a_limit_has_the_longest_that_aws_allows() -> None:
    at = NOW - 9 * HOUR
    job = a_recommendations_job(limit=None, instance_types=None, created=at, modified=at)

    verdict = judged(job)

    assert verdict.kind is VerdictKind.COMPLIANT
    assert verdict.evidence["limit_hours"] == 5.0
    assert job.runs_on is None
    several = a_recommendations_job(instance_types=("ml.m5.xlarge", "ml.g5.xlarge"))
    assert judged(several).saving is None


INVOCATIONS, CLIENT_ERRORS, *_ = provisioned_series(a_provisioned_model())


def test_throughput_that_nobody_calls_is_deleted_where_the_rule_deletes() -> None:
    told = judged(a_provisioned_model(), {INVOCATIONS: ZEROS})
    deleted = judged(a_provisioned_model(units=1), {INVOCATIONS: ZEROS}, ActionKind.DELETE)

    assert did(told) is ActionKind.NOTIFY
    assert told.reason == (
        "0 invocations in 72 h on 2 model units; it cannot be stopped, and only action: delete "
        "deletes it; it costs $29,200.00 a month at list price"
    )
    assert told.saving is None
    assert did(deleted) is ActionKind.DELETE
    assert deleted.reason == "0 invocations in 72 h on 1 model unit"
    assert deleted.saving is not None
    assert deleted.saving.usd == Decimal(14600)
    assert deleted.saving.basis == "1 x titantextexpress (no commitment) at $20/h x 730 h"


@pytest.mark.parametrize(
    "model",
    [
        a_provisioned_model(model="amazon.nova-pro-v1:0"),
        a_provisioned_model(customised=True, commitment="SixMonths"),
    ],
)
def test_a_model_or_commitment_that_no_price_names_costs_what_is_not_known(
    model: ProvisionedModel,
) -> None:
    verdict = judged(model, {INVOCATIONS: ZEROS}, ActionKind.DELETE)

    assert verdict.kind is VerdictKind.VIOLATION
    assert verdict.saving is None
    assert "month_at_list_price_usd" not in verdict.evidence
    assert "costs" not in verdict.reason


def test_a_customised_model_costs_what_its_base_model_does_where_nothing_else_is_listed() -> None:
    model = a_provisioned_model(customised=True)

    verdict = judged(model, {INVOCATIONS: ZEROS}, ActionKind.DELETE)

    assert verdict.saving is not None
    assert verdict.saving.usd == Decimal(29200)


def test_throughput_with_a_commitment_is_only_told_of_with_the_day_it_ends() -> None:
    until = datetime(2026, 12, 1, tzinfo=UTC)
    committed = a_provisioned_model(commitment="OneMonth", until=until)
    endless = a_provisioned_model(commitment="OneMonth")

    verdict = judged(committed, {INVOCATIONS: ZEROS}, ActionKind.DELETE)
    unknown = judged(endless, {INVOCATIONS: ZEROS}, ActionKind.DELETE)

    assert did(verdict) is ActionKind.NOTIFY
    assert "committed (OneMonth) until 2026-12-01: AWS bills it until then" in verdict.reason
    assert verdict.evidence["committed_until"] == until.isoformat()
    assert verdict.evidence["price"] == "2 x titantextexpress (1 month) at $18/h x 730 h"
    assert verdict.saving is None
    assert "until an end that AWS does not tell" in unknown.reason


@pytest.mark.parametrize(
    ("values", "kind", "part"),
    [
        ({INVOCATIONS: (*ZEROS, 1.0)}, VerdictKind.COMPLIANT, "in use: 1 calls in 72 h"),
        ({INVOCATIONS: ZEROS, CLIENT_ERRORS: (2.0,)}, VerdictKind.COMPLIANT, "in use: 2"),
        ({INVOCATIONS: ()}, VerdictKind.UNKNOWN, "no data is not zero"),
        ({INVOCATIONS: ZEROS[:60]}, VerdictKind.UNKNOWN, "60 of 72 hourly datapoints"),
        ({INVOCATIONS: None}, VerdictKind.UNKNOWN, "could not be read"),
        ({INVOCATIONS: (-1.0, *ZEROS, 1.0)}, VerdictKind.UNKNOWN, "values that count nothing"),
    ],
)
def test_throughput_is_idle_by_proof_only(values: Values, kind: VerdictKind, part: str) -> None:
    verdict = judged(a_provisioned_model(), values, ActionKind.DELETE)

    assert (verdict.kind, did(verdict)) == (kind, None)
    assert part in verdict.reason


def test_metrics_that_were_not_read_at_all_prove_nothing() -> None:
    assert judged(a_provisioned_model(), measured=False).kind is VerdictKind.UNKNOWN
    assert judged(a_cluster(), measured=False).kind is VerdictKind.UNKNOWN


[GPUS] = cluster_series(a_cluster())


def test_a_cluster_without_a_busy_gpu_is_told_of_with_its_price() -> None:
    verdict = judged(a_cluster(), {GPUS: ZEROS}, ActionKind.DELETE)

    assert (verdict.kind, did(verdict)) == (VerdictKind.VIOLATION, ActionKind.NOTIFY)
    assert verdict.reason.startswith("no GPU did anything in 72 h; scale its instance groups down")
    assert verdict.evidence["month_at_list_price_usd"] == "87600.00"
    assert verdict.evidence["orchestrator"] == "EKS lab"
    assert verdict.saving is None


def test_a_busy_cluster_is_compliant_and_one_that_tells_nothing_unknown() -> None:
    busy = judged(a_cluster(), {GPUS: (*ZEROS, 87.5)})
    silent = judged(a_cluster(), {GPUS: ()})
    slurm = judged(a_cluster(eks=None))
    unread = judged(a_cluster(groups=None), {GPUS: ZEROS})
    mixed = judged(a_cluster(groups=(InstanceGroup("g", None, 2),)), {GPUS: ZEROS})

    assert (busy.kind, busy.reason) == (
        VerdictKind.COMPLIANT,
        "in use: a GPU came to 87.5 % in 72 h",
    )
    assert silent.kind is VerdictKind.UNKNOWN
    assert slurm.reason == "AWS publishes no metric of what the nodes of a Slurm cluster do"
    assert slurm.evidence["month_at_list_price_usd"] == "87600.00"
    assert "month_at_list_price_usd" not in {**unread.evidence, **mixed.evidence}
    assert a_cluster(groups=None).runs_on is None
    assert list(evidence_of(a_cluster(eks=None))) == []


def test_a_file_system_that_serves_nobody_is_told_of_with_its_size() -> None:
    empty = judged(a_file_system(), action=ActionKind.DELETE)
    orphan = judged(a_file_system(domain_exists=False, members=None))

    assert {did(empty), did(orphan)} == {ActionKind.NOTIFY}
    assert empty.reason == (
        "its domain has no user profile, space or app, and 40 GB are still billed"
    )
    assert orphan.reason == "its domain d-research is gone, and 40 GB are still billed"
    assert empty.evidence["file_system"] == "fs-0123456789abcdef0"


def test_a_file_system_costs_what_its_storage_classes_do_and_is_told_of_with_it() -> None:
    held = {FileStorage.STANDARD: 30 * 2**30, FileStorage.INFREQUENT_ELASTIC: 10 * 2**30}
    cold = {FileStorage.STANDARD: 30 * 2**30, FileStorage.ARCHIVE: 10 * 2**30}

    empty = judged(a_file_system(stored=held))
    used = judged(a_file_system(stored=held, members=Members(1, 0, 0)))
    unpriced = judged(a_file_system(stored=cold))

    assert empty.reason.endswith("40 GB are still billed; it costs $9.10 a month at list price")
    assert empty.saving is None
    assert empty.evidence["month_at_list_price_usd"] == "9.10"
    assert used.evidence["month_at_list_price_usd"] == "9.10"
    assert "month_at_list_price_usd" not in unpriced.evidence
    assert "costs" not in unpriced.reason


def test_a_file_system_with_people_or_unread_members_is_no_violation() -> None:
    used = [judged(a_file_system(members=who)) for who in (Members(1, 0, 0), Members(0, 0, 1))]

    assert [verdict.kind for verdict in used] == [VerdictKind.COMPLIANT] * 2
    assert judged(a_file_system(members=None)).kind is VerdictKind.UNKNOWN


def test_a_space_without_an_app_is_told_of_with_its_volume_and_price() -> None:
    unused = judged(a_space(), action=ActionKind.DELETE)

    assert (unused.kind, did(unused)) == (VerdictKind.VIOLATION, ActionKind.NOTIFY)
    assert unused.reason == (
        "no app ran in it within the last day, nothing changed it for 72 h, and its volume of "
        "100 GB is billed all the same; it costs $14.00 a month at list price"
    )
    assert unused.saving is None
    assert unused.evidence["user_profile"] == "mina"
    assert unused.evidence["month_at_list_price_usd"] == "14.00"


@pytest.mark.parametrize(
    "space",
    [
        a_space(volume_gb=None),
        a_space(app_type="CodeEditor"),
        a_space(app_type=None),
    ],
)
def test_a_volume_of_unknown_size_or_price_costs_what_is_not_known(space: StudioSpace) -> None:
    verdict = judged(space)

    assert verdict.kind is VerdictKind.VIOLATION
    assert "month_at_list_price_usd" not in verdict.evidence
    assert "costs" not in verdict.reason


@pytest.mark.parametrize(
    ("status", "age", "reason"),
    [
        ("InService", 30 * DAY, "an app is in it: InService"),
        ("Pending", HOUR, "an app is in it: Pending"),
        ("Deleting", 30 * DAY, "an app is in it: Deleting"),
        ("Novel", 30 * DAY, "an app is in it: UNKNOWN"),
        ("Deleted", 30 * DAY, "an app ran in it within the last day"),
        (
            "Failed",
            DAY,
            f"an app was started in it at {(NOW - DAY).isoformat()}, and failed",
        ),
    ],
)
def test_an_app_that_aws_lists_shows_its_space_in_use(
    status: str, age: timedelta, reason: str
) -> None:
    app = SeenApp(AppStatus(status), NOW - age)

    verdict = judged(a_space(apps=(FAILED_LONG_AGO, app)))

    assert (verdict.kind, verdict.reason) == (VerdictKind.COMPLIANT, reason)


def test_an_app_that_failed_long_ago_shows_no_use_and_unread_apps_nothing() -> None:
    failed, unread = judged(a_space(apps=(FAILED_LONG_AGO,))), judged(a_space(apps=None))

    assert failed.kind is VerdictKind.VIOLATION
    assert (unread.kind, unread.reason) == (
        VerdictKind.UNKNOWN,
        "what ran in it could not be read",
    )


def test_a_space_shows_guardrails_what_it_stores_and_runs_on() -> None:
    space = a_space(instance_types=("ml.t3.medium",))

    assert (space.stores_gb, space.runs_on) == ((100,), ("ml.t3.medium",))
    assert a_space(volume_gb=None).stores_gb is None


def test_a_rule_that_only_tells_does_nothing_and_saves_nothing() -> None:
    verdict = judged(a_tracking_server(), action=ActionKind.NOTIFY)

    assert (verdict.kind, did(verdict)) == (VerdictKind.VIOLATION, ActionKind.NOTIFY)
    assert verdict.saving is None
    assert verdict.evidence["month_at_list_price_usd"] == "438.00"


def test_what_is_no_service_is_no_matter_of_the_rule() -> None:
    with pytest.raises(ValueError, match="notebook-instance nb is no such service"):
        judge_service(a_notebook(), an_idle_services_rule(), facts(NOW), NOW)


def test_the_rule_says_what_it_does() -> None:
    rule = an_idle_services_rule(ActionKind.DELETE)

    assert rule.does == "delete after 72 h without use, 24 h after the warning"
    assert rule.series(a_tracking_server(), NOW) == ()


def test_a_server_seen_active_in_its_grace_period_is_not_stopped() -> None:
    scenario = Scenario(None, a_tracking_server(), prices=service_prices())
    scenario.policy = replace(scenario.policy, rules=(an_idle_services_rule(),))

    scenario.at("Mon 10:00").sweep()
    scenario.inventory.put(a_tracking_server(active=True))
    scenario.at("Mon 11:00").sweep()
    scenario.inventory.put(a_tracking_server())
    scenario.at("Tue 10:00").sweep()
    early = list(scenario.executor.done)
    scenario.at("Wed 10:00").sweep()

    assert scenario.notifier.warned == ["flow", "flow"]
    assert early == []
    assert scenario.executor.deeds == [("manifest", "flow"), ("stop", "flow")]


def test_what_is_only_told_of_is_told_once_and_never_done() -> None:
    scenario = Scenario(None, a_file_system(), a_cluster(eks=None), a_provisioned_model())
    rule = an_idle_services_rule(ActionKind.DELETE, Mode.ENFORCE)
    scenario.policy = replace(scenario.policy, rules=(rule,))

    for _ in range(3):
        scenario.after(DAY).sweep()

    assert scenario.notifier.warned == ["research"]
    assert scenario.executor.deeds == []


def watching_spaces(*resources: Any) -> Scenario:
    scenario = Scenario(None, *resources, prices=service_prices())
    scenario.policy = replace(scenario.policy, rules=(an_idle_services_rule(),))
    return scenario


def test_a_space_is_told_of_once_every_look_of_the_window_found_it_unused() -> None:
    scenario = watching_spaces(a_space())

    told = []
    for _ in range(4):
        scenario.after(DAY).sweep()
        told.append(list(scenario.notifier.warned))

    assert told == [[], [], ["lab"], ["lab"]]
    assert scenario.executor.deeds == []


def test_a_space_that_is_used_meanwhile_is_watched_anew() -> None:
    scenario = watching_spaces(a_space())
    used = a_space(apps=(SeenApp(AppStatus.DELETED, NOW),))

    scenario.after(DAY).sweep()
    scenario.inventory.put(used)
    scenario.after(DAY).sweep()
    scenario.inventory.put(a_space())
    for _ in range(2):
        scenario.after(DAY).sweep()
    early = list(scenario.notifier.warned)
    scenario.after(DAY).sweep()

    assert early == []
    assert scenario.notifier.called_off == []
    assert scenario.notifier.warned == ["lab"]


def test_a_look_that_cannot_tell_neither_tells_nor_begins_anew() -> None:
    scenario = watching_spaces(a_space())

    scenario.after(DAY).sweep()
    scenario.inventory.put(a_space(apps=None))
    scenario.after(DAY).sweep()
    unread = list(scenario.notifier.warned)
    scenario.inventory.put(a_space())
    scenario.after(DAY).sweep()

    assert unread == []
    assert scenario.notifier.warned == ["lab"]


def test_what_aws_tells_enough_of_is_watched_no_longer() -> None:
    rule = an_idle_services_rule()

    assert rule.watched("studio-space") == 2 * DAY
    assert replace(rule, idle_for=HOUR).watched("studio-space") == timedelta(0)
    assert rule.watched("studio-file-system") == timedelta(0)

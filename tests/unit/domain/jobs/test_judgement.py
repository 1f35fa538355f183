from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.job_runs import Asked, Children, Run
from sagewarden.domain.jobs.hosts import gpu_series, has_gpus
from sagewarden.domain.jobs.job import JobStatus, PoolStatus
from sagewarden.domain.jobs.questions import IdleGpus
from sagewarden.domain.jobs.rule import IdleJobs
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.money import NO_PRICES, PriceBook
from sagewarden.domain.resources import Resource, ResourceKind
from sagewarden.domain.verdicts import Verdict, VerdictKind
from tests.support.builders import NOW, REGION, a_training_job
from tests.support.jobs import GPU, HOUR, a_job, a_job_rule, a_run, a_warm_pool, job_prices

TRAINING, TUNING = ResourceKind.TRAINING_JOB, ResourceKind.TUNING_JOB
IDLE = IdleGpus(5, timedelta(minutes=30))
MINUTES = 30
PARENT = f"arn:aws:sagemaker:{REGION}:1:hyper-parameter-tuning-job/search"
VIOLATION, COMPLIANT = VerdictKind.VIOLATION, VerdictKind.COMPLIANT
NOT_APPLICABLE, UNKNOWN = VerdictKind.NOT_APPLICABLE, VerdictKind.UNKNOWN

type Values = tuple[float, ...] | None


def judge(
    resource: Resource,
    rule: IdleJobs | None = None,
    *measured: Values,
    prices: PriceBook = NO_PRICES,
) -> Verdict:
    """Judge a job by what its instances measured, in the order of their names."""
    rule = rule or a_job_rule(idle=IDLE)
    window = rule.window(NOW)
    readings = None
    if window is not None:
        series = sorted(rule.series(resource, NOW))
        values: dict[Series, Values] = dict(zip(series, measured, strict=False))
        readings = Readings(window, values)
    return rule.judge(resource, Facts(prices, readings), NOW)


def flat(percent: float, minutes: int = MINUTES) -> tuple[float, ...]:
    return (percent,) * minutes


def trains(name: str = "job", **run: Any) -> Resource:
    return a_training_job(name, created=NOW - 4 * HOUR, run=a_run(name, **run))


def tuning(*parts: Run, **more: Any) -> Resource:
    whole = Run(
        asked=(Asked(max_runtime=10 * HOUR), Asked(part=True, spot=False, checkpoints=True)),
        phase="Tuning",
        at_work={f"child-{number}": part for number, part in enumerate(parts)},
        **more,
    )
    return a_job("search", TUNING, run=whole)


class TestIdleGpus:
    def test_a_job_whose_gpus_idle_all_along_is_found_and_stopped(self) -> None:
        found = judge(trains(), None, flat(0.0))

        assert found.kind is VIOLATION
        assert found.action is not None
        assert found.action.kind is ActionKind.STOP
        assert "none above 0 % for 30 min while it is Training" in found.reason
        assert "writes no checkpoints: what it has not saved is lost" in found.reason
        assert found.evidence["gpu_utilization"] == 0.0
        assert found.evidence["hosts"] == 1

    @pytest.mark.parametrize("highest", [5.0, 80.0, 400.0])
    def test_one_minute_of_use_is_use(self, highest: float) -> None:
        found = judge(trains(), None, (*flat(0.0, MINUTES - 1), highest))

        assert (found.kind, found.action) == (COMPLIANT, None)

    def test_use_wins_over_gaps(self) -> None:
        two = trains(machines=((GPU, 2),))

        assert judge(two, None, None, (50.0,)).kind is COMPLIANT

    @pytest.mark.parametrize(
        "measured",
        [
            (),
            (None,),
            ((),),
            (flat(0.0, 23),),
        ],
    )
    def test_no_data_is_not_zero(self, measured: tuple[Values, ...]) -> None:
        found = judge(trains(), None, *measured)

        assert found.kind is UNKNOWN
        assert found.reason.startswith("no data is not zero: 0 of 1 instances")

    def test_the_latest_minutes_may_still_be_on_their_way(self) -> None:
        assert judge(trains(), None, flat(0.0, 24)).kind is VIOLATION

    def test_each_instance_must_have_told(self) -> None:
        found = judge(trains(machines=((GPU, 3),)), None, flat(0.0), flat(0.0))

        assert found.kind is UNKNOWN
        assert "2 of 3 instances" in found.reason

    def test_the_instances_of_all_groups_count(self) -> None:
        groups = trains(machines=((GPU, 1), ("ml.p4d.24xlarge", 1)))

        found = judge(groups, None, flat(0.0), flat(1.5))

        assert found.kind is VIOLATION
        assert (found.evidence["hosts"], found.evidence["gpu_utilization"]) == (2, 1.5)

    def test_values_that_are_no_percentages_prove_nothing(self) -> None:
        assert judge(trains(), None, flat(-1.0)).kind is UNKNOWN

    def test_instances_without_gpus_do_not_concern_it(self) -> None:
        found = judge(trains(machines=(("ml.m5.xlarge", 2),)))

        assert (found.kind, found.reason) == (NOT_APPLICABLE, "ml.m5.xlarge has no GPU")

    def test_instances_of_which_some_have_gpus_are_not_told_apart(self) -> None:
        mixed = trains(machines=((GPU, 1), ("ml.c5.xlarge", 1)))

        found = judge(mixed, None, flat(0.0), flat(0.0))

        assert found.kind is UNKNOWN

    def test_instances_that_are_not_settled_are_unknown(self) -> None:
        assert judge(trains(machines=None)).kind is UNKNOWN

    @pytest.mark.parametrize(
        "phase",
        ["Starting", "Pending", "Downloading", "Interrupted", "Uploading", "Restarting", None],
    )
    def test_only_a_job_at_work_should_use_its_gpus(self, phase: str | None) -> None:
        found = judge(trains(phase=phase), None, flat(0.0))

        assert found.kind is NOT_APPLICABLE

    @pytest.mark.parametrize("since", [NOW - timedelta(minutes=29), None])
    def test_a_job_that_has_just_begun_its_work_is_too_new(self, since: Any) -> None:
        assert judge(trains(since=since), None, flat(0.0)).kind is VerdictKind.TOO_NEW

    def test_metrics_that_were_not_read_prove_nothing(self) -> None:
        rule = a_job_rule(idle=IDLE)

        assert rule.judge(trains(), Facts(NO_PRICES), NOW).kind is UNKNOWN

    def test_a_processing_job_is_judged_in_its_own_namespace(self) -> None:
        job = a_job()
        rule = a_job_rule(ResourceKind.PROCESSING_JOB, idle=IDLE)

        found = judge(job, rule, flat(0.0))

        assert [item.namespace for item in rule.series(job, NOW)] == [
            "/aws/sagemaker/ProcessingJobs"
        ]
        assert found.kind is VIOLATION
        assert "checkpoints" not in found.reason

    @pytest.mark.parametrize(
        ("hosts", "expected"),
        [(("score/i-1", "score/i-2"), VIOLATION), (("score/i-1",), UNKNOWN), (None, UNKNOWN)],
    )
    def test_a_transform_job_is_judged_where_metrics_name_all_its_instances(
        self, hosts: tuple[str, ...] | None, expected: VerdictKind
    ) -> None:
        run = a_run("score", phase="Transforming", machines=((GPU, 2),), hosts=hosts)
        job = a_job("score", ResourceKind.TRANSFORM_JOB, run=run)

        assert judge(job, None, flat(0.0), flat(0.0)).kind is expected

    def test_an_auto_ml_job_measures_nothing_of_its_own(self) -> None:
        job = a_job("auto", ResourceKind.AUTO_ML_JOB, run=Run(phase="ModelTuning"))

        assert judge(job).kind is NOT_APPLICABLE

    def test_nothing_is_measured_of_what_is_not_at_work(self) -> None:
        rule = a_job_rule(idle=IDLE)

        assert list(rule.series(trains(phase="Downloading"), NOW)) == []
        assert list(rule.series(trains(parent=PARENT), NOW)) == []
        assert list(rule.series(a_training_job(), NOW)) == []
        assert list(a_job_rule(failing_children=3).series(trains(), NOW)) == []


class TestParents:
    def test_a_job_that_another_one_launched_is_judged_with_that_one(self) -> None:
        found = judge(trains(parent=PARENT), None, flat(0.0))

        assert (found.kind, found.action) == (NOT_APPLICABLE, None)
        assert found.reason.endswith("hyper-parameter-tuning-job/search, and is judged with it")

    def test_a_tuning_job_idles_when_all_its_training_jobs_do(self) -> None:
        job = tuning(a_run("child-0"), a_run("child-1"))

        found = judge(job, a_job_rule(TUNING, idle=IDLE), flat(0.0), flat(2.0))

        assert found.kind is VIOLATION
        assert (found.evidence["gpu_utilization"], found.evidence["hosts"]) == (2.0, 2)
        assert "it writes checkpoints" in found.reason

    def test_a_tuning_job_is_in_use_when_one_training_job_is(self) -> None:
        job = tuning(a_run("child-0"), a_run("child-1"))

        assert judge(job, a_job_rule(TUNING, idle=IDLE), flat(0.0), flat(9.0)).kind is COMPLIANT

    @pytest.mark.parametrize(
        ("other", "expected"),
        [
            (a_run("child-1", machines=None), UNKNOWN),
            (a_run("child-1", since=NOW), VerdictKind.TOO_NEW),
            (a_run("child-1", phase="Downloading"), NOT_APPLICABLE),
        ],
    )
    def test_one_training_job_that_does_not_tell_spares_the_tuning_job(
        self, other: Run, expected: VerdictKind
    ) -> None:
        job = tuning(a_run("child-0"), other)

        assert judge(job, a_job_rule(TUNING, idle=IDLE), flat(0.0)).kind is expected

    def test_a_tuning_job_between_two_training_jobs_does_not_idle(self) -> None:
        assert judge(tuning(), a_job_rule(TUNING, idle=IDLE)).kind is NOT_APPLICABLE

    def test_training_jobs_that_could_not_be_read_are_unknown(self) -> None:
        job = a_job("search", TUNING, run=Run(phase="Tuning"))

        assert judge(job, a_job_rule(TUNING, idle=IDLE)).kind is UNKNOWN


class TestFailingChildren:
    RULE = a_job_rule(TUNING, failing_children=3)

    @pytest.mark.parametrize(
        ("children", "expected"),
        [
            (Children(0, 2, 0, 3, 0), VIOLATION),
            (Children(0, 2, 5, 2, 0), COMPLIANT),
            (Children(1, 0, 0, 9, 0), COMPLIANT),
            (Children(0, 0, 0, 9, 1), COMPLIANT),
            (Children(0, 2, 0, 0, 0), COMPLIANT),
            (None, UNKNOWN),
        ],
    )
    def test_only_where_all_that_ended_failed(
        self, children: Children | None, expected: VerdictKind
    ) -> None:
        assert judge(tuning(children=children), self.RULE).kind is expected

    def test_it_is_asked_of_tuning_jobs(self) -> None:
        assert judge(trains(), self.RULE).kind is NOT_APPLICABLE


class TestPastItsLimit:
    RULE = a_job_rule(past_max_runtime=timedelta(minutes=30))

    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            (Asked(spot=False, max_runtime=2 * HOUR), VIOLATION),
            (Asked(spot=False, max_runtime=2.5 * HOUR), COMPLIANT),
            (Asked(spot=False), NOT_APPLICABLE),
            (Asked(spot=True, max_runtime=HOUR, max_wait=5 * HOUR), COMPLIANT),
            (Asked(spot=True, max_runtime=HOUR, max_wait=3 * HOUR), VIOLATION),
            (Asked(spot=True, max_runtime=HOUR), NOT_APPLICABLE),
        ],
    )
    def test_a_job_runs_on_its_own_time(self, asked: Asked, expected: VerdictKind) -> None:
        assert judge(trains(asked=asked), self.RULE).kind is expected

    def test_a_limit_counts_from_when_instances_run(self) -> None:
        waiting = trains(phase="Pending", since=None, asked=Asked(max_runtime=HOUR))

        assert judge(waiting, self.RULE).kind is NOT_APPLICABLE

    @pytest.mark.parametrize("phase", ["Uploading", "Stopping", "MaxRuntimeExceeded"])
    def test_a_job_that_saves_what_it_has_is_left_alone(self, phase: str) -> None:
        late = trains(phase=phase, asked=Asked(max_runtime=HOUR))

        assert judge(late, self.RULE).kind is NOT_APPLICABLE

    def test_a_tuning_jobs_time_counts_from_its_creation(self) -> None:
        whole = (Asked(max_runtime=3 * HOUR), Asked(part=True))
        job = a_job("search", TUNING, run=Run(asked=whole, phase="Tuning", at_work={}))

        found = judge(job, self.RULE)

        assert found.kind is VIOLATION
        assert "it runs 1 h past its own limit" in found.reason


class TestWarmPools:
    RULE = a_job_rule(TRAINING, ResourceKind.WARM_POOL, warm_pool=timedelta(minutes=30))

    def test_a_pool_that_nobody_uses_is_ended_and_priced_until_aws_would(self) -> None:
        found = judge(a_warm_pool(), self.RULE, prices=job_prices())

        assert found.kind is VIOLATION
        assert found.saving is not None
        assert found.saving.usd == Decimal(20)  # 2 instances x $2 x 5 h
        assert "have waited for 1 h for a next job" in found.reason

    def test_a_pool_may_wait_for_a_while(self) -> None:
        fresh = a_warm_pool(since=NOW - timedelta(minutes=29))

        assert judge(fresh, self.RULE).kind is VerdictKind.TOO_NEW

    @pytest.mark.parametrize("status", [PoolStatus.IN_USE, PoolStatus.REUSED, PoolStatus.UNKNOWN])
    def test_a_pool_that_is_used_or_gone_is_left_alone(self, status: PoolStatus) -> None:
        assert judge(a_warm_pool(status=status), self.RULE).kind is NOT_APPLICABLE

    def test_a_rule_that_does_not_speak_of_pools_leaves_them_alone(self) -> None:
        assert judge(a_warm_pool(), a_job_rule(failing_children=2)).kind is NOT_APPLICABLE

    def test_a_pool_knows_what_it_runs_on(self) -> None:
        assert a_warm_pool().runs_on == (GPU,)
        assert a_warm_pool(machines=None).runs_on is None


class TestStates:
    @pytest.mark.parametrize("status", ["Completed", "Failed", "Stopping", "Stopped"])
    def test_only_a_job_in_progress_is_judged(self, status: str) -> None:
        job = replace(a_job(), status=JobStatus(status))

        assert judge(job).kind is NOT_APPLICABLE

    @pytest.mark.parametrize("job", [a_training_job(), replace(a_job(), status=JobStatus("New"))])
    def test_what_is_not_known_is_unknown(self, job: Resource) -> None:
        assert judge(job).kind is UNKNOWN

    def test_protected_jobs_are_left_alone(self) -> None:
        job = a_job(tags={"SagewardenExempt": "2027-01-31: a demo"})

        assert judge(job, None, flat(0.0)).kind is VerdictKind.EXEMPT

    def test_an_exemption_that_ran_out_is_told(self) -> None:
        job = a_job(tags={"SagewardenExempt": "2026-10-31: a demo"})

        found = judge(job, a_job_rule(ResourceKind.PROCESSING_JOB, idle=IDLE), flat(0.0))

        assert "its exemption ran out" in found.reason

    def test_a_rule_that_asks_nothing_finds_nothing(self) -> None:
        assert judge(trains(), a_job_rule()).kind is NOT_APPLICABLE

    def test_a_rule_may_only_tell(self) -> None:
        found = judge(trains(), a_job_rule(idle=IDLE, action=ActionKind.NOTIFY), flat(0.0))

        assert found.action is not None
        assert found.action.kind is ActionKind.NOTIFY

    def test_a_job_may_break_a_rule_twice(self) -> None:
        rule = a_job_rule(idle=IDLE, past_max_runtime=timedelta(minutes=30))
        late = trains(asked=Asked(spot=False, max_runtime=HOUR))

        found = judge(late, rule, flat(0.0))

        assert "past its own limit" in found.reason
        assert "GPUs idle" in found.reason

    def test_a_rule_says_what_it_does(self) -> None:
        rule = a_job_rule(idle=IDLE, warm_pool=HOUR)

        assert rule.does == "stop jobs idle on their GPUs, kept warm for nobody"
        assert a_job_rule(failing_children=2).window(NOW) is None


class TestSavings:
    def test_a_stop_saves_the_hours_that_are_left_by_the_jobs_own_limit(self) -> None:
        found = judge(trains(), None, flat(0.0), prices=job_prices())

        assert found.saving is not None
        assert found.saving.usd == Decimal(42)  # $2 x (24 h - 3 h)
        assert found.saving.hourly_usd == Decimal(2)
        assert found.saving.basis == (
            "1 x ml.g5.xlarge at $2/h x 21 h, until its own limit at most"
        )

    def test_it_is_never_more_than_a_month(self) -> None:
        long = trains(asked=Asked(spot=False, max_runtime=182 * 24 * HOUR))

        found = judge(long, None, flat(0.0), prices=job_prices())

        assert found.saving is not None
        assert found.saving.usd == Decimal(1460)  # $2 x 730 h

    @pytest.mark.parametrize(
        "asked",
        [
            Asked(spot=False),
            Asked(spot=False, max_runtime=2 * HOUR),
            Asked(spot=True, max_runtime=24 * HOUR, max_wait=24 * HOUR),
        ],
    )
    def test_without_an_end_or_a_price_it_is_not_known(self, asked: Asked) -> None:
        found = judge(trains(asked=asked), None, flat(0.0), prices=job_prices())

        assert (found.kind, found.saving) == (VIOLATION, None)

    def test_a_tuning_job_saves_what_its_training_jobs_cost_now(self) -> None:
        job = tuning(a_run("child-0"), a_run("child-1", machines=((GPU, 2),)))
        rule = a_job_rule(TUNING, idle=IDLE)

        found = judge(job, rule, flat(0.0), flat(0.0), flat(0.0), prices=job_prices())

        assert found.saving is not None
        assert found.saving.usd == Decimal(36)  # 3 x $2 x (10 h - 4 h)

    def test_a_training_job_of_unknown_price_makes_the_sum_unknown(self) -> None:
        spot = a_run("child-1", asked=Asked(spot=True))
        rule = a_job_rule(TUNING, failing_children=2)
        job = tuning(a_run("child-0"), spot, children=Children(0, 2, 0, 2, 0))

        assert judge(job, rule, prices=job_prices()).saving is None

    def test_an_unknown_instance_type_has_no_price(self) -> None:
        job = trains(machines=(("ml.p5.48xlarge", 1),))

        assert judge(job, None, flat(0.0), prices=job_prices()).saving is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ml.p4d.24xlarge", True),
        ("ml.g6e.xlarge", True),
        ("ml.gr6.4xlarge", True),
        ("ml.c6g.xlarge", False),
        ("ml.trn1.2xlarge", False),
        ("ml.inf2.xlarge", False),
        ("g5.xlarge", False),
    ],
)
def test_families_tell_gpus(name: str, *, expected: bool) -> None:
    assert has_gpus(name) is expected


def test_hosts_are_measured_by_their_names() -> None:
    assert list(gpu_series("transform-job", ("score/i-1",))) == [
        Series(
            "/aws/sagemaker/TransformJobs", "GPUUtilization", (("Host", "score/i-1"),), "Maximum"
        )
    ]

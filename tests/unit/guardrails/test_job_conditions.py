from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sagewarden.domain.durations import spoken
from sagewarden.domain.guardrails.answers import Answer
from sagewarden.domain.guardrails.conditions import (
    DeniedTypes,
    Figures,
    JobDemand,
    PriceCeiling,
)
from sagewarden.domain.guardrails.job_conditions import (
    InstanceCap,
    RuntimeCeiling,
    SpotRequired,
    WaitCeiling,
)
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import judge_call
from sagewarden.domain.guardrails.subject import Subject
from sagewarden.domain.job_runs import Asked
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import REGION
from tests.support.events import a_call, a_guardrail
from tests.support.jobs import GPU, job_prices

HOUR = timedelta(hours=1)
DAY_AT_MOST = RuntimeCeiling(limit=24 * HOUR)
VIOLATION, COMPLIANT = VerdictKind.VIOLATION, VerdictKind.COMPLIANT
NOT_APPLICABLE, UNKNOWN = VerdictKind.NOT_APPLICABLE, VerdictKind.UNKNOWN
CHECKPOINTS = {"checkpointConfig": {"s3Uri": "s3://b/c"}}


def answer(demand: JobDemand, *jobs: Asked, kind: str = "training-job") -> Answer:
    return demand.answer(Subject(kind, "job", None, REGION, jobs=jobs or None), Figures())


def part(**fields: Any) -> Asked:
    return Asked(part=True, **fields)


class TestSpot:
    def test_a_job_with_checkpoints_must_be_spot(self) -> None:
        found = answer(SpotRequired(), Asked(spot=False, checkpoints=True))

        assert (found.kind, found.advice) == (VIOLATION, False)
        assert "EnableManagedSpotTraining" in found.reason

    def test_a_job_without_checkpoints_is_only_advised(self) -> None:
        found = answer(SpotRequired(), Asked(spot=False))

        assert (found.kind, found.advice) == (VIOLATION, True)
        assert found.reason.startswith("advice: ")

    def test_a_spot_job_is_compliant(self) -> None:
        assert answer(SpotRequired(), Asked(spot=True)).kind is COMPLIANT

    def test_a_tuning_job_is_judged_by_its_definitions(self) -> None:
        found = answer(
            SpotRequired(),
            Asked(),
            part(spot=True),
            part(name="large", spot=False, checkpoints=True),
            kind="hyper-parameter-tuning-job",
        )

        assert found.kind is VIOLATION
        assert found.reason.startswith("each training job of large writes checkpoints")

    def test_other_jobs_cannot_be_spot(self) -> None:
        assert answer(SpotRequired(), Asked(), kind="processing-job").kind is NOT_APPLICABLE


class TestRunTime:
    @pytest.mark.parametrize(
        ("kind", "job", "expected"),
        [
            ("training-job", Asked(max_runtime=24 * HOUR), COMPLIANT),
            ("training-job", Asked(max_runtime=25 * HOUR), VIOLATION),
            ("training-job", Asked(), COMPLIANT),
            ("processing-job", Asked(), COMPLIANT),
            ("hyper-parameter-tuning-job", Asked(), VIOLATION),
            ("auto-ml-job", Asked(), VIOLATION),
            ("transform-job", Asked(), NOT_APPLICABLE),
        ],
    )
    def test_the_limit_of_a_job_or_awss_own_is_held_against_the_rule(
        self, kind: str, job: Asked, expected: VerdictKind
    ) -> None:
        assert answer(DAY_AT_MOST, job, kind=kind).kind is expected

    def test_a_shorter_rule_than_awss_own_limit_asks_for_a_limit(self) -> None:
        found = answer(RuntimeCeiling(limit=6 * HOUR), Asked())

        assert (found.kind, found.reason) == (VIOLATION, "it may run for 1 d, more than 6 h")

    def test_a_tuning_jobs_training_jobs_are_judged_too(self) -> None:
        whole, one = Asked(max_runtime=10 * HOUR), part(max_runtime=48 * HOUR)

        found = answer(DAY_AT_MOST, whole, one, kind="hyper-parameter-tuning-job")

        assert found.reason == "each of its training jobs may run for 2 d, more than 1 d"

    def test_a_rule_for_training_jobs_judges_a_tuning_jobs_definitions_only(self) -> None:
        whole, one = Asked(), part(max_runtime=HOUR)

        found = answer(DAY_AT_MOST.of_parts(), whole, one, kind="hyper-parameter-tuning-job")

        assert found.kind is COMPLIANT

    def test_an_auto_ml_job_need_not_bound_each_candidate(self) -> None:
        found = answer(DAY_AT_MOST, Asked(max_runtime=HOUR), part(), kind="auto-ml-job")

        assert found.kind is COMPLIANT


class TestWait:
    @pytest.mark.parametrize(
        ("job", "expected"),
        [
            (Asked(spot=True, max_wait=24 * HOUR), COMPLIANT),
            (Asked(spot=True, max_wait=48 * HOUR), VIOLATION),
            (Asked(spot=True), UNKNOWN),
            (Asked(spot=False, max_wait=None), NOT_APPLICABLE),
        ],
    )
    def test_only_spot_jobs_wait(self, job: Asked, expected: VerdictKind) -> None:
        assert answer(WaitCeiling(limit=24 * HOUR), job).kind is expected


class TestInstances:
    @pytest.mark.parametrize(
        ("kind", "instances", "expected"),
        [
            ("training-job", 4, COMPLIANT),
            ("processing-job", 5, VIOLATION),
            ("transform-job", None, UNKNOWN),
            ("auto-ml-job", None, NOT_APPLICABLE),
        ],
    )
    def test_the_number_of_instances_is_bounded(
        self, kind: str, instances: int | None, expected: VerdictKind
    ) -> None:
        assert answer(InstanceCap(most=4), Asked(instances=instances), kind=kind).kind is expected


@pytest.mark.parametrize(
    ("demand", "words"),
    [
        (SpotRequired(), "managed spot training"),
        (DAY_AT_MOST, "a run of at most 1 d"),
        (WaitCeiling(limit=90 * timedelta(minutes=1)), "a wait of at most 1 h 30 min"),
        (InstanceCap(most=4), "at most 4 instances at once"),
    ],
)
def test_each_demand_has_words(demand: JobDemand, words: str) -> None:
    assert str(demand) == words
    assert answer(demand).kind is UNKNOWN


def test_no_time_at_all_has_words_too() -> None:
    assert spoken(timedelta(0)) == "0 s"


class TestCalls:
    """What CloudTrail tells of calls that create jobs."""

    def test_a_training_job_that_could_be_spot_is_found_as_it_is_created(self) -> None:
        call = a_call("CreateTrainingJob", {"trainingJobName": "bert", **CHECKPOINTS})
        stop = (Remedy.STOP, Remedy.NOTIFY)

        found = judge_call(call, a_guardrail(SpotRequired(), remedies=stop), Figures())

        assert found.kind is VIOLATION
        assert [step.remedy for step in found.steps] == [Remedy.STOP, Remedy.NOTIFY]

    def test_advice_stops_nothing(self) -> None:
        call = a_call("CreateTrainingJob", {"trainingJobName": "bert"})
        rule = a_guardrail(SpotRequired(), remedies=(Remedy.STOP,))

        found = judge_call(call, rule, Figures())

        assert [step.remedy for step in found.steps] == [Remedy.NOTIFY]

    def test_advice_beside_a_violation_does_not_soften_it(self) -> None:
        resources = {"instanceType": "ml.p4d.24xlarge", "instanceCount": 1}
        call = a_call("CreateTrainingJob", {"trainingJobName": "bert", "resourceConfig": resources})
        rule = a_guardrail(SpotRequired(), DeniedTypes(("ml.p4*",)), remedies=(Remedy.STOP,))

        found = judge_call(call, rule, Figures())

        assert [step.remedy for step in found.steps] == [Remedy.STOP]

    @pytest.mark.parametrize(
        ("operation", "request_"),
        [
            (
                "CreateTrainingJob",
                {"resourceConfig": {"instanceGroups": [{"instanceCount": 3}] * 2}},
            ),
            (
                "CreateProcessingJob",
                {"processingResources": {"clusterConfig": {"instanceCount": 6}}},
            ),
            ("CreateTransformJob", {"transformResources": {"instanceCount": 6}}),
            (
                "CreateHyperParameterTuningJob",
                {"trainingJobDefinition": {"resourceConfig": {"instanceCount": 6}}},
            ),
        ],
    )
    def test_too_many_instances_are_found_in_every_kind_of_job(
        self, operation: str, request_: dict[str, object]
    ) -> None:
        found = judge_call(a_call(operation, request_), a_guardrail(InstanceCap(most=5)), Figures())

        assert found.kind is VIOLATION
        assert "6 instances, more than 5" in found.reason

    def test_a_rule_for_training_jobs_reads_a_tuning_jobs_definitions(self) -> None:
        request = {"trainingJobDefinitions": [{"definitionName": "a", **CHECKPOINTS}]}
        rule = a_guardrail(SpotRequired(), kinds=("training-job",))

        found = judge_call(a_call("CreateHyperParameterTuningJob", request), rule, Figures())

        assert found.kind is VIOLATION

    @pytest.mark.parametrize("operation", ["CreateAutoMLJob", "CreateAutoMLJobV2"])
    def test_an_auto_ml_job_without_an_end_is_found(self, operation: str) -> None:
        call = a_call(operation, {"autoMLJobName": "churn"})

        found = judge_call(call, a_guardrail(DAY_AT_MOST), Figures())

        assert found.reason == "it sets no longest run time; 1 d is allowed"

    def test_a_change_of_a_job_tells_nothing_of_what_it_asked_for(self) -> None:
        call = a_call("UpdateTrainingJob", {"trainingJobName": "bert"})

        assert call.subject.jobs is None

    def test_a_state_change_tells_too_little(self) -> None:
        call = a_call("CreateTrainingJob", {"trainingJobName": "bert", **CHECKPOINTS})
        unread = replace(call, subject=replace(call.subject, jobs=None))

        found = judge_call(unread, a_guardrail(SpotRequired()), Figures())

        assert found.kind is UNKNOWN


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("training-job", VIOLATION),
        ("hyper-parameter-tuning-job", VIOLATION),
        ("processing-job", VIOLATION),
        ("transform-job", UNKNOWN),
    ],
)
def test_a_job_costs_what_its_own_component_does(kind: str, expected: VerdictKind) -> None:
    subject = Subject(kind, "job", None, REGION, instance_types=(GPU,))

    found = PriceCeiling(Decimal(1)).answer(subject, Figures(prices=job_prices()))

    assert found.kind is expected

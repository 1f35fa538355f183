"""Jobs under the rules that judge them: found, told of, looked at again, and stopped once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.guardrails.conditions import Condition
from sagewarden.domain.guardrails.job_conditions import InstanceCap, RuntimeCeiling, SpotRequired
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.job_runs import Asked, Children, Run
from sagewarden.domain.jobs.hosts import gpu_series
from sagewarden.domain.jobs.questions import IdleGpus
from sagewarden.domain.metrics import Series
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import Resource, ResourceKind
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import ACCOUNT, REGION, a_policy, a_training_job, seoul
from tests.support.events import a_call, a_guardrail
from tests.support.jobs import GPU, HOUR, a_job, a_job_rule, a_run, a_warm_pool
from tests.support.scenario import Scenario

EARLY = seoul("2026-11-02 00:00")
IDLE = IdleGpus(5, timedelta(minutes=30))
TUNING, POOL = ResourceKind.TUNING_JOB, ResourceKind.WARM_POOL
PROCESSING = ResourceKind.PROCESSING_JOB
PARENT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/search"


def gpus(name: str) -> Series:
    [series] = gpu_series(ResourceKind.TRAINING_JOB, [f"{name}/algo-1"])
    return series


def trains(name: str, **run: Any) -> Resource:
    return a_training_job(name, created=EARLY, run=a_run(name, since=EARLY, **run))


def stopping(*conditions: Condition, kinds: tuple[str, ...]) -> Guardrail:
    return a_guardrail(*conditions, kinds=kinds, remedies=(Remedy.STOP,), grace=HOUR)


LARGE = {
    "processingJobName": "large",
    "processingResources": {"clusterConfig": {"instanceCount": 9, "instanceType": GPU}},
    "tags": [{"key": "Owner", "value": "kim"}],
}
ANSWER = {"processingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/large"}


class TestIdleJobs:
    def test_a_stuck_job_is_warned_of_and_stopped_after_its_grace(self) -> None:
        scenario = Scenario(a_policy(a_job_rule(idle=IDLE)), trains("stuck"), trains("busy"))
        scenario.telemetry.load(gpus("stuck"), (0.0,) * 30)
        scenario.telemetry.load(gpus("busy"), (0.0,) * 29 + (80.0,))

        scenario.at("Mon 10:00").sweep()
        warned, early = list(scenario.notifier.warned), list(scenario.executor.done)
        report = scenario.at("Mon 11:00").sweep()

        assert (warned, early) == (["stuck"], [])
        assert scenario.executor.deeds == [("manifest", "stuck"), ("stop", "stuck")]
        assert [item.kind for item in report.outcomes] == [OutcomeKind.APPLIED]

    def test_a_job_that_works_again_is_left_alone(self) -> None:
        scenario = Scenario(a_policy(a_job_rule(idle=IDLE)), trains("stuck"))
        scenario.telemetry.load(gpus("stuck"), (0.0,) * 30)
        scenario.at("Mon 10:00").sweep()

        scenario.telemetry.load(gpus("stuck"), (90.0,) * 30)
        scenario.at("Mon 11:00").sweep()

        assert scenario.executor.done == []

    def test_a_training_job_of_a_tuning_job_is_never_stopped_by_itself(self) -> None:
        scenario = Scenario(a_policy(a_job_rule(idle=IDLE)), trains("child", parent=PARENT))
        scenario.telemetry.load(gpus("child"), (0.0,) * 30)

        plan = scenario.at("Mon 10:00").plan()

        assert plan.actions == ()
        assert [item.kind for item in plan.left_alone] == [VerdictKind.NOT_APPLICABLE]

    def test_a_tuning_job_whose_training_jobs_all_fail_is_stopped(self) -> None:
        run = Run(phase="Tuning", children=Children(0, 1, 0, 5, 0), at_work={})
        scenario = Scenario(
            a_policy(a_job_rule(TUNING, failing_children=5)), a_job("search", TUNING, run=run)
        )

        scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 11:00").sweep()

        assert scenario.executor.done == [("stop", "search")]

    def test_a_warm_pool_that_nobody_uses_is_ended(self) -> None:
        pool = a_warm_pool("bert", since=EARLY + 8 * HOUR)
        rule = a_job_rule(POOL, warm_pool=timedelta(minutes=30))
        scenario = Scenario(a_policy(rule), pool)

        scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 11:00").sweep()

        assert scenario.executor.done == [("stop", "bert")]

    def test_a_rule_that_only_tells_stops_nothing(self) -> None:
        rule = a_job_rule(idle=IDLE, action=ActionKind.NOTIFY)
        scenario = Scenario(a_policy(rule), trains("stuck"))
        scenario.telemetry.load(gpus("stuck"), (0.0,) * 30)

        scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 12:00").sweep()

        assert (scenario.notifier.warned, scenario.executor.done) == (["stuck"], [])


class TestGuardrailsInSweeps:
    def test_a_job_with_checkpoints_that_is_not_spot_is_stopped(self) -> None:
        checkpoints = Asked(spot=False, checkpoints=True)
        scenario = Scenario(
            a_policy(stopping(SpotRequired(), kinds=("training-job",))),
            trains("careful", asked=checkpoints),
        )

        scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 11:00").sweep()

        assert scenario.executor.done == [("stop", "careful")]

    def test_a_job_without_checkpoints_is_advised_and_never_stopped(self) -> None:
        scenario = Scenario(
            a_policy(stopping(SpotRequired(), kinds=("training-job",))),
            trains("careless", asked=Asked(spot=False)),
        )

        report = scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 12:00").sweep()

        assert report.plan.left_alone[0].reason.startswith("advice: ")
        assert scenario.notifier.warned == ["careless"]
        assert scenario.executor.done == []

    def test_other_kinds_of_jobs_are_swept_where_a_rule_names_them(self) -> None:
        large = a_job("large", run=a_run("large", asked=Asked(instances=9)))
        rule = stopping(InstanceCap(most=4), kinds=(PROCESSING.value,))
        scenario = Scenario(a_policy(rule), large)

        scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 11:00").sweep()

        assert scenario.executor.done == [("stop", "large")]

    def test_a_training_job_of_a_tuning_job_is_only_told_of(self) -> None:
        child = trains("child", parent=PARENT, asked=Asked(spot=False, max_runtime=48 * HOUR))
        rule = stopping(RuntimeCeiling(limit=24 * HOUR), kinds=("training-job",))
        scenario = Scenario(a_policy(rule), child)

        report = scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 12:00").sweep()

        assert "it is not stopped by itself" in report.plan.left_alone[0].reason
        assert scenario.executor.done == []

    def test_a_job_that_was_not_described_is_unknown(self) -> None:
        rule = stopping(RuntimeCeiling(limit=24 * HOUR), kinds=("training-job",))
        scenario = Scenario(a_policy(rule), a_training_job("dark"))

        plan = scenario.at("Mon 10:00").plan()

        assert [item.kind for item in plan.left_alone] == [VerdictKind.UNKNOWN]

    def test_a_job_that_has_ended_meanwhile_is_not_stopped(self) -> None:
        large = a_job("large", run=a_run("large", asked=Asked(instances=9)))
        done = replace(large, status=type(large.status)("Completed"))
        rule = stopping(InstanceCap(most=4), kinds=(PROCESSING.value,))
        scenario = Scenario(a_policy(rule), done)

        plan = scenario.at("Mon 10:00").plan()

        assert plan.actions == ()


class TestGuardrailsAtCreation:
    @staticmethod
    def _event(scenario: Scenario) -> None:
        scenario.event(a_call("CreateProcessingJob", LARGE, responseElements=ANSWER))

    @pytest.mark.parametrize(
        ("kinds", "stopped"),
        [((PROCESSING.value,), [("stop", "large")]), (("*",), [])],
    )
    def test_it_is_warned_of_at_once_and_stopped_where_a_rule_names_its_kind(
        self, kinds: tuple[str, ...], stopped: list[tuple[str, str]]
    ) -> None:
        run = a_run("large", asked=Asked(instances=9))
        job = a_job("large", run=run, tags={"Owner": "kim"})
        scenario = Scenario(a_policy(stopping(InstanceCap(most=4), kinds=kinds)), job)

        self._event(scenario.at("Mon 10:00"))
        warned = list(scenario.notifier.warned)
        scenario.at("Mon 11:00").sweep()

        assert warned == ["large"]
        assert scenario.executor.done == stopped

    def test_a_job_that_is_gone_is_nobodys_fault(self) -> None:
        rule = stopping(InstanceCap(most=4), kinds=(PROCESSING.value,))
        scenario = Scenario(a_policy(rule))

        self._event(scenario.at("Mon 10:00"))

        assert scenario.notifier.warned == []

    def test_a_tuning_job_is_judged_by_what_was_asked_for_its_training_jobs(self) -> None:
        rule = stopping(InstanceCap(most=4), kinds=("training-job",))
        tuning = a_job("search", TUNING, run=Run(phase="Tuning"), tags={"Owner": "kim"})
        scenario = Scenario(a_policy(rule), tuning)
        request = {
            "hyperParameterTuningJobName": "search",
            "trainingJobDefinition": {"resourceConfig": {"instanceCount": 9}},
            "tags": [{"key": "Owner", "value": "kim"}],
        }
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:hyper-parameter-tuning-job/search"

        scenario.at("Mon 10:00").event(
            a_call(
                "CreateHyperParameterTuningJob",
                request,
                responseElements={"hyperParameterTuningJobArn": arn},
            )
        )
        scenario.at("Mon 12:00").sweep()

        assert scenario.notifier.warned == ["search"]
        assert scenario.executor.done == []

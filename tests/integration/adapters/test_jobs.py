"""Jobs of every kind and warm pools on the sandbox: listed, read, measured, stopped, run again."""

import json
import shlex
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagewarden.adapters.cloudwatch_telemetry import CloudWatchTelemetry
from sagewarden.adapters.jobs.described import processing_run, tuning_run
from sagewarden.adapters.kinds import MODULES, adapter_of
from sagewarden.adapters.restorer import AwsRestorer
from sagewarden.adapters.sagemaker_executor import SageMakerExecutor
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.ports import ActionFailedError, UnreadableError
from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.job_runs import Asked, Run
from sagewarden.domain.jobs.job import Job, JobStatus, PoolStatus, WarmPool
from sagewarden.domain.jobs.questions import IdleGpus
from sagewarden.domain.judged import Facts
from sagewarden.domain.money import NO_PRICES
from sagewarden.domain.resources import Resource, ResourceKind, TrainingJob
from sagewarden.domain.verdicts import VerdictKind
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error
from tests.support.jobs import a_job_rule

REGION = "us-east-1"
NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GPU = "ml.g5.xlarge"
TRAINING, PROCESSING = ResourceKind.TRAINING_JOB, ResourceKind.PROCESSING_JOB
TRANSFORM, TUNING = ResourceKind.TRANSFORM_JOB, ResourceKind.TUNING_JOB
AUTO_ML, POOL = ResourceKind.AUTO_ML_JOB, ResourceKind.WARM_POOL
JOBS = (PROCESSING, TRANSFORM, TUNING, AUTO_ML)
IDLE = IdleGpus(5, timedelta(minutes=30))


@pytest.fixture
def inventory(sessions: Sessions) -> SageMakerInventory:
    return SageMakerInventory(sessions)


def add(sandbox: Sandbox, kind: ResourceKind, name: str = "job", **more: Any) -> str:
    fleet = sandbox.sagemaker(region=REGION)
    adders: dict[ResourceKind, Callable[..., str]] = {
        TRAINING: fleet.add_training_job,
        PROCESSING: fleet.add_processing_job,
        TRANSFORM: fleet.add_transform_job,
        TUNING: fleet.add_tuning_job,
        AUTO_ML: fleet.add_auto_ml_job,
    }
    return adders[kind](name, **{"created_at": NOW - 4 * HOUR, **more})


def one(inventory: SageMakerInventory, kind: ResourceKind) -> Any:
    (found,) = inventory.found(kind, REGION).items
    return found


def run_of(resource: Any) -> Run:
    found = resource.run
    assert isinstance(found, Run)
    return found


def minutes(percent: float, length: int = 40) -> Iterable[tuple[datetime, float]]:
    return [(NOW - number * MINUTE, percent) for number in range(1, length + 1)]


def verdict(sessions: Sessions, resource: Resource) -> VerdictKind:
    rule = a_job_rule(ResourceKind(resource.ref.kind), idle=IDLE)
    window = rule.window(NOW)
    assert window is not None
    readings = CloudWatchTelemetry(sessions).read(REGION, rule.series(resource, NOW), window)
    return rule.judge(resource, Facts(NO_PRICES, readings), NOW).kind


class TestListings:
    @pytest.mark.parametrize("kind", JOBS)
    def test_a_job_in_progress_is_read_with_its_tags(
        self, sandbox: Sandbox, inventory: SageMakerInventory, kind: ResourceKind
    ) -> None:
        arn = add(sandbox, kind, tags={"Owner": "mina"})
        add(sandbox, kind, "done", status="Completed")

        job = one(inventory, kind)

        assert isinstance(job, Job)
        assert (job.ref.kind, job.ref.name, job.ref.arn) == (kind, "job", arn)
        assert (job.status, job.tags) == (JobStatus.IN_PROGRESS, {"Owner": "mina"})
        assert job.created == job.modified == NOW - 4 * HOUR

    def test_more_jobs_than_a_page_holds_are_all_found(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        for number in range(105):
            add(sandbox, PROCESSING, f"job-{number}")

        listing = inventory.found(PROCESSING, REGION)

        assert (len(listing.items), listing.incomplete) == (105, ())

    @pytest.mark.parametrize("kind", [*JOBS, POOL])
    def test_a_region_without_any_is_empty(
        self, inventory: SageMakerInventory, kind: ResourceKind
    ) -> None:
        listing = inventory.found(kind, REGION)

        assert (listing.items, listing.incomplete) == ((), ())

    @pytest.mark.parametrize(
        ("kind", "operation"),
        [
            (PROCESSING, "ListProcessingJobs"),
            (TRANSFORM, "ListTransformJobs"),
            (TUNING, "ListHyperParameterTuningJobs"),
            (AUTO_ML, "ListAutoMLJobs"),
            (POOL, "ListTrainingJobs"),
        ],
    )
    def test_a_list_that_cannot_be_read_is_reported(
        self,
        sessions: Sessions,
        inventory: SageMakerInventory,
        kind: ResourceKind,
        operation: str,
    ) -> None:
        answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

        listing = inventory.found(kind, REGION)

        assert listing.items == ()
        [gap] = listing.incomplete
        assert gap.what == f"{kind} resources in {REGION}"
        assert "AccessDeniedException" in gap.why

    def test_a_job_that_cannot_be_described_is_reported(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, PROCESSING)
        operation = "DescribeProcessingJob"
        answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

        listing = inventory.found(PROCESSING, REGION)

        assert listing.items == ()
        assert [item.what for item in listing.incomplete] == ["processing-job job"]

    @pytest.mark.parametrize("kind", [*JOBS, TRAINING, POOL])
    def test_what_is_gone_is_gone(
        self, sandbox: Sandbox, inventory: SageMakerInventory, kind: ResourceKind
    ) -> None:
        add(sandbox, PROCESSING)
        ref = one(inventory, PROCESSING).ref
        gone = type(ref)(kind.value, ref.account, REGION, "gone", ref.arn)

        assert inventory.reread(gone) is None

    def test_every_kind_of_job_has_a_module_with_every_function(self) -> None:
        wanted = ("listed", "read", "act", "manifest", "present")

        assert {*JOBS, POOL} <= set(MODULES)
        for kind in (*JOBS, POOL):
            assert [name for name in wanted if not hasattr(adapter_of(kind), name)] == []


class TestRuns:
    def test_a_training_job_tells_all_that_it_may_take(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        add(
            sandbox,
            TRAINING,
            instance_type=GPU,
            instance_count=2,
            EnableManagedSpotTraining=True,
            StoppingCondition={"MaxRuntimeInSeconds": 36_000, "MaxWaitTimeInSeconds": 72_000},
            CheckpointConfig={"S3Uri": "s3://b/c"},
        )

        (job,) = inventory.training_jobs(REGION).items
        run = run_of(job)

        assert run.asked == (
            Asked(
                max_runtime=10 * HOUR, max_wait=20 * HOUR, spot=True, checkpoints=True, instances=2
            ),
        )
        assert (run.phase, run.phase_since, run.started) == (
            "Training",
            NOW - 4 * HOUR,
            NOW - 4 * HOUR,
        )
        assert (run.machines, run.hosts) == (((GPU, 2),), ("job/algo-1", "job/algo-2"))
        assert run.ends_by(job.created) == job.created + 20 * HOUR

    @pytest.mark.parametrize("member", ["AutoMLJobArn", "LabelingJobArn", "TuningJobArn"])
    def test_a_training_job_tells_who_launched_it(
        self, sandbox: Sandbox, inventory: SageMakerInventory, member: str
    ) -> None:
        arn = f"arn:aws:sagemaker:{REGION}:123456789012:x/parent"
        if member == "TuningJobArn":
            arn = add(sandbox, TUNING, "parent")
            add(sandbox, TRAINING, tuning_job="parent")
        else:
            add(sandbox, TRAINING, **{member: arn})

        (job,) = inventory.training_jobs(REGION).items

        assert run_of(job).parent == arn

    def test_a_processing_job_is_at_work_from_its_start_on(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, PROCESSING, instance_type=GPU, instance_count=2)

        job = one(inventory, PROCESSING)
        waiting = processing_run({"ProcessingJobName": "new", "ProcessingResources": {}})

        assert (job.runs_on, job.stores_gb) == ((GPU,), (30,))
        assert (job.told.phase, job.told.started) == ("Processing", NOW - 4 * HOUR)
        assert job.told.hosts == ("job/algo-1", "job/algo-2")
        assert (waiting.phase, waiting.started) == ("Starting", None)

    def test_a_tuning_job_is_read_with_its_training_jobs(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, TUNING, "search")
        add(sandbox, TRAINING, "child-1", tuning_job="search", instance_type=GPU)
        for number in range(3):
            add(sandbox, TRAINING, f"bad-{number}", tuning_job="search", status="Failed")

        run = run_of(one(inventory, TUNING))

        assert run.children is not None
        assert (run.children.failed, run.children.finished) == (3, 3)
        assert run.at_work is not None
        assert {name: item.machines for name, item in run.at_work.items()} == {
            "child-1": ((GPU, 1),)
        }

    def test_training_jobs_of_a_tuning_job_that_cannot_be_read_are_not_known(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, TUNING, "search")
        operation = "ListTrainingJobsForHyperParameterTuningJob"
        answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

        assert run_of(one(inventory, TUNING)).at_work is None
        assert tuning_run({}).children is None

    def test_an_auto_ml_job_of_either_version_tells_its_limit(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        limits = {"CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 7200}}
        sandbox.client("sagemaker", region=REGION).create_auto_ml_job(
            AutoMLJobName="auto",
            InputDataConfig=[
                {
                    "DataSource": {
                        "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}
                    },
                    "TargetAttributeName": "left",
                }
            ],
            OutputDataConfig={"S3OutputPath": "s3://b/out"},
            AutoMLJobConfig=limits,
            RoleArn="arn:aws:iam::123456789012:role/jobs",
        )

        job = one(inventory, AUTO_ML)

        assert job.told.itself == Asked(max_runtime=2 * HOUR)
        assert (job.told.phase, job.runs_on) == ("Starting", ())
        assert job.told.ends_by(job.created) == job.created + 2 * HOUR


class TestMetrics:
    def test_a_training_job_on_idle_gpus_is_found(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, TRAINING, "stuck", instance_type=GPU, instance_count=2)
        add(sandbox, TRAINING, "busy", instance_type=GPU)
        add(sandbox, TRAINING, "dark", instance_type=GPU)
        add(sandbox, TRAINING, "plain")
        fleet = sandbox.sagemaker(region=REGION)
        for host in (1, 2):
            fleet.publish_job_metric("training-job", "stuck", minutes(0.0), host=host)
        fleet.publish_job_metric("training-job", "busy", minutes(80.0))

        jobs: tuple[TrainingJob, ...] = inventory.training_jobs(REGION).items

        assert {job.ref.name: verdict(sessions, job) for job in jobs} == {
            "stuck": VerdictKind.VIOLATION,
            "busy": VerdictKind.COMPLIANT,
            "dark": VerdictKind.UNKNOWN,
            "plain": VerdictKind.NOT_APPLICABLE,
        }

    def test_the_instances_of_a_transform_job_are_named_by_their_metrics(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, TRANSFORM, "score", instance_type=GPU, instance_count=2)
        fleet = sandbox.sagemaker(region=REGION)
        for host in (1, 2):
            fleet.publish_job_metric("transform-job", "score", minutes(0.0), host=host)
        fleet.publish_job_metric("transform-job", "score-2", minutes(0.0))

        job = one(inventory, TRANSFORM)

        assert len(job.told.hosts) == 2
        assert verdict(sessions, job) is VerdictKind.VIOLATION

    def test_a_transform_job_whose_metrics_cannot_be_listed_is_unknown(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, TRANSFORM, "score", instance_type=GPU)
        sandbox.sagemaker(region=REGION).publish_job_metric("transform-job", "score", minutes(0.0))
        answer_with_error(sessions, "cloudwatch", "ListMetrics", "AccessDenied")

        job = one(inventory, TRANSFORM)

        assert job.told.hosts is None
        assert verdict(sessions, job) is VerdictKind.UNKNOWN

    def test_a_transform_job_without_gpus_costs_no_call_to_cloudwatch(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        add(sandbox, TRANSFORM, "score")
        sandbox.calls.clear()

        one(inventory, TRANSFORM)

        assert sandbox.calls.count("cloudwatch") == 0
        assert sandbox.calls.count("sagemaker") == 3  # the list, the job, its tags


class TestStops:
    @pytest.mark.parametrize("kind", JOBS)
    def test_a_job_is_stopped_after_all_that_runs_it_again_was_kept(
        self,
        sandbox: Sandbox,
        sessions: Sessions,
        inventory: SageMakerInventory,
        kind: ResourceKind,
    ) -> None:
        add(sandbox, kind, tags={"Owner": "mina"}, **_more(kind))
        job = one(inventory, kind)
        executor = SageMakerExecutor(sessions)

        kept = executor.manifest(job.ref, NOW).content
        undo = executor.execute(Action(ActionKind.STOP, job.ref, Precondition.of(job)))
        stopped = inventory.reread(job.ref)

        assert undo is None
        assert stopped is not None
        assert stopped.status.value == "Stopping"
        assert kept["tags"] == {"Owner": "mina"}
        assert adapter_of(kind).present(sessions, job.ref, kept).keys() == kept.keys()

    @pytest.mark.parametrize("kind", [*JOBS, TRAINING])
    def test_the_command_runs_the_same_job_again_under_a_name_of_its_own(
        self, sandbox: Sandbox, sessions: Sessions, kind: ResourceKind
    ) -> None:
        long = "a-very-long-name-of-a-job-of-32"
        sandbox.sagemaker(region=REGION).add_model("model")
        add(sandbox, kind, long, tags={"Owner": "mina"}, **_more(kind))
        inventory = SageMakerInventory(sessions)
        job = one(inventory, kind) if kind in JOBS else inventory.training_jobs(REGION).items[0]
        kept = SageMakerExecutor(sessions).manifest(job.ref, NOW).content

        command = AwsRestorer(sessions).command_to_run_again(job.ref, kept)
        words = shlex.split(command)
        request = json.loads(words[words.index("--cli-input-json") + 1])
        client = sandbox.client("sagemaker", region=REGION)
        getattr(client, words[2].replace("-", "_"))(**request)

        [name] = [value for key, value in request.items() if key.endswith("JobName")]
        assert name.endswith("-again")
        assert len(name) <= (32 if kind in {TUNING, AUTO_ML} else 63)
        assert request["Tags"] == [{"Key": "Owner", "Value": "mina"}]

    def test_what_aws_selected_is_not_asked_for(self, sandbox: Sandbox, sessions: Sessions) -> None:
        preferences = [{"InstanceType": GPU}]
        cluster = {
            "InstancePreferences": preferences,
            "SelectedInstanceType": GPU,
            "SelectedInstanceCount": 1,
            "VolumeSizeInGB": 30,
        }
        add(sandbox, PROCESSING, ProcessingResources={"ClusterConfig": cluster})
        job = one(SageMakerInventory(sessions), PROCESSING)
        kept = SageMakerExecutor(sessions).manifest(job.ref, NOW).content

        command = AwsRestorer(sessions).command_to_run_again(job.ref, kept)

        assert run_of(job).machines == ((GPU, 1),)
        assert "Selected" not in command

    @pytest.mark.parametrize("kind", [*JOBS, POOL])
    def test_nothing_else_is_done_to_a_job(
        self, sandbox: Sandbox, sessions: Sessions, kind: ResourceKind
    ) -> None:
        add(sandbox, PROCESSING)
        ref = one(SageMakerInventory(sessions), PROCESSING).ref
        other = type(ref)(kind.value, ref.account, REGION, "job", ref.arn)
        action = Action(ActionKind.DELETE, other, Precondition("InProgress", NOW, NOW))

        with pytest.raises(ActionFailedError, match="is only"):
            SageMakerExecutor(sessions).execute(action)

    def test_a_job_that_ended_meanwhile_is_refused_by_aws(
        self, sandbox: Sandbox, sessions: Sessions
    ) -> None:
        add(sandbox, PROCESSING)
        job = one(SageMakerInventory(sessions), PROCESSING)
        sandbox.sagemaker(region=REGION).force_status("processing-job", "job", "Completed")

        with pytest.raises(ActionFailedError, match="is in status Completed"):
            SageMakerExecutor(sessions).execute(
                Action(ActionKind.STOP, job.ref, Precondition.of(job))
            )


class TestWarmPools:
    @staticmethod
    def _keep(sandbox: Sandbox, **more: Any) -> None:
        resources = {
            "InstanceType": GPU,
            "InstanceCount": 2,
            "VolumeSizeInGB": 30,
            "KeepAlivePeriodInSeconds": 3600,
        }
        wanted = {"status": "Completed", "duration": 3.5 * HOUR, "ResourceConfig": resources}
        add(sandbox, TRAINING, "bert", **{**wanted, **more})

    def test_a_pool_that_waits_is_found(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        self._keep(sandbox, tags={"Owner": "mina"})
        add(sandbox, TRAINING, "other", status="Completed")

        pool = one(inventory, POOL)

        assert isinstance(pool, WarmPool)
        assert (pool.ref.name, pool.status) == ("bert", PoolStatus.AVAILABLE)
        assert (pool.since, pool.until) == (NOW - HOUR / 2, NOW + HOUR / 2)
        assert (pool.machines, pool.tags) == (((GPU, 2),), {"Owner": "mina"})

    def test_a_pool_is_ended_by_keeping_it_no_longer(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        self._keep(sandbox)
        pool = one(inventory, POOL)
        executor = SageMakerExecutor(sessions)

        kept = executor.manifest(pool.ref, NOW).content
        executor.execute(Action(ActionKind.STOP, pool.ref, Precondition.of(pool)))
        ended = inventory.reread(pool.ref)

        assert isinstance(ended, WarmPool)
        assert ended.status is PoolStatus.TERMINATED
        assert inventory.found(POOL, REGION).items == ()
        assert set(kept) == {"training_job", "tags"}
        assert adapter_of(POOL).present(sessions, pool.ref, {})["tags"] == {}

    def test_a_job_without_a_pool_has_none(
        self, sandbox: Sandbox, inventory: SageMakerInventory
    ) -> None:
        self._keep(sandbox)
        ref = one(inventory, POOL).ref
        add(sandbox, TRAINING, "plain", status="Completed")

        plain = type(ref)(ref.kind, ref.account, REGION, "plain", ref.arn)

        assert inventory.reread(plain) is None

    def test_a_pool_that_cannot_be_described_is_reported(
        self, sandbox: Sandbox, sessions: Sessions, inventory: SageMakerInventory
    ) -> None:
        self._keep(sandbox)
        ref = one(inventory, POOL).ref
        operation = "DescribeTrainingJob"
        answer_with_error(sessions, "sagemaker", operation, "AccessDeniedException")

        listing = inventory.found(POOL, REGION)

        assert listing.items == ()
        assert [item.what for item in listing.incomplete] == ["warm-pool of bert"]
        with pytest.raises(UnreadableError):
            inventory.reread(ref)


def _more(kind: ResourceKind) -> dict[str, Any]:
    """What a seeded job needs to be created again: a tuning job's definition."""
    if kind is not TUNING:
        return {}
    return {
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": "img", "TrainingInputMode": "File"},
            "RoleArn": "arn:aws:iam::123456789012:role/jobs",
            "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
            "ResourceConfig": {
                "InstanceType": GPU,
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        }
    }


def test_a_call_that_aws_refuses_rises_from_a_module_itself(
    sandbox: Sandbox, sessions: Sessions
) -> None:
    add(sandbox, PROCESSING)
    ref = one(SageMakerInventory(sessions), PROCESSING).ref
    gone = type(ref)(ref.kind, ref.account, REGION, "gone", ref.arn)

    with pytest.raises(ClientError):
        adapter_of(PROCESSING).manifest(sessions, gone)

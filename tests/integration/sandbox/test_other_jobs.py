"""Processing, transform and tuning jobs: what they share with training jobs, and what not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

ROLE = "arn:aws:iam::123456789012:role/jobs"
ARN = "arn:aws:sagemaker:us-east-1:123456789012"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KINDS = ["processing", "transform", "hyper_parameter_tuning"]

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def word(kind: str) -> str:
    return "".join(part.title() for part in kind.split("_"))


def named(kind: str, name: str = "job") -> dict[str, str]:
    return {f"{word(kind)}JobName": name}


def requests() -> dict[str, dict[str, Any]]:
    cluster = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}
    limits = {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2}
    definition = {
        "AlgorithmSpecification": {"TrainingImage": "img", "TrainingInputMode": "File"},
        "StaticHyperParameters": {"epochs": "3"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
        "ResourceConfig": cluster,
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
    }
    return {
        "processing": {
            "AppSpecification": {"ImageUri": "img"},
            "RoleArn": ROLE,
            "ProcessingResources": {"ClusterConfig": cluster},
        },
        "transform": {
            "ModelName": "m",
            "TransformInput": {"DataSource": source},
            "TransformOutput": {"S3OutputPath": "s3://b/out"},
            "TransformResources": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1},
        },
        "hyper_parameter_tuning": {
            "HyperParameterTuningJobConfig": {"Strategy": "Random", "ResourceLimits": limits},
            "TrainingJobDefinition": definition,
        },
    }


def create(sagemaker: Client, kind: str, name: str = "job", **more: object) -> str:
    method = getattr(sagemaker, f"create_{kind}_job")
    answer = method(**named(kind, name), **{**requests()[kind], **more})
    return str(answer[f"{word(kind)}JobArn"])


def describe(sagemaker: Client, kind: str, name: str = "job") -> dict[str, Any]:
    found: dict[str, Any] = getattr(sagemaker, f"describe_{kind}_job")(**named(kind, name))
    return found


def status(sagemaker: Client, kind: str) -> str:
    return str(describe(sagemaker, kind)[f"{word(kind)}JobStatus"])


def names(sagemaker: Client, kind: str, **query: object) -> list[str]:
    found = getattr(sagemaker, f"list_{kind}_jobs")(**query)
    return [job[f"{word(kind)}JobName"] for job in found[f"{word(kind)}JobSummaries"]]


def children(sagemaker: Client, **query: object) -> list[dict[str, Any]]:
    found = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
        **named("hyper_parameter_tuning"), **query
    )
    return list(found["TrainingJobSummaries"])


def add(sandbox: Sandbox, kind: str, name: str = "job", **more: Any) -> str:
    fleet = sandbox.sagemaker()
    adders: dict[str, Callable[..., str]] = {
        "processing": fleet.add_processing_job,
        "transform": fleet.add_transform_job,
        "hyper_parameter_tuning": fleet.add_tuning_job,
    }
    return adders[kind](name, **more)


@pytest.mark.parametrize("kind", ["processing", "transform"])
def test_a_job_is_in_progress_until_it_is_done(
    sandbox: Sandbox, sagemaker: Client, kind: str
) -> None:
    sandbox.sagemaker().add_model("m")
    created = sandbox.clock.now()
    arn = create(sagemaker, kind)
    seen = [status(sagemaker, kind)]

    for step in (3 * MINUTE, 30 * MINUTE):
        sandbox.clock.advance(step)
        seen.append(status(sagemaker, kind))
    found = describe(sagemaker, kind)

    assert arn == f"{ARN}:{kind}-job/job"
    assert seen == ["InProgress", "InProgress", "Completed"]
    assert found["CreationTime"] == created
    assert found[f"{word(kind)}StartTime"] == created + 3 * MINUTE
    assert found[f"{word(kind)}EndTime"] == created + 33 * MINUTE


def test_a_processing_job_out_of_time_is_stopped(sandbox: Sandbox, sagemaker: Client) -> None:
    create(sagemaker, "processing", StoppingCondition={"MaxRuntimeInSeconds": 600})

    sandbox.clock.advance(14 * MINUTE)

    assert status(sagemaker, "processing") == "Stopped"


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_is_stopping_and_then_stopped(sandbox: Sandbox, sagemaker: Client, kind: str) -> None:
    add(sandbox, kind, created_at=sandbox.clock.now() - HOUR)

    getattr(sagemaker, f"stop_{kind}_job")(**named(kind))
    meanwhile = status(sagemaker, kind)
    sandbox.clock.advance(3 * MINUTE)

    assert (meanwhile, status(sagemaker, kind)) == ("Stopping", "Stopped")


@pytest.mark.parametrize("state", ["Completed", "Failed", "Stopping", "Stopped"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_a_job_in_progress_can_be_stopped(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, kind: str, state: str
) -> None:
    add(sandbox, kind, status=state)

    code, message = refusal(getattr(sagemaker, f"stop_{kind}_job"), **named(kind))

    assert code == "ValidationException"
    assert message.endswith(f"job is in status {state}.")


@pytest.mark.parametrize("call", ["describe", "stop"])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("processing", ("ValidationException", "Could not find requested job with name: job")),
        ("transform", ("ValidationException", "Could not find requested job with name: job")),
        (
            "hyper_parameter_tuning",
            (
                "ResourceNotFound",
                "Amazon SageMaker can't find a tuning job with the name job.",
            ),
        ),
    ],
)
def test_a_missing_job_is_refused(
    sagemaker: Client, refusal: Refusal, call: str, kind: str, expected: tuple[str, str]
) -> None:
    assert refusal(getattr(sagemaker, f"{call}_{kind}_job"), **named(kind)) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_job_of_the_same_name_is_refused(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, kind: str
) -> None:
    sandbox.sagemaker().add_model("m")
    arn = add(sandbox, kind, status="Completed")

    code, message = refusal(create, sagemaker=sagemaker, kind=kind)

    assert code == "ResourceInUse"
    assert message.endswith(f"already exists ({arn})")


def test_a_transform_job_needs_its_model(sagemaker: Client, refusal: Refusal) -> None:
    answer = refusal(create, sagemaker=sagemaker, kind="transform")

    assert answer == ("ValidationException", f'Could not find model "{ARN}:model/m".')


@pytest.mark.parametrize("kind", ["processing", "hyper_parameter_tuning"])
def test_only_a_job_that_has_ended_is_deleted(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, kind: str
) -> None:
    add(sandbox, kind, "running")
    add(sandbox, kind, "done", status="Failed")
    delete = getattr(sagemaker, f"delete_{kind}_job")

    delete(**named(kind, "done"))
    code, _ = refusal(delete, **named(kind, "running"))

    assert code == "ValidationException"
    assert names(sagemaker, kind) == ["running"]


@pytest.mark.parametrize("kind", KINDS)
def test_listings_filter_sort_and_page(sandbox: Sandbox, sagemaker: Client, kind: str) -> None:
    now = sandbox.clock.now()
    for number in range(12):
        state = "Completed" if number % 2 else "InProgress"
        created = now - timedelta(hours=number + 1)
        add(sandbox, kind, f"job-{number:02}", status=state, created_at=created)

    assert names(sagemaker, kind)[:2] == ["job-00", "job-01"]
    assert len(names(sagemaker, kind)) == 10
    assert names(sagemaker, kind, NameContains="job-1", SortOrder="Ascending") == [
        "job-11",
        "job-10",
    ]
    assert len(names(sagemaker, kind, StatusEquals="InProgress", MaxResults=100)) == 6
    assert names(sagemaker, kind, CreationTimeAfter=now - 90 * MINUTE) == ["job-00"]
    assert names(sagemaker, kind, LastModifiedTimeBefore=now - 11.5 * HOUR) == ["job-11"]
    pages = list(sagemaker.get_paginator(f"list_{kind}_jobs").paginate())
    assert [len(page[f"{word(kind)}JobSummaries"]) for page in pages] == [10, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_accounts_and_regions_do_not_see_each_others_jobs(
    sandbox: Sandbox, sagemaker: Client, kind: str
) -> None:
    elsewhere = sandbox.client("sagemaker", region="ap-northeast-2")
    other_account = sandbox.client("sagemaker", account="210987654321")

    add(sandbox, kind)

    assert names(elsewhere, kind) == []
    assert names(other_account, kind) == []
    assert names(sagemaker, kind) == ["job"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_seeded_job_runs_for_as_long_as_it_was_told(
    sandbox: Sandbox, sagemaker: Client, kind: str
) -> None:
    add(sandbox, kind, created_at=sandbox.clock.now() - HOUR, duration=2 * HOUR)
    seen = [status(sagemaker, kind)]

    sandbox.clock.advance(HOUR)
    seen.append(status(sagemaker, kind))

    assert seen == ["InProgress", "Completed"]


def test_a_tuning_job_launches_training_jobs_until_it_has_had_them_all(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    arn = create(sagemaker, "hyper_parameter_tuning", Tags=[{"Key": "Owner", "Value": "mina"}])
    at_first = children(sagemaker)

    sandbox.clock.advance(65 * MINUTE)
    then = describe(sagemaker, "hyper_parameter_tuning")
    sandbox.clock.advance(65 * MINUTE)
    found = describe(sagemaker, "hyper_parameter_tuning")
    one = sagemaker.describe_training_job(TrainingJobName=at_first[0]["TrainingJobName"])

    assert [child["TrainingJobStatus"] for child in at_first] == ["InProgress"] * 2
    assert then["HyperParameterTuningJobStatus"] == "InProgress"
    assert then["TrainingJobStatusCounters"]["Completed"] == 2
    assert then["TrainingJobStatusCounters"]["InProgress"] == 1
    assert found["HyperParameterTuningJobStatus"] == "Completed"
    assert found["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    assert one["TuningJobArn"] == arn
    assert one["HyperParameters"] == {"epochs": "3"}
    assert one["ResourceConfig"]["InstanceType"] == "ml.m5.xlarge"
    assert sandbox.tags_of(one["TrainingJobArn"]) == {"Owner": "mina"}


def test_a_tuning_job_takes_the_instances_it_prefers(sagemaker: Client) -> None:
    definition = requests()["hyper_parameter_tuning"]["TrainingJobDefinition"]
    del definition["ResourceConfig"]
    wishes = [
        {"InstanceType": name, "InstanceCount": 2, "VolumeSizeInGB": 10}
        for name in ("ml.g5.xlarge", "ml.g6.xlarge")
    ]
    definition["HyperParameterTuningResourceConfig"] = {"InstanceConfigs": wishes}

    create(sagemaker, "hyper_parameter_tuning", TrainingJobDefinition=definition)
    found = sagemaker.describe_training_job(
        TrainingJobName=children(sagemaker)[0]["TrainingJobName"]
    )

    assert found["ResourceConfig"] == wishes[0]


def test_a_tuning_job_is_stopped_with_its_training_jobs(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    create(sagemaker, "hyper_parameter_tuning")

    sagemaker.stop_hyper_parameter_tuning_job(**named("hyper_parameter_tuning"))
    meanwhile = [child["TrainingJobStatus"] for child in children(sagemaker)]
    sandbox.clock.advance(3 * MINUTE)

    assert meanwhile == ["Stopping"] * 2
    assert status(sagemaker, "hyper_parameter_tuning") == "Stopped"
    assert [child["TrainingJobStatus"] for child in children(sagemaker)] == ["Stopped"] * 2


def test_a_tuning_job_out_of_time_is_stopped(sandbox: Sandbox, sagemaker: Client) -> None:
    limits = {"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 1800}
    config = {"Strategy": "Random", "ResourceLimits": limits}
    create(sagemaker, "hyper_parameter_tuning", HyperParameterTuningJobConfig=config)

    sandbox.clock.advance(33 * MINUTE)

    assert status(sagemaker, "hyper_parameter_tuning") == "Stopped"
    assert [child["TrainingJobStatus"] for child in children(sagemaker)] == ["Stopped"]


def test_the_training_jobs_of_a_tuning_job_are_listed(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_tuning_job("job")
    for name, state in (("b", "InProgress"), ("a", "Completed"), ("c", "Failed")):
        fleet.add_training_job(name, status=state, tuning_job="job")
    fleet.add_training_job("other")

    def found(**query: object) -> list[str]:
        return [child["TrainingJobName"] for child in children(sagemaker, **query)]

    assert found() == ["a", "b", "c"]
    assert found(SortOrder="Descending", MaxResults=1) == ["c"]
    assert found(StatusEquals="InProgress") == ["b"]
    assert found(SortBy="FinalObjectiveMetricValue") == []


def test_a_tuning_job_needs_one_kind_of_definition(sagemaker: Client, refusal: Refusal) -> None:
    definition = requests()["hyper_parameter_tuning"]["TrainingJobDefinition"]

    code, _ = refusal(
        create,
        sagemaker=sagemaker,
        kind="hyper_parameter_tuning",
        TrainingJobDefinitions=[definition],
    )

    assert code == "ValidationException"

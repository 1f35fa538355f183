"""Training jobs: phases, ends, warm pools, refusals and listings as on AWS."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

ROLE = "arn:aws:iam::123456789012:role/training"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def request(name: str = "tj", **more: object) -> dict[str, Any]:
    resources = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 50}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": "img", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
        "ResourceConfig": resources,
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
        **more,
    }


def describe(sagemaker: Client, name: str = "tj") -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
    return found


def state(sagemaker: Client, name: str = "tj") -> tuple[str, str]:
    found = describe(sagemaker, name)
    return found["TrainingJobStatus"], found["SecondaryStatus"]


def names(answer: dict[str, Any]) -> list[str]:
    return [found["TrainingJobName"] for found in answer["TrainingJobSummaries"]]


def test_a_job_goes_through_its_phases_to_its_end(sandbox: Sandbox, sagemaker: Client) -> None:
    created = sandbox.clock.now()
    arn = sagemaker.create_training_job(**request("Churn"))["TrainingJobArn"]
    seen = [state(sagemaker, "Churn")]

    for step in (2 * MINUTE, MINUTE, HOUR, MINUTE):
        sandbox.clock.advance(step)
        seen.append(state(sagemaker, "Churn"))
    found = describe(sagemaker, "Churn")

    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:training-job/churn"
    assert seen == [
        *(("InProgress", phase) for phase in ("Starting", "Downloading", "Training", "Uploading")),
        ("Completed", "Completed"),
    ]
    assert found["CreationTime"] == created
    assert found["TrainingStartTime"] == created + 2 * MINUTE
    assert found["TrainingEndTime"] == found["LastModifiedTime"] == created + HOUR + 4 * MINUTE
    assert found["TrainingTimeInSeconds"] == found["BillableTimeInSeconds"] == 62 * 60
    assert found["ModelArtifacts"] == {"S3ModelArtifacts": "s3://b/out/Churn/output/model.tar.gz"}
    assert found["ResourceConfig"]["InstanceCount"] == 2


def test_each_phase_is_remembered_and_moves_the_time_of_change(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    created = sandbox.clock.now()
    sagemaker.create_training_job(**request())

    sandbox.clock.advance(30 * MINUTE)
    found = describe(sagemaker)

    moments = [created, created + 2 * MINUTE, created + 3 * MINUTE]
    assert found["LastModifiedTime"] == moments[-1]
    assert "TrainingEndTime" not in found
    assert "BillableTimeInSeconds" not in found
    assert [
        (entry["Status"], entry["StartTime"], entry.get("EndTime"))
        for entry in found["SecondaryStatusTransitions"]
    ] == [
        ("Starting", moments[0], moments[1]),
        ("Downloading", moments[1], moments[2]),
        ("Training", moments[2], None),
    ]


def test_a_job_out_of_time_is_stopped(sandbox: Sandbox, sagemaker: Client) -> None:
    limit = {"MaxRuntimeInSeconds": 600}
    sagemaker.create_training_job(**request(StoppingCondition=limit))

    sandbox.clock.advance(12 * MINUTE)
    meanwhile = state(sagemaker)
    sandbox.clock.advance(2 * MINUTE)
    found = describe(sagemaker)

    assert meanwhile == ("Stopping", "Stopping")
    assert state(sagemaker) == ("Stopped", "MaxRuntimeExceeded")
    assert found["TrainingTimeInSeconds"] == 12 * 60
    assert found["SecondaryStatusTransitions"][-1]["Status"] == "MaxRuntimeExceeded"


def test_a_job_is_stopping_and_then_stopped(sandbox: Sandbox, sagemaker: Client) -> None:
    sandbox.sagemaker().add_training_job("tj", created_at=_ago(sandbox, HOUR))

    sagemaker.stop_training_job(TrainingJobName="tj")
    meanwhile = state(sagemaker)
    sandbox.clock.advance(2 * MINUTE)
    found = describe(sagemaker)

    assert meanwhile == ("Stopping", "Stopping")
    assert state(sagemaker) == ("Stopped", "Stopped")
    assert found["TrainingTimeInSeconds"] == 62 * 60


def test_a_job_that_was_stopped_before_its_instances_ran_costs_nothing(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sagemaker.create_training_job(**request())

    sagemaker.stop_training_job(TrainingJobName="tj")
    sandbox.clock.advance(HOUR)
    found = describe(sagemaker)

    assert found["TrainingJobStatus"] == "Stopped"
    assert "TrainingStartTime" not in found
    assert "BillableTimeInSeconds" not in found


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopping", "Stopped"])
def test_only_a_job_in_progress_can_be_stopped(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, status: str
) -> None:
    sandbox.sagemaker().add_training_job("tj", status=status)

    answer = refusal(sagemaker.stop_training_job, TrainingJobName="tj")

    assert answer == (
        "ValidationException",
        f"The request was rejected because the training job is in status {status}.",
    )


@pytest.mark.parametrize("call", ["describe", "stop", "update", "delete"])
def test_a_missing_job_is_a_validation_exception(
    sagemaker: Client, refusal: Refusal, call: str
) -> None:
    answer = refusal(getattr(sagemaker, f"{call}_training_job"), TrainingJobName="nobody")

    assert answer == ("ValidationException", "Requested resource not found.")


def test_a_second_job_of_the_same_name_is_refused(sagemaker: Client, refusal: Refusal) -> None:
    arn = sagemaker.create_training_job(**request())["TrainingJobArn"]

    code, message = refusal(sagemaker.create_training_job, **request())

    assert code == "ResourceInUse"
    assert message.endswith(f"already exists ({arn})")


SPOT: dict[str, Any] = {"EnableManagedSpotTraining": True}
GROUP = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "InstanceGroupName": "a"}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (SPOT, "MaxWaitTimeInSeconds. It must be present"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}},
            "only when EnableManagedSpotTraining",
        ),
        (
            {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceGroups": [GROUP]}},
            "must not be given with InstanceGroups",
        ),
        ({"ResourceConfig": {"InstanceType": "ml.abacus.large"}}, "enum value set"),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(
    sagemaker: Client, refusal: Refusal, wrong: dict[str, Any], complaint: str
) -> None:
    code, message = refusal(sagemaker.create_training_job, **request(**wrong))

    assert code == "ValidationException"
    assert complaint in message


@pytest.mark.parametrize("member", ["AlgorithmSpecification", "ResourceConfig"])
def test_a_job_needs_a_program_and_instances(
    sagemaker: Client, refusal: Refusal, member: str
) -> None:
    incomplete = {k: v for k, v in request().items() if k != member}

    code, message = refusal(sagemaker.create_training_job, **incomplete)

    assert code == "ValidationException"
    assert message.startswith(f"{member} is required")


def test_a_spot_job_is_billed_for_less_than_it_ran(sandbox: Sandbox, sagemaker: Client) -> None:
    checkpoints = {"S3Uri": "s3://b/checkpoints"}
    limits = {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 7200}
    sagemaker.create_training_job(
        **request(**SPOT, CheckpointConfig=checkpoints, StoppingCondition=limits)
    )

    sandbox.clock.advance(2 * HOUR)
    found = describe(sagemaker)

    assert found["EnableManagedSpotTraining"] is True
    assert found["CheckpointConfig"] == checkpoints
    assert found["BillableTimeInSeconds"] < found["TrainingTimeInSeconds"]


def test_instance_groups_are_described_as_given(sagemaker: Client) -> None:
    resources = {"InstanceGroups": [GROUP], "VolumeSizeInGB": 10}

    sagemaker.create_training_job(**request(ResourceConfig=resources))

    assert describe(sagemaker)["ResourceConfig"] == resources


def _warm(seconds: int) -> dict[str, Any]:
    return {**request()["ResourceConfig"], "KeepAlivePeriodInSeconds": seconds}


def test_a_warm_pool_outlives_its_job_for_as_long_as_it_is_kept(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.sagemaker().add_training_job("tj", duration=HOUR, ResourceConfig=_warm(1800))
    seen = [describe(sagemaker)["WarmPoolStatus"]]

    for step in (HOUR + 11 * MINUTE, HOUR):
        sandbox.clock.advance(step)
        seen.append(describe(sagemaker)["WarmPoolStatus"])

    assert seen == [
        {"Status": "InUse"},
        {"Status": "Available", "ResourceRetainedBillableTimeInSeconds": 600},
        {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 1800},
    ]


def test_a_warm_pool_is_given_up_by_keeping_it_for_no_time(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    sandbox.sagemaker().add_training_job(
        "tj",
        status="Completed",
        created_at=_ago(sandbox, 20 * MINUTE),
        duration=10 * MINUTE,
        ResourceConfig=_warm(1800),
    )
    change = {"TrainingJobName": "tj", "ResourceConfig": {"KeepAlivePeriodInSeconds": 0}}

    sagemaker.update_training_job(**change)
    found = describe(sagemaker)
    code, message = refusal(sagemaker.update_training_job, **change)

    assert found["WarmPoolStatus"] == {
        "Status": "Terminated",
        "ResourceRetainedBillableTimeInSeconds": 600,
    }
    assert code == "ValidationException"
    assert message.endswith("in status Completed.")


def test_a_job_that_was_stopped_keeps_no_warm_pool(sandbox: Sandbox, sagemaker: Client) -> None:
    sandbox.sagemaker().add_training_job("tj", status="Stopped", ResourceConfig=_warm(1800))

    found = describe(sagemaker)["WarmPoolStatus"]

    assert found == {"Status": "Terminated", "ResourceRetainedBillableTimeInSeconds": 0}


def test_a_job_in_progress_takes_another_profiler_and_warm_pool(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.sagemaker().add_training_job("tj", ProfilerConfig={"S3OutputPath": "s3://b/p"})

    sagemaker.update_training_job(
        TrainingJobName="tj",
        ProfilerConfig={"DisableProfiler": True},
        ResourceConfig={"KeepAlivePeriodInSeconds": 60},
    )
    found = describe(sagemaker)

    assert found["ProfilerConfig"] == {"S3OutputPath": "s3://b/p", "DisableProfiler": True}
    assert found["ResourceConfig"]["KeepAlivePeriodInSeconds"] == 60
    assert found["WarmPoolStatus"] == {"Status": "InUse"}


def test_a_job_is_deleted_only_when_nothing_of_it_runs(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_training_job("running")
    fleet.add_training_job("warm", status="Completed", ResourceConfig=_warm(60))
    fleet.add_training_job("done", status="Completed")

    codes = [
        refusal(sagemaker.delete_training_job, TrainingJobName=name)[0]
        for name in ("running", "warm")
    ]
    sagemaker.delete_training_job(TrainingJobName="done")

    assert codes == ["ValidationException", "ResourceInUse"]
    assert sorted(names(sagemaker.list_training_jobs())) == ["running", "warm"]


def test_a_seeded_job_runs_for_as_long_as_it_was_told(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    began = _ago(sandbox, HOUR)
    fleet.add_training_job("short", created_at=began, duration=30 * MINUTE)
    fleet.add_training_job("long", created_at=began, duration=90 * MINUTE)
    fleet.add_training_job("endless", created_at=began)

    before = [state(sagemaker, name)[1] for name in ("short", "long", "endless")]
    sandbox.clock.advance(timedelta(days=20))
    after = [state(sagemaker, name)[1] for name in ("short", "long", "endless")]

    assert before == ["Completed", "Training", "Training"]
    assert after == ["Completed", "Completed", "Training"]
    assert describe(sagemaker, "short")["TrainingEndTime"] == began + 31 * MINUTE


def test_a_job_can_be_forced_to_fail(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_training_job("tj", created_at=_ago(sandbox, HOUR))

    fleet.force_status("training-job", "tj", "Failed", "AlgorithmError: out of memory")
    sandbox.clock.advance(timedelta(days=40))
    found = describe(sagemaker)

    assert state(sagemaker) == ("Failed", "Failed")
    assert found["FailureReason"] == "AlgorithmError: out of memory"
    assert found["TrainingTimeInSeconds"] == 3600


def _ago(sandbox: Sandbox, past: timedelta) -> datetime:
    return sandbox.clock.now() - past


@pytest.fixture
def three(sandbox: Sandbox) -> Sandbox:
    fleet = sandbox.sagemaker()
    for name, days, status in (
        ("churn-a", 3, "Completed"),
        ("fraud", 2, "InProgress"),
        ("churn-b", 1, "InProgress"),
    ):
        created = _ago(sandbox, timedelta(days=days))
        fleet.add_training_job(
            name,
            status=status,
            created_at=created,
            modified_at=created + timedelta(hours=12),
        )
    return sandbox


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["churn-b", "fraud", "churn-a"]),
        ({"SortOrder": "Ascending"}, ["churn-a", "fraud", "churn-b"]),
        ({"SortBy": "Name"}, ["fraud", "churn-b", "churn-a"]),
        ({"SortBy": "Status"}, ["fraud", "churn-b", "churn-a"]),
        ({"NameContains": "churn"}, ["churn-b", "churn-a"]),
        ({"StatusEquals": "InProgress"}, ["churn-b", "fraud"]),
        ({"StatusEquals": "Failed"}, []),
        ({"WarmPoolStatusEquals": "InUse"}, []),
        ({"CreationTimeAfter": 2}, ["churn-b", "fraud"]),
        ({"CreationTimeBefore": 2}, ["churn-a"]),
        ({"LastModifiedTimeAfter": 2}, ["churn-b", "fraud"]),
        ({"LastModifiedTimeBefore": 2, "StatusEquals": "InProgress"}, []),
    ],
)
def test_listing_filters_and_sorts(
    three: Sandbox, sagemaker: Client, filters: dict[str, Any], expected: list[str]
) -> None:
    params = {
        name: _ago(three, timedelta(days=value)) if isinstance(value, int) else value
        for name, value in filters.items()
    }

    found = sagemaker.list_training_jobs(**params)

    assert names(found) == expected


def test_a_status_is_looked_for_on_the_page_only(three: Sandbox, sagemaker: Client) -> None:
    three.sagemaker().add_training_job("newest", status="Completed")

    first = sagemaker.list_training_jobs(StatusEquals="InProgress", MaxResults=1)
    pages = sagemaker.get_paginator("list_training_jobs").paginate(
        StatusEquals="InProgress", PaginationConfig={"PageSize": 1}
    )

    assert names(first) == []
    assert "NextToken" in first
    assert [name for page in pages for name in names(page)] == ["churn-b", "fraud"]


def test_jobs_are_listed_in_pages_of_ten_to_a_hundred(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    for number in range(101):
        sandbox.sagemaker().add_training_job(f"tj-{number:03}")

    page = sagemaker.list_training_jobs()
    pages = list(sagemaker.get_paginator("list_training_jobs").paginate(MaxResults=100))
    code, message = refusal(sagemaker.list_training_jobs, MaxResults=101)

    assert len(page["TrainingJobSummaries"]) == 10
    assert len({name for page in pages for name in names(page)}) == 101
    assert code == "ValidationException"
    assert "less than or equal to 100" in message


def test_accounts_and_regions_do_not_see_each_others_jobs(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    elsewhere = sandbox.client("sagemaker", region="ap-northeast-2")
    other_account = sandbox.client("sagemaker", account="210987654321")

    arn = other_account.create_training_job(**request())["TrainingJobArn"]

    assert arn.split(":")[4] == "210987654321"
    assert names(sagemaker.list_training_jobs()) == []
    assert names(elsewhere.list_training_jobs()) == []

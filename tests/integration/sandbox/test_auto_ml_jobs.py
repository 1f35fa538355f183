"""AutoML jobs of both versions: in progress, done, stopped or out of time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

ROLE = "arn:aws:iam::123456789012:role/jobs"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:automl-job"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def create_first(sagemaker: Client, name: str = "churn", **more: object) -> str:
    answer = sagemaker.create_auto_ml_job(
        AutoMLJobName=name,
        InputDataConfig=[{"DataSource": SOURCE, "TargetAttributeName": "left"}],
        OutputDataConfig={"S3OutputPath": "s3://b/out"},
        RoleArn=ROLE,
        **more,
    )
    return str(answer["AutoMLJobArn"])


def create_second(sagemaker: Client, name: str = "churn", **criteria: int) -> str:
    tabular = {"TargetAttributeName": "left", "CompletionCriteria": criteria}
    answer = sagemaker.create_auto_ml_job_v2(
        AutoMLJobName=name,
        AutoMLJobInputDataConfig=[{"DataSource": SOURCE}],
        OutputDataConfig={"S3OutputPath": "s3://b/out"},
        AutoMLProblemTypeConfig={"TabularJobConfig": tabular},
        RoleArn=ROLE,
    )
    return str(answer["AutoMLJobArn"])


def described(sagemaker: Client, name: str = "churn") -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name)
    return found


def states(sagemaker: Client) -> tuple[str, str]:
    found = described(sagemaker)
    return found["AutoMLJobStatus"], found["AutoMLJobSecondaryStatus"]


def names(sagemaker: Client, **query: object) -> list[str]:
    found = sagemaker.list_auto_ml_jobs(**query)["AutoMLJobSummaries"]
    return [job["AutoMLJobName"] for job in found]


def test_a_job_goes_through_its_phases_until_it_is_done(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    created = sandbox.clock.now()
    arn = create_second(sagemaker, MaxCandidates=5)
    seen = [states(sagemaker)]

    for step in (3 * MINUTE, 5 * MINUTE, 5 * MINUTE, HOUR):
        sandbox.clock.advance(step)
        seen.append(states(sagemaker))
    found = described(sagemaker)

    assert arn == f"{ARN}/churn"
    assert seen == [
        ("InProgress", "Starting"),
        ("InProgress", "AnalyzingData"),
        ("InProgress", "FeatureEngineering"),
        ("InProgress", "ModelTuning"),
        ("Completed", "Completed"),
    ]
    assert found["EndTime"] == created + 73 * MINUTE
    assert found["AutoMLProblemTypeConfigName"] == "Tabular"


def test_a_job_out_of_time_ends_gracefully(sandbox: Sandbox, sagemaker: Client) -> None:
    create_second(sagemaker, MaxAutoMLJobRuntimeInSeconds=1800)

    sandbox.clock.advance(40 * MINUTE)

    assert states(sagemaker) == ("Completed", "MaxAutoMLJobRuntimeReached")


def test_a_job_of_the_first_version_keeps_its_time_limit_too(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    limit = {"CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 1800}}
    create_first(sagemaker, AutoMLJobConfig=limit)

    sandbox.clock.advance(40 * MINUTE)

    assert states(sagemaker) == ("Completed", "MaxAutoMLJobRuntimeReached")


def test_each_version_describes_a_job_in_its_own_words(sagemaker: Client, refusal: Refusal) -> None:
    criteria = {"MaxCandidates": 7}
    create_first(sagemaker, "one", AutoMLJobConfig={"CompletionCriteria": criteria})
    create_second(sagemaker, "two")

    first = sagemaker.describe_auto_ml_job(AutoMLJobName="one")
    in_second_words = described(sagemaker, "one")
    code, _ = refusal(sagemaker.describe_auto_ml_job, AutoMLJobName="two")

    assert first["InputDataConfig"][0]["TargetAttributeName"] == "left"
    assert in_second_words["AutoMLProblemTypeConfig"] == {
        "TabularJobConfig": {"TargetAttributeName": "left", "CompletionCriteria": criteria}
    }
    assert in_second_words["AutoMLJobInputDataConfig"] == [{"DataSource": SOURCE}]
    assert code == "ValidationException"


def test_a_job_is_stopping_and_then_stopped(sandbox: Sandbox, sagemaker: Client) -> None:
    sandbox.sagemaker().add_auto_ml_job("churn", created_at=sandbox.clock.now() - HOUR)

    sagemaker.stop_auto_ml_job(AutoMLJobName="churn")
    meanwhile = states(sagemaker)
    sandbox.clock.advance(2 * MINUTE)

    assert meanwhile == ("Stopping", "Stopping")
    assert states(sagemaker) == ("Stopped", "Stopped")


@pytest.mark.parametrize("state", ["Completed", "Failed", "Stopping", "Stopped"])
def test_only_a_job_in_progress_can_be_stopped(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, state: str
) -> None:
    sandbox.sagemaker().add_auto_ml_job("churn", status=state)

    code, _ = refusal(sagemaker.stop_auto_ml_job, AutoMLJobName="churn")

    assert code == "ValidationException"


@pytest.mark.parametrize("call", ["describe_auto_ml_job", "describe_auto_ml_job_v2"])
def test_a_missing_job_is_not_found(sagemaker: Client, refusal: Refusal, call: str) -> None:
    code, _ = refusal(getattr(sagemaker, call), AutoMLJobName="nobody")

    assert code == "ResourceNotFound"


def test_names_are_taken_by_either_version(sagemaker: Client, refusal: Refusal) -> None:
    create_first(sagemaker)

    code, _ = refusal(create_second, sagemaker=sagemaker)

    assert code == "ResourceInUse"


def test_listings_run_backwards_by_name_and_filter_and_page(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()
    for number in range(12):
        fleet.add_auto_ml_job(f"job-{number:02}", status="Failed" if number % 3 else "InProgress")

    pages = list(sagemaker.get_paginator("list_auto_ml_jobs").paginate())

    assert names(sagemaker)[:2] == ["job-11", "job-10"]
    assert names(sagemaker, StatusEquals="InProgress", SortOrder="Ascending", MaxResults=2) == [
        "job-00",
        "job-03",
    ]
    assert [len(page["AutoMLJobSummaries"]) for page in pages] == [10, 2]


def test_a_jobs_instances_measure_where_aws_publishes_it(sandbox: Sandbox) -> None:
    fleet, now = sandbox.sagemaker(), sandbox.clock.now()
    fleet.publish_job_metric("training-job", "bert", [(now - MINUTE, 3.0)], host=2)
    fleet.publish_job_metric("transform-job", "score", [(now - MINUTE, 0.0)])

    found = sandbox.client("cloudwatch").list_metrics(MetricName="GPUUtilization")["Metrics"]

    assert {(item["Namespace"], item["Dimensions"][0]["Value"]) for item in found} == {
        ("/aws/sagemaker/TrainingJobs", "bert/algo-2"),
        ("/aws/sagemaker/TransformJobs", "score/i-00000000000000001"),
    }


def test_a_training_job_says_which_job_launched_it(sandbox: Sandbox, sagemaker: Client) -> None:
    fleet = sandbox.sagemaker()
    arn = fleet.add_auto_ml_job("churn")
    fleet.add_training_job("churn-tr-1", AutoMLJobArn=arn)

    found = sagemaker.describe_training_job(TrainingJobName="churn-tr-1")

    assert found["AutoMLJobArn"] == arn

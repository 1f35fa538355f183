"""What plain moto still lacks or distorts: the day one of these fails, our stand-in can go."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

ROLE = "arn:aws:iam::123456789012:role/r"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)

type Client = Any  # boto3 makes its clients at run time

_plain_client: Callable[..., Client] = boto3.client  # noqa: TID251  # moto without the sandbox


@pytest.fixture(autouse=True)
def _moto() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def sagemaker() -> Client:
    return _plain_client("sagemaker", region_name="us-east-1")


@pytest.fixture
def cloudwatch() -> Client:
    return _plain_client("cloudwatch", region_name="us-east-1")


def _notebook(sagemaker: Client, name: str = "nb", **more: object) -> str:
    answer = sagemaker.create_notebook_instance(
        NotebookInstanceName=name, InstanceType="ml.t2.medium", RoleArn=ROLE, **more
    )
    return str(answer["NotebookInstanceArn"])


def _endpoint(sagemaker: Client, **variant: object) -> None:
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img"}, ExecutionRoleArn=ROLE)
    base = {"VariantName": "v", "ModelName": "m", **variant}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[base])
    sagemaker.create_endpoint(EndpointName="Churn", EndpointConfigName="c")


def _is_missing(call: Callable[..., object], **params: object) -> bool:
    try:
        call(**params)
    except NotImplementedError:
        return True
    return False


def _query(query_id: str = "a", stat: str = "Sum", period: int = 3600) -> dict[str, Any]:
    metric = {
        "Namespace": "N",
        "MetricName": "M",
        "Dimensions": [{"Name": "D", "Value": "d"}],
    }
    return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}


def _publish(cloudwatch: Client, *moments: datetime) -> None:
    for moment in moments:
        datum = {
            "MetricName": "M",
            "Dimensions": [{"Name": "D", "Value": "d"}],
            "Timestamp": moment,
            "Value": 1.0,
        }
        cloudwatch.put_metric_data(Namespace="N", MetricData=[datum])


def test_moto_skips_the_states_of_notebook_instances(sagemaker: Client) -> None:
    _notebook(sagemaker)

    found = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")

    assert found["NotebookInstanceStatus"] == "InService", (
        "moto now goes through Pending: remove our NotebookInstances.create"
    )


def test_moto_stops_what_is_stopped_already(sagemaker: Client) -> None:
    _notebook(sagemaker)

    answers = [sagemaker.stop_notebook_instance(NotebookInstanceName="nb") for _ in range(2)]

    assert len(answers) == 2, "moto now refuses illegal stops: remove our NotebookInstances.stop"


def test_moto_has_no_update_of_notebook_instances(sagemaker: Client) -> None:
    is_missing = _is_missing(sagemaker.update_notebook_instance, NotebookInstanceName="nb")

    assert is_missing, "moto now updates notebook instances: remove our NotebookInstances.update"


def test_moto_ignores_when_notebook_instances_were_modified(sagemaker: Client) -> None:
    _notebook(sagemaker)

    found = sagemaker.list_notebook_instances(
        LastModifiedTimeBefore=datetime(2001, 1, 1, tzinfo=UTC)
    )

    assert len(found["NotebookInstances"]) == 1, (
        "moto now filters by LastModifiedTime: remove our NotebookInstances.list_page"
    )


def test_moto_gives_more_than_ten_notebook_instances_a_page(sagemaker: Client) -> None:
    for number in range(11):
        _notebook(sagemaker, f"nb-{number}")

    found = sagemaker.list_notebook_instances()

    assert len(found["NotebookInstances"]) == 11, (
        "moto now gives pages of ten as AWS does: remove our listing._DEFAULT_PAGE"
    )


def test_moto_does_not_page_models(sagemaker: Client) -> None:
    for number in range(3):
        sagemaker.create_model(
            ModelName=f"m{number}", PrimaryContainer={"Image": "img"}, ExecutionRoleArn=ROLE
        )

    found = sagemaker.list_models(MaxResults=1)

    assert len(found["Models"]) == 3, "moto now pages models: remove our Models.list_page"


def test_moto_knows_only_old_hosting_instance_types(sagemaker: Client) -> None:
    with pytest.raises(ClientError) as caught:
        _endpoint(sagemaker, InstanceType="ml.g5.xlarge", InitialInstanceCount=1)

    assert "enum value set" in str(caught.value), (
        "moto now knows current instance types: remove our EndpointConfigs.create"
    )


def test_moto_needs_a_model_in_every_variant(sagemaker: Client) -> None:
    variant = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}

    with pytest.raises((KeyError, ClientError)) as caught:
        sagemaker.create_endpoint_config(
            EndpointConfigName="c", ExecutionRoleArn=ROLE, ProductionVariants=[variant]
        )

    assert isinstance(caught.value, KeyError), (
        "moto now takes variants for inference components: remove our EndpointConfigs.create"
    )


def test_moto_drops_shadow_variants(sagemaker: Client) -> None:
    variant = {
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_model(ModelName="m", PrimaryContainer={"Image": "img"}, ExecutionRoleArn=ROLE)

    sagemaker.create_endpoint_config(
        EndpointConfigName="c",
        ProductionVariants=[{**variant, "VariantName": "v"}],
        ShadowProductionVariants=[{**variant, "VariantName": "shadow"}],
    )
    found = sagemaker.describe_endpoint_config(EndpointConfigName="c")

    assert "ShadowProductionVariants" not in found, (
        "moto now keeps shadow variants: remove our EndpointConfigs.describe"
    )


def test_moto_skips_the_states_of_endpoints(sagemaker: Client) -> None:
    _endpoint(sagemaker, InstanceType="ml.m5.large", InitialInstanceCount=1)

    found = sagemaker.describe_endpoint(EndpointName="Churn")

    assert found["EndpointStatus"] == "InService", (
        "moto now goes through Creating: remove our Endpoints.create"
    )


def test_moto_has_no_update_of_endpoints(sagemaker: Client) -> None:
    is_missing = _is_missing(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="c")

    assert is_missing, "moto now updates endpoints: remove our Endpoints.update"


def test_moto_ignores_changes_of_provisioned_concurrency(sagemaker: Client) -> None:
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 20, "ProvisionedConcurrency": 5}
    _endpoint(sagemaker, ServerlessConfig=serverless)

    change = {"VariantName": "v", "ServerlessUpdateConfig": {"ProvisionedConcurrency": 9}}
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName="Churn", DesiredWeightsAndCapacities=[change]
    )
    (variant,) = sagemaker.describe_endpoint(EndpointName="Churn")["ProductionVariants"]

    assert "9" not in str(variant.get("DesiredServerlessConfig")), (
        "moto now changes provisioned concurrency: remove our Endpoints.rescale"
    )


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("describe_inference_component", {"InferenceComponentName": "i"}),
        ("list_inference_components", {}),
        ("delete_inference_component", {"InferenceComponentName": "i"}),
    ],
)
def test_moto_has_no_inference_components(
    sagemaker: Client, call: str, params: dict[str, str]
) -> None:
    is_missing = _is_missing(getattr(sagemaker, call), **params)

    assert is_missing, f"moto now has {call}: remove our InferenceComponents"


def _training_job(sagemaker: Client) -> str:
    answer = sagemaker.create_training_job(
        TrainingJobName="tj",
        AlgorithmSpecification={"TrainingImage": "img", "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": "s3://b/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    return str(answer["TrainingJobArn"])


def test_moto_completes_training_jobs_at_once(sagemaker: Client) -> None:
    _training_job(sagemaker)

    found = sagemaker.describe_training_job(TrainingJobName="tj")

    assert found["TrainingJobStatus"] == "Completed", (
        "moto now goes through InProgress: remove our TrainingJobs.create"
    )


def test_moto_creates_a_training_job_twice(sagemaker: Client) -> None:
    arns = [_training_job(sagemaker) for _ in range(2)]

    assert len(arns) == 2, "moto now refuses a second one: remove our TrainingJobs.create"


@pytest.mark.parametrize("call", ["stop", "update", "delete"])
def test_moto_has_no_stop_update_or_delete_of_training_jobs(sagemaker: Client, call: str) -> None:
    is_missing = _is_missing(getattr(sagemaker, f"{call}_training_job"), TrainingJobName="tj")

    assert is_missing, f"moto now has {call}: remove our TrainingJobs.{call}"


def test_moto_words_missing_training_jobs_otherwise(sagemaker: Client) -> None:
    with pytest.raises(ClientError) as caught:
        sagemaker.describe_training_job(TrainingJobName="nobody")

    assert "Requested resource not found." not in str(caught.value), (
        "moto now words it as AWS does: remove our TrainingJobs.describe"
    )


def test_moto_completes_processing_jobs_at_once(sagemaker: Client) -> None:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    sagemaker.create_processing_job(
        ProcessingJobName="pj",
        AppSpecification={"ImageUri": "img"},
        RoleArn=ROLE,
        ProcessingResources={"ClusterConfig": cluster},
    )

    found = sagemaker.describe_processing_job(ProcessingJobName="pj")

    assert found["ProcessingJobStatus"] == "Completed", (
        "moto now goes through InProgress: remove our ProcessingJobs.create"
    )


def test_moto_transforms_without_a_model_and_at_once(sagemaker: Client) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}
    sagemaker.create_transform_job(
        TransformJobName="tj",
        ModelName="nobody",
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": "s3://b/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )

    found = sagemaker.describe_transform_job(TransformJobName="tj")

    assert found["TransformJobStatus"] == "Completed", (
        "moto now goes through InProgress: remove our TransformJobs.create"
    )


_TUNING = {"HyperParameterTuningJobName": "hp"}


def test_moto_needs_completion_criteria_of_an_auto_ml_job(sagemaker: Client) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}
    try:
        sagemaker.create_auto_ml_job_v2(
            AutoMLJobName="job",
            AutoMLJobInputDataConfig=[{"DataSource": source}],
            OutputDataConfig={"S3OutputPath": "s3://b/out"},
            AutoMLProblemTypeConfig={"TabularJobConfig": {"TargetAttributeName": "left"}},
            RoleArn=ROLE,
        )
    except KeyError:
        return
    pytest.fail("moto now creates AutoML jobs without: see whether our AutoMLJobs can go")


def test_moto_launches_no_training_jobs_for_a_tuning_job(sagemaker: Client) -> None:
    definition = {
        "AlgorithmSpecification": {"TrainingImage": "img", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://b/out"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    limits = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
    sagemaker.create_hyper_parameter_tuning_job(
        **_TUNING,
        HyperParameterTuningJobConfig={"Strategy": "Random", "ResourceLimits": limits},
        TrainingJobDefinition=definition,
    )

    found = sagemaker.list_training_jobs()["TrainingJobSummaries"]

    assert found == [], "moto now launches training jobs: remove our TuningRuns"


@pytest.mark.parametrize(
    ("backend", "call", "params"),
    [
        ("ProcessingJobs", "delete_processing_job", {"ProcessingJobName": "pj"}),
        ("TransformJobs", "stop_transform_job", {"TransformJobName": "tj"}),
        ("TuningJobs", "stop_hyper_parameter_tuning_job", _TUNING),
        ("TuningJobs", "list_training_jobs_for_hyper_parameter_tuning_job", _TUNING),
    ],
)
def test_moto_cannot_do_everything_with_jobs(
    sagemaker: Client, backend: str, call: str, params: dict[str, str]
) -> None:
    is_missing = _is_missing(getattr(sagemaker, call), **params)

    assert is_missing, f"moto now has {call}: remove it from our {backend}"


def test_moto_skips_the_states_of_domains(sagemaker: Client) -> None:
    domain_id = sagemaker.create_domain(
        DomainName="d",
        AuthMode="IAM",
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
        DefaultUserSettings={"ExecutionRole": ROLE},
    )["DomainArn"].rpartition("/")[2]

    found = sagemaker.describe_domain(DomainId=domain_id)

    assert found["Status"] == "InService", (
        "moto now goes through Pending: remove our Domains.create"
    )


_APP = {"DomainId": "d-1", "AppType": "JupyterLab", "AppName": "default"}
_CONFIG = {"NotebookInstanceLifecycleConfigName": "c"}


@pytest.mark.parametrize(
    ("backend", "call", "params"),
    [
        ("Domains", "update_domain", {"DomainId": "d-1"}),
        ("UserProfiles", "list_user_profiles", {}),
        (
            "UserProfiles",
            "describe_user_profile",
            {"DomainId": "d-1", "UserProfileName": "u"},
        ),
        ("Spaces", "list_spaces", {}),
        ("Spaces", "describe_space", {"DomainId": "d-1", "SpaceName": "s"}),
        ("Apps", "list_apps", {}),
        ("Apps", "describe_app", _APP),
        ("Apps", "delete_app", _APP),
        ("StudioLifecycleConfigs", "list_studio_lifecycle_configs", {}),
        ("NotebookLifecycleConfigs", "list_notebook_instance_lifecycle_configs", {}),
        ("NotebookLifecycleConfigs", "update_notebook_instance_lifecycle_config", _CONFIG),
    ],
)
def test_moto_has_little_of_studio(
    sagemaker: Client, backend: str, call: str, params: dict[str, str]
) -> None:
    is_missing = _is_missing(getattr(sagemaker, call), **params)

    assert is_missing, f"moto now has {call}: remove it from our {backend}"


def test_moto_accepts_illegal_tags(sagemaker: Client) -> None:
    arn = _notebook(sagemaker)

    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "Schedule", "Value": "off=(M-F,19)"}])
    found = sagemaker.list_tags(ResourceArn=arn)["Tags"]

    assert found == [{"Key": "Schedule", "Value": "off=(M-F,19)"}], (
        "moto now refuses illegal tags: remove our Tags.add"
    )


def test_moto_forgets_what_was_tagged_once(sagemaker: Client) -> None:
    arn = _notebook(sagemaker, Tags=[{"Key": "Owner", "Value": "mina"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["Owner"])
    tagging = _plain_client("resourcegroupstaggingapi", region_name="us-east-1")

    found = tagging.get_resources()

    assert found["ResourceTagMappingList"] == [], (
        "moto now remembers what was tagged once: remove our ResourceTagging"
    )


def test_moto_lists_a_metric_without_dimensions_once_per_datapoint(cloudwatch: Client) -> None:
    for _ in range(3):
        cloudwatch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "M", "Value": 1.0}])

    found = cloudwatch.list_metrics()["Metrics"]

    assert len(found) == 3, "moto now lists a metric once: remove our MetricListing"


def test_moto_lists_metrics_that_have_had_no_data_for_years(cloudwatch: Client) -> None:
    _publish(cloudwatch, datetime(2020, 1, 1, tzinfo=UTC))

    found = cloudwatch.list_metrics(RecentlyActive="PT3H")["Metrics"]

    assert len(found) == 1, "moto now lists recent metrics only: remove our MetricListing"


def test_moto_cannot_compute_percentiles(cloudwatch: Client) -> None:
    _publish(cloudwatch, NOW)

    with pytest.raises(TypeError) as caught:
        cloudwatch.get_metric_data(
            MetricDataQueries=[_query(stat="p95")],
            StartTime=NOW,
            EndTime=NOW + timedelta(hours=1),
        )

    assert caught.type is TypeError, "moto now computes percentiles: remove our aggregation"


def test_moto_knows_no_limit_of_queries(cloudwatch: Client) -> None:
    queries = [_query(f"q{number}") for number in range(501)]

    found = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=NOW, EndTime=NOW + timedelta(hours=1)
    )

    assert len(found["MetricDataResults"]) == 501, (
        "moto now limits GetMetricData to 500 queries: remove our MetricData checks"
    )


def test_moto_does_not_page_datapoints(cloudwatch: Client) -> None:
    _publish(cloudwatch, *(NOW + timedelta(hours=n) for n in range(3)))

    found = cloudwatch.get_metric_data(
        MetricDataQueries=[_query()],
        StartTime=NOW,
        EndTime=NOW + timedelta(hours=3),
        MaxDatapoints=1,
    )

    assert "NextToken" not in found, "moto now pages datapoints: remove our MetricData paging"


def test_moto_keeps_fine_datapoints_for_ever_and_takes_them_of_any_age(cloudwatch: Client) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    _publish(cloudwatch, long_ago)

    found = cloudwatch.get_metric_data(
        MetricDataQueries=[_query(period=60)],
        StartTime=long_ago,
        EndTime=long_ago + timedelta(hours=1),
    )

    assert found["MetricDataResults"][0]["Values"] == [1.0], (
        "moto now forgets old datapoints: remove our windows.oldest_visible"
    )


def test_moto_has_no_price_list() -> None:
    pricing = _plain_client("pricing", region_name="us-east-1")

    with pytest.raises(ClientError) as caught:
        pricing.get_products(ServiceCode="AmazonSageMaker")

    assert caught.value.response["Error"]["Code"] == "404", (
        "moto now answers the Price List Query API: compare our PriceListQueries"
    )


@pytest.mark.parametrize(
    "call",
    [
        "list_mlflow_tracking_servers",
        "list_monitoring_schedules",
        "list_monitoring_executions",
        "list_inference_recommendations_jobs",
    ],
)
def test_moto_has_no_tracking_servers_monitoring_or_recommender_jobs(
    sagemaker: Client, call: str
) -> None:
    assert _is_missing(getattr(sagemaker, call)), f"moto now has {call}: look at our backend"


def test_moto_has_no_provisioned_throughput() -> None:
    bedrock = _plain_client("bedrock", region_name="us-east-1")

    is_missing = _is_missing(bedrock.list_provisioned_model_throughputs)

    assert is_missing, "moto now has provisioned throughput: remove our ProvisionedModels"


def test_moto_cannot_create_the_cluster_that_aws_takes(sagemaker: Client) -> None:
    group = {
        "InstanceGroupName": "g",
        "InstanceType": "ml.g5.xlarge",
        "InstanceCount": 1,
        "LifeCycleConfig": {"SourceS3Uri": "s3://sagemaker-b/lc", "OnCreate": "on.sh"},
        "ExecutionRole": ROLE,
    }

    with pytest.raises(KeyError):  # of members that AWS does not ask for
        sagemaker.create_cluster(ClusterName="c", InstanceGroups=[group])


def test_moto_gives_a_studio_domain_no_file_system_that_efs_knows(sagemaker: Client) -> None:
    sagemaker.create_domain(
        DomainName="d",
        AuthMode="IAM",
        DefaultUserSettings={"ExecutionRole": ROLE},
        SubnetIds=["subnet-1"],
        VpcId="vpc-1",
    )
    efs = _plain_client("efs", region_name="us-east-1")

    found = efs.describe_file_systems()["FileSystems"]

    assert found == [], "moto now makes a domain's file system: remove our StudioHomes"

"""One thing of each kind that bills by the hour: idle, after hours, without its tags, undoable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sagewarden.policy.guardrails import KINDS
from sagewarden_cli.sandbox import Sandbox
from tests.support.container_insights import publish

LONG_AGO = timedelta(days=30)

type Seed = Callable[[Sandbox, datetime], None]
type Look = Callable[[Sandbox], object]


@dataclass(frozen=True, slots=True)
class Specimen:
    """A thing, what the policy says of its kind, and how it looks.

    Attributes:
        kind: Its kind, as plans name it.
        name: Its name, as plans name it.
        rules: The policy's rules of its kind in YAML, by the aspect that they prove.
        seed: Puts it there, in a state in which each of the rules is broken.
        looks: How it is now, in what acting changes and undoing brings back.
        acts: The aspect whose rule is carried out.
        prices: The components of the price list that are refreshed first, each with a usage type.
        listed: What else the price list says of those.
        elsewhere: What a command line cannot show, with the tests that do.
    """

    kind: str
    name: str
    rules: dict[str, str]
    seed: Seed
    looks: Look | None = None
    acts: str | None = None
    prices: Mapping[str, str] = field(default_factory=dict[str, str])
    listed: Mapping[str, str] = field(default_factory=dict[str, str])
    elsewhere: Mapping[str, str] = field(default_factory=dict[str, str])


def _status(service: str, operation: str, *path: str, **request: str) -> Look:
    """How something is, or the beginning of what AWS says where it is gone."""

    def look(sandbox: Sandbox) -> object:
        client: Any = sandbox.client(service)
        try:
            found = getattr(client, operation)(**request)
        except client.exceptions.ClientError as error:
            return error.response["Error"]["Message"][:14]
        for step in path:
            found = found[step]
        return found

    return look


def _server_runs(sandbox: Sandbox) -> object:
    """Whether a tracking server runs: one that never stopped is Created, one that did Started."""
    client: Any = sandbox.client("sagemaker")
    found = client.describe_mlflow_tracking_server(TrackingServerName="specimen")
    return found["TrackingServerStatus"] in {"Created", "Started"}


def _flat(
    sandbox: Sandbox,
    namespace: str,
    metric: str,
    dimensions: dict[str, str],
    now: datetime,
    value: float = 0.0,
) -> None:
    """A metric that says the same every five minutes of three days."""
    five = timedelta(minutes=5)
    begin = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    points = [(begin - number * five, value) for number in range(3 * 24 * 12)]
    sandbox.metrics.load(None, None, namespace, metric, dimensions, points)


def _notebook(sandbox: Sandbox, now: datetime) -> None:
    old, fleet = now - LONG_AGO, sandbox.sagemaker()
    fleet.add_notebook_instance(
        "specimen",
        instance_type="ml.t3.medium",
        created_at=old,
        modified_at=old,
        tags={},
        AcceleratorTypes=["ml.eia2.medium"],
    )
    of = {"NotebookInstanceName": "specimen"}
    _flat(sandbox, "Sagewarden/Notebooks", "Active", of, now)


def _app(sandbox: Sandbox, now: datetime) -> None:
    old, fleet = now - LONG_AGO, sandbox.sagemaker()
    fleet.add_domain("d-one", created_at=old)
    fleet.add_user_profile("mina", domain="d-one", created_at=old)
    fleet.add_space("lab", domain="d-one", owner="mina", created_at=old)
    fleet.add_app(
        domain="d-one",
        space="lab",
        instance_type="ml.g5.xlarge",
        created_at=old,
        last_user_activity_at=now - timedelta(hours=5),
        last_health_check_at=now - timedelta(minutes=2),
        tags={},
    )


def _home(sandbox: Sandbox, now: datetime) -> None:
    sandbox.sagemaker().add_domain("d-empty", created_at=now - LONG_AGO, tags={})
    sandbox.sagemaker().fill_home("d-empty", 2**35)


def _space(sandbox: Sandbox, now: datetime) -> None:
    sandbox.sagemaker().add_domain("d-one", created_at=now - LONG_AGO)
    sandbox.sagemaker().add_space(
        "specimen", domain="d-one", volume_gb=100, created_at=now - LONG_AGO, tags={}
    )


def _endpoint(sandbox: Sandbox, now: datetime) -> None:
    """One that nobody calls, and one on an old type that is called now and then."""
    for name, kind, calls in (("specimen", "ml.g5.xlarge", 0.0), ("dated", "ml.p3.2xlarge", 9.0)):
        sandbox.sagemaker().add_endpoint(
            name, instance_type=kind, created_at=now - LONG_AGO, tags={}
        )
        of = {"EndpointName": name, "VariantName": "AllTraffic"}
        _flat(sandbox, "AWS/SageMaker", "Invocations", of, now, calls)
        _flat(sandbox, "/aws/sagemaker/Endpoints", "GPUUtilization", of, now, calls)


GPU = "ml.g5.xlarge"
TITAN_UNITS = "USE1-TitanText-Express-ProvisionedThroughput-NoCommit-ModelUnits"


def _job(kind: str) -> Seed:
    def seed(sandbox: Sandbox, now: datetime) -> None:
        fleet, begun = sandbox.sagemaker(), now - timedelta(hours=3)
        adders: dict[str, Callable[..., str]] = {
            "training-job": fleet.add_training_job,
            "processing-job": fleet.add_processing_job,
            "transform-job": fleet.add_transform_job,
        }
        adders[kind]("specimen", instance_type=GPU, created_at=begun, tags={})
        minute = timedelta(minutes=1)
        points = [(begun + number * minute, 0.0) for number in range(180)]
        fleet.publish_job_metric(kind, "specimen", points)

    return seed


def _tuning(sandbox: Sandbox, now: datetime) -> None:
    fleet, begun = sandbox.sagemaker(), now - timedelta(hours=3)
    limits = {"MaxParallelTrainingJobs": 1, "MaxRuntimeInSeconds": 36_000}
    config = {"Strategy": "Random", "ResourceLimits": limits}
    fleet.add_tuning_job(
        "specimen",
        created_at=begun,
        tags={},
        HyperParameterTuningJobConfig=config,
        TrainingJobDefinition={"ResourceConfig": {"InstanceType": GPU, "InstanceCount": 1}},
    )
    fleet.add_training_job("child", tuning_job="specimen", instance_type=GPU, created_at=begun)
    minute = timedelta(minutes=1)
    points = [(begun + number * minute, 0.0) for number in range(180)]
    fleet.publish_job_metric("training-job", "child", points)


def _auto_ml(sandbox: Sandbox, now: datetime) -> None:
    criteria = {"MaxAutoMLJobRuntimeInSeconds": 3600}
    tabular = {"TargetAttributeName": "left", "CompletionCriteria": criteria}
    fleet = sandbox.sagemaker()
    fleet.add_auto_ml_job(
        "specimen",
        created_at=now - timedelta(hours=3),
        tags={},
        AutoMLProblemTypeConfig={"TabularJobConfig": tabular},
    )
    fleet.force_status("automl-job", "specimen", "InProgress")


def _warm_pool(sandbox: Sandbox, now: datetime) -> None:
    pool = {
        "InstanceType": GPU,
        "InstanceCount": 1,
        "VolumeSizeInGB": 30,
        "KeepAlivePeriodInSeconds": 21_600,
    }
    sandbox.sagemaker().add_training_job(
        "specimen",
        status="Completed",
        created_at=now - timedelta(hours=4),
        duration=timedelta(hours=2),
        tags={},
        ResourceConfig=pool,
    )


def _tracking_server(sandbox: Sandbox, now: datetime) -> None:
    sandbox.sagemaker().add_tracking_server(
        "specimen", is_used=False, created_at=now - LONG_AGO, tags={}
    )


def _monitoring(sandbox: Sandbox, now: datetime) -> None:
    ran = [(now - timedelta(hours=back), timedelta(minutes=20)) for back in range(1, 24)]
    sandbox.sagemaker().add_monitoring_schedule(
        "specimen", endpoint="gone", ran=ran, created_at=now - LONG_AGO, tags={}
    )


def _recommender(sandbox: Sandbox, now: datetime) -> None:
    sandbox.sagemaker().add_recommendations_job(
        "specimen", duration=timedelta(hours=2), created_at=now - timedelta(days=4), tags={}
    )


def _cluster(sandbox: Sandbox, now: datetime) -> None:
    sandbox.sagemaker().add_cluster(
        "specimen",
        groups={"gpu": ("ml.p5.48xlarge", 1)},
        eks="lab",
        created_at=now - LONG_AGO,
        tags={},
    )
    _flat(sandbox, "ContainerInsights", "node_gpu_utilization", {"ClusterName": "lab"}, now)


def _throughput(sandbox: Sandbox, now: datetime) -> None:
    arn = sandbox.bedrock().add_provisioned_model("specimen", created_at=now - LONG_AGO, tags={})
    _flat(sandbox, "AWS/Bedrock", "Invocations", {"ModelId": arn}, now)


def _node_group(sandbox: Sandbox, now: datetime) -> None:
    sandbox.eks().add_node_group("specimen", tags={}, modified_at=now - LONG_AGO)
    publish(sandbox, "specimen", now=now)


def _component(sandbox: Sandbox, now: datetime) -> None:
    """A model on shared instances, which nobody calls."""
    old, fleet = now - LONG_AGO, sandbox.sagemaker()
    managed = {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 2}
    variant = {
        "VariantName": "v",
        "InstanceType": GPU,
        "InitialInstanceCount": 1,
        "ManagedInstanceScaling": managed,
    }
    fleet.add_endpoint_config("host", variants=[variant], tags={}, created_at=old)
    fleet.add_endpoint("host", config="host", created_at=old, tags={})
    fleet.add_inference_component("specimen", endpoint="host", created_at=old)
    _flat(sandbox, "AWS/SageMaker", "Invocations", {"InferenceComponentName": "specimen"}, now)


OWNER = "require_tags: {Owner: {}}, action: notify"
STUCK = "idle: {gpu_below: 5, for: 30m}"
UNUSED = "idle: {for: 48h}"


def _of_job(kind: str, word: str, component: str, usage: str) -> Specimen:
    return Specimen(
        kind=kind,
        name="specimen",
        rules={
            "idle": f"resources: {kind}, {STUCK}",
            "policy": f"resources: {kind}, {OWNER}",
        },
        seed=_job(kind),
        looks=_status(
            "sagemaker",
            f"describe_{word.lower()}_job",
            f"{word}JobStatus",
            **{f"{word}JobName": "specimen"},
        ),
        acts="idle",
        prices={component: f"{usage}:{GPU}"},
    )


def _service(kind: str, seed: Seed, **more: Any) -> Specimen:
    action = more.pop("action", "stop")
    rules = {"idle": f"resources: {kind}, {UNUSED}, action: {action}"}
    if kind in KINDS:
        rules["policy"] = f"resources: {kind}, {OWNER}"
    return Specimen(kind=kind, name=more.pop("name", "specimen"), rules=rules, seed=seed, **more)


SPECIMENS = (
    Specimen(
        kind="notebook-instance",
        name="specimen",
        rules={
            "idle": "resources: notebook-instance, idle: {for: 2h}",
            "hours": "resources: notebook-instance, outside: closed",
            "policy": f"resources: notebook-instance, {OWNER}",
        },
        seed=_notebook,
        looks=_status(
            "sagemaker",
            "describe_notebook_instance",
            "NotebookInstanceStatus",
            NotebookInstanceName="specimen",
        ),
        acts="idle",
    ),
    Specimen(
        kind="studio-app",
        name="space/lab/JupyterLab/default",
        rules={
            "idle": "resources: studio-app, idle: {for: 2h}",
            "hours": "resources: studio-app, outside: closed",
            "policy": f"resources: studio-app, {OWNER}",
        },
        seed=_app,
        looks=_status(
            "sagemaker",
            "describe_app",
            "Status",
            DomainId="d-one",
            SpaceName="lab",
            AppType="JupyterLab",
            AppName="default",
        ),
        acts="hours",
    ),
    _service(
        "studio-file-system",
        _home,
        name="empty",
        action="notify",
        prices={"EFS": "USE1-TimedStorage-ByteHrs"},
        listed={"service": "AmazonEFS", "family": "Storage", "unit": "GB-Mo"},
    ),
    _service(
        "studio-space",
        _space,
        action="notify",
        prices={"Storage": "USE1-Studio:VolumeUsage.gp3"},
        listed={"family": "Storage", "unit": "GB-Mo"},
    ),
    Specimen(
        kind="endpoint",
        name="specimen",
        rules={
            "idle": "resources: endpoint, idle: {for: 48h}",
            "hours": "resources: real-time-endpoint, "
            "capacity: {hours: closed, during: [2, 2], outside: [1, 1]}",
            "policy": f"resources: endpoint, {OWNER}",
        },
        seed=_endpoint,
        looks=_status("sagemaker", "describe_endpoint", "EndpointStatus", EndpointName="specimen"),
        acts="idle",
    ),
    Specimen(
        kind="inference-component",
        name="specimen",
        rules={
            "hours": "resources: inference-component, "
            "capacity: {hours: closed, during: [1, 2], outside: [0, 1], target_invocations: 10}",
        },
        seed=_component,
        elsewhere={"acted on": "tests/integration/test_capacity_week.py"},
    ),
    _of_job("training-job", "Training", "Training", "USE1-Train"),
    _of_job("processing-job", "Processing", "Processing", "USE1-Processing"),
    _of_job("transform-job", "Transform", "BatchTransform", "USE1-Tsform"),
    Specimen(
        kind="hyper-parameter-tuning-job",
        name="specimen",
        rules={
            "idle": f"resources: hyper-parameter-tuning-job, {STUCK}",
            "policy": f"resources: hyper-parameter-tuning-job, {OWNER}",
        },
        seed=_tuning,
        looks=_status(
            "sagemaker",
            "describe_hyper_parameter_tuning_job",
            "HyperParameterTuningJobStatus",
            HyperParameterTuningJobName="specimen",
        ),
        acts="idle",
        prices={"Training": f"USE1-Train:{GPU}"},
    ),
    Specimen(
        kind="auto-ml-job",
        name="specimen",
        rules={
            "idle": "resources: auto-ml-job, past_max_runtime: 30m",
            "policy": f"resources: auto-ml-job, {OWNER}",
        },
        seed=_auto_ml,
        looks=_status(
            "sagemaker", "describe_auto_ml_job_v2", "AutoMLJobStatus", AutoMLJobName="specimen"
        ),
        acts="idle",
    ),
    Specimen(
        kind="warm-pool",
        name="specimen",
        rules={"idle": "resources: training-job, unused_warm_pools: 30m"},
        seed=_warm_pool,
        looks=_status(
            "sagemaker",
            "describe_training_job",
            *("WarmPoolStatus", "Status"),
            TrainingJobName="specimen",
        ),
        acts="idle",
        prices={"Training": f"USE1-Train:{GPU}"},
    ),
    _service(
        "cluster", _cluster, action="notify", prices={"Cluster": "USE1-Cluster:ml.p5.48xlarge"}
    ),
    _service(
        "mlflow-tracking-server",
        _tracking_server,
        looks=_server_runs,
        acts="idle",
        prices={"MLflow": "USE1-MLflow:TrackingServerCompute-Small"},
    ),
    _service(
        "monitoring-schedule",
        _monitoring,
        looks=_status(
            "sagemaker",
            "describe_monitoring_schedule",
            "MonitoringScheduleStatus",
            MonitoringScheduleName="specimen",
        ),
        acts="idle",
        prices={"Processing": "USE1-Processing:ml.m5.xlarge"},
    ),
    _service(
        "inference-recommendations-job",
        _recommender,
        looks=_status(
            "sagemaker", "describe_inference_recommendations_job", "Status", JobName="specimen"
        ),
        acts="idle",
    ),
    _service(
        "provisioned-model",
        _throughput,
        action="delete",
        prices={"Bedrock-ModelUnits": TITAN_UNITS},
        listed={"service": "AmazonBedrock", "unit": "hour"},
        looks=_status(
            "bedrock",
            "get_provisioned_model_throughput",
            "status",
            provisionedModelId="specimen",
        ),
        acts="idle",
    ),
    Specimen(
        kind="node-group",
        name="ml/specimen",
        rules={
            "idle": "resources: node-group, idle: {gpu_below: 5, for: 2h}, "
            "cluster_autoscaler: absent",
            "hours": "resources: node-group, outside: closed, cluster_autoscaler: absent",
            "policy": f"resources: node-group, {OWNER}",
        },
        seed=_node_group,
        looks=_status(
            "eks",
            "describe_nodegroup",
            *("nodegroup", "scalingConfig"),
            clusterName="ml",
            nodegroupName="specimen",
        ),
        acts="idle",
    ),
)

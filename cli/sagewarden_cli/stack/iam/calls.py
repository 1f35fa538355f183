"""Which questions an API call puts to IAM: actions, resources and condition keys.

From the Service Authorization Reference. A call that is not in these tables is an error: what a
function does must be known before it can be said to be allowed.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sagewarden_cli.sandbox.membership import ORGANIZATION
from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.iam.requests import Context, Request

type TagsOf = Callable[[str], Mapping[str, str]]
type Finder = Callable[[ObservedCall], Iterator[tuple[str, str]]]


class UnknownCallError(LookupError):
    """No table says what a call needs."""


def requests_of(call: ObservedCall, role: str, tags_of: TagsOf) -> tuple[Request, ...]:
    """Return what IAM is asked when a role makes a call.

    Args:
        call: The call.
        role: The caller's role.
        tags_of: The tags of a resource at the moment of the call, by ARN.

    Raises:
        UnknownCallError: The call is in no table.
    """
    find = _FINDERS.get((call.service, call.operation)) or _FINDERS.get((call.service, "*"))
    if find is None:
        raise UnknownCallError(
            f"{call.service}.{call.operation} is in no table of {__name__}: add what it needs"
        )
    common = _circumstances(call)
    try:
        asked = tuple(find(call))
    except KeyError as missing:
        raise UnknownCallError(f"{call.service}.{call.operation} came without {missing}") from None
    return tuple(
        Request(role, action, resource, {**common, **_passed(action), **_place(resource, tags_of)})
        for action, resource in asked
    )


def _circumstances(call: ObservedCall) -> Context:
    found: dict[str, tuple[str, ...]] = {"aws:requestedregion": (call.region,)}
    if tags := _written_tags(call.params):
        found["aws:tagkeys"] = tuple(key for key, _ in tags)
        found |= {f"aws:requesttag/{key}".lower(): (value,) for key, value in tags}
    for key, member in _REQUEST_KEYS.items():
        if member in call.params:
            found[key] = (str(call.params[member]),)
    if call.operation == "PutEvents":
        entries = call.params["Entries"]
        found["events:source"] = tuple(dict.fromkeys(entry["Source"] for entry in entries))
    item = call.params.get("Key") or call.params.get("Item")
    if call.service == "dynamodb" and isinstance(item, dict) and "pk" in item:
        found["dynamodb:leadingkeys"] = (item["pk"]["S"],)
    if call.operation == "ListObjectsV2" and "prefix" in (query := call.params.get("query", {})):
        found["s3:prefix"] = (str(query["prefix"]),)
    if call.operation == "RegisterScalableTarget":
        found["iam:awsservicename"] = (_SCALER,)
    return found


def _written_tags(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The tags that a request writes; Bedrock spells their members with a small first letter."""
    for member, key, value in (("Tags", "Key", "Value"), ("tags", "key", "value")):
        tags = params.get(member)
        if isinstance(tags, list):
            return [(tag[key], tag[value]) for tag in tags]
    return []


def _passed(action: str) -> Context:
    """To which service a role is passed: SageMaker is the only one that gets any here."""
    passed = {"iam:passedtoservice": ("sagemaker.amazonaws.com",)}
    return passed if action == "iam:PassRole" else {}


def _place(resource: str, tags_of: TagsOf) -> Context:
    """The keys of a resource: whose it is, and its tags."""
    if resource == "*":
        return {}
    account = resource.split(":", 5)[4]
    tags = {
        f"{prefix}:resourcetag/{key}".lower(): (value,)
        for key, value in tags_of(resource).items()
        for prefix in ("aws", "sagemaker")
    }
    return {"aws:resourceaccount": (account,), **tags} if account else tags


_REQUEST_KEYS = {
    "application-autoscaling:service-namespace": "ServiceNamespace",
    "application-autoscaling:scalable-dimension": "ScalableDimension",
    "cloudwatch:namespace": "Namespace",
    "sts:externalid": "ExternalId",
    "sts:rolesessionname": "RoleSessionName",
}
_SCALER = "sagemaker.application-autoscaling.amazonaws.com"


def _arn(call: ObservedCall, service: str, rest: str) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{rest}"


def _anything(prefix: str) -> Finder:
    """An action that takes no resource."""

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        yield f"{prefix}:{call.operation}", "*"

    return find


def _nothing(_call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A call that needs no permission."""
    return iter(())


def _sagemaker(*members: tuple[str, str]) -> Finder:
    """Resources named by members of the request: pairs of an ARN's kind and the member."""

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        for kind, member in members:
            resource = _arn(call, "sagemaker", f"{kind}/{call.params[member]}")
            yield f"sagemaker:{call.operation}", resource

    return find


def _creation(*members: tuple[str, str]) -> Finder:
    """The same, of what is created: with tags it needs the right to tag the new resource, too."""
    find_created = _sagemaker(*members)

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        yield from find_created(call)
        if call.params.get("Tags"):
            kind, member = members[0]
            yield "sagemaker:AddTags", _arn(call, "sagemaker", f"{kind}/{call.params[member]}")
        if role := call.params.get("ExecutionRoleArn"):
            yield "iam:PassRole", str(role)

    return find


def _in_domain(kind: str, *members: str) -> Finder:
    """What lives in a Studio domain: an ARN's kind and the members that make up its path.

    Of members written ``one|other`` the one that the request has counts.
    """

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        parts = [
            next(call.params[name] for name in member.split("|") if call.params.get(name))
            for member in ("DomainId", *members)
        ]
        resource = _arn(call, "sagemaker", "/".join((kind, *parts)))
        yield f"sagemaker:{call.operation}", resource
        if call.operation.startswith("Create") and call.params.get("Tags"):
            yield "sagemaker:AddTags", resource

    return find


def _member(prefix: str, member: str) -> Finder:
    """A resource that the request names by its ARN."""

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        yield f"{prefix}:{call.operation}", str(call.params[member])

    return find


def _node_group(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A node group of EKS; its ARN ends in an id, which the request does not tell."""
    path = f"nodegroup/{call.params['clusterName']}/{call.params['nodegroupName']}"
    yield f"eks:{call.operation}", _arn(call, "eks", path)


def _table(call: ObservedCall) -> Iterator[tuple[str, str]]:
    index = call.params.get("IndexName")
    suffix = f"/index/{index}" if index else ""
    yield (
        f"dynamodb:{call.operation}",
        _arn(call, "dynamodb", f"table/{call.params['TableName']}{suffix}"),
    )


def _transaction(call: ObservedCall) -> Iterator[tuple[str, str]]:
    for item in call.params["TransactItems"]:
        [(kind, entry)] = item.items()
        action = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
        yield f"dynamodb:{action}", _arn(call, "dynamodb", f"table/{entry['TableName']}")


def _batch(call: ObservedCall) -> Iterator[tuple[str, str]]:
    for table in call.params["RequestItems"]:
        yield f"dynamodb:{call.operation}", _arn(call, "dynamodb", f"table/{table}")


def _queue(call: ObservedCall) -> Iterator[tuple[str, str]]:
    name = str(call.params["QueueUrl"]).rpartition("/")[2]
    yield f"sqs:{call.operation.removesuffix('Batch')}", _arn(call, "sqs", name)


def _any_alarm(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """The listing of alarms: of all, unless the call names some."""
    for name in call.params.get("AlarmNames") or ["*"]:
        yield f"cloudwatch:{call.operation}", _arn(call, "cloudwatch", f"alarm:{name}")


def _object(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """An object of a bucket: the path of the request, as S3 has it for buckets in the path."""
    yield f"s3:{call.operation}", f"arn:aws:s3:::{str(call.params['path']).lstrip('/')}"


def _bucket(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A listing of a bucket, whose right is named after the bucket, not after the call."""
    yield "s3:ListBucket", f"arn:aws:s3:::{str(call.params['path']).strip('/')}"


def _alarm(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """An alarm that is made or changed; with tags it needs the right to tag it, too."""
    alarm = _arn(call, "cloudwatch", f"alarm:{call.params['AlarmName']}")
    yield f"cloudwatch:{call.operation}", alarm
    if call.params.get("Tags"):
        yield "cloudwatch:TagResource", alarm


def _alarms(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """The alarms that are named one by one."""
    for name in call.params["AlarmNames"]:
        yield f"cloudwatch:{call.operation}", _arn(call, "cloudwatch", f"alarm:{name}")


def _table_stream(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A table's stream, which GetRecords names in its iterator only, and ListStreams not at all."""
    stream = call.params.get("StreamArn") or str(call.params.get("ShardIterator", "")).split("|")[0]
    listed = _arn(call, "dynamodb", f"table/{call.params.get('TableName', '*')}/stream/*")
    yield f"dynamodb:{call.operation}", str(stream or listed)


def _bus(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """The buses that events go to, by name or by ARN."""
    for name in {str(entry.get("EventBusName", "default")) for entry in call.params["Entries"]}:
        bus = name if name.startswith("arn:") else _arn(call, "events", f"event-bus/{name}")
        yield f"events:{call.operation}", bus


def _log_stream(call: ObservedCall) -> Iterator[tuple[str, str]]:
    group, stream = call.params["logGroupName"], call.params["logStreamName"]
    place = f"log-group:{group}:log-stream:{stream}"
    yield f"logs:{call.operation}", _arn(call, "logs", place)


def _scalable_target(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A scalable target: its ARN ends in an id that only AWS knows, so patterns must be open."""
    prefix = "application-autoscaling"
    target = _arn(call, prefix, f"scalable-target/{call.params['ResourceId']}")
    yield f"{prefix}:{call.operation}", target


def _tracking(action: str) -> Finder:
    """A change of scaling policies: the caller needs the right to their alarms, too.

    Application Auto Scaling user guide, "Permissions required for API actions on target services
    and CloudWatch". The alarms' names end in an id that only AWS knows.
    """

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        yield from _scalable_target(call)
        alarm = _arn(call, "cloudwatch", f"alarm:TargetTracking-{call.params['ResourceId']}-Alarm")
        yield "cloudwatch:DescribeAlarms", alarm
        yield f"cloudwatch:{action}", alarm

    return find


def _registration(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A new target: AWS looks at the endpoint, sets its capacity, and makes its role once."""
    yield from _scalable_target(call)
    if call.params.get("Tags"):
        target = _arn(
            call, "application-autoscaling", f"scalable-target/{call.params['ResourceId']}"
        )
        yield "application-autoscaling:TagResource", target
    kind, name = str(call.params["ResourceId"]).split("/")[:2]
    scaled = _arn(call, "sagemaker", f"{kind}/{name}")
    for action in _SCALED_BY[kind]:
        yield f"sagemaker:{action}", scaled
    role = f"aws-service-role/{_SCALER}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    yield "iam:CreateServiceLinkedRole", f"arn:aws:iam::{call.account}:role/{role}"


_SCALED_BY = {
    "endpoint": ("DescribeEndpoint", "UpdateEndpointWeightsAndCapacities"),
    "inference-component": (
        "DescribeInferenceComponent",
        "UpdateInferenceComponentRuntimeConfig",
    ),
}
"""What Application Auto Scaling asks of whoever registers a target (its user guide, see above)."""


def _named(prefix: str, kind: str, member: str) -> Finder:
    """A resource of one kind that the request names."""

    def find(call: ObservedCall) -> Iterator[tuple[str, str]]:
        name = str(call.params[member]).lstrip("/")
        yield f"{prefix}:{call.operation}", _arn(call, prefix, f"{kind}/{name}")

    return find


def _cluster(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """A HyperPod cluster, given by its ARN or its name; its ARN ends in an id."""
    which = str(call.params["ClusterName"])
    arn = which if which.startswith("arn:") else _arn(call, "sagemaker", f"cluster/{which}")
    yield f"sagemaker:{call.operation}", arn


def _throughput(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """Provisioned throughput, given by its ARN or its name."""
    which = str(call.params["provisionedModelId"])
    arn = which if which.startswith("arn:") else _arn(call, "bedrock", f"provisioned-model/{which}")
    yield f"bedrock:{call.operation}", arn


def _purchase(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """Throughput that is bought of a model; with tags it needs the right to tag it, too."""
    model, bought = str(call.params["modelId"]), _arn(call, "bedrock", "provisioned-model/new")
    yield f"bedrock:{call.operation}", bought
    yield f"bedrock:{call.operation}", model
    if call.params.get("tags"):
        yield "bedrock:TagResource", bought


def _file_systems(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """One file system, or all of them."""
    which = call.params.get("FileSystemId", "*")
    arn = _arn(call, "elasticfilesystem", f"file-system/{which}")
    yield f"elasticfilesystem:{call.operation}", arn


def _services(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """Services of an ECS cluster, each of which the request names or gives by its ARN."""
    cluster = str(call.params.get("cluster", "default")).rpartition("/")[2]
    for service in call.params["services"]:
        name = str(service).rpartition("/")[2]
        yield f"ecs:{call.operation}", _arn(call, "ecs", f"service/{cluster}/{name}")


def _operations(service: str, finder: Finder, *names: str) -> dict[tuple[str, str], Finder]:
    return {(service, name): finder for name in names}


_ENDPOINT = ("endpoint", "EndpointName")
_CONFIG = ("endpoint-config", "EndpointConfigName")
_COMPONENT = ("inference-component", "InferenceComponentName")
_NOTEBOOK = ("notebook-instance", "NotebookInstanceName")


def _in_organization(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """What an organisation says of one of its roots, units or accounts."""
    found = str(call.params.get("ParentId") or call.params["ResourceId"])
    kind = {"r-": "root", "ou": "ou"}.get(found[:2], "account")
    arn = f"arn:aws:organizations::{call.account}:{kind}/{ORGANIZATION}/{found}"
    yield f"organizations:{call.operation}", arn


def _account(call: ObservedCall) -> Iterator[tuple[str, str]]:
    """What Account Management says of the caller's own account, or of another member."""
    other = call.params.get("AccountId")
    tail = f"account/{ORGANIZATION}/{other}" if other else "account"
    yield f"account:{call.operation}", f"arn:aws:account::{call.account}:{tail}"


_FINDERS: Mapping[tuple[str, str], Finder] = {
    **_operations("organizations", _anything("organizations"), "ListAccounts", "ListRoots"),
    **_operations(
        "organizations",
        _in_organization,
        "ListAccountsForParent",
        "ListOrganizationalUnitsForParent",
        "ListTagsForResource",
    ),
    **_operations("account", _account, "ListRegions"),
    **_operations(
        "sagemaker",
        _anything("sagemaker"),
        *("ListNotebookInstances", "ListEndpoints", "ListEndpointConfigs"),
        *("ListInferenceComponents", "ListModels", "ListTrainingJobs", "ListDomains"),
        *("ListApps", "ListSpaces", "ListUserProfiles"),
        *("ListProcessingJobs", "ListTransformJobs", "ListHyperParameterTuningJobs"),
        *("ListAutoMLJobs", "ListTrainingJobsForHyperParameterTuningJob"),
        "ListClusters",
        *("ListMlflowTrackingServers", "ListInferenceRecommendationsJobs"),
        *("ListMonitoringSchedules", "ListMonitoringExecutions"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(_NOTEBOOK),
        *("DescribeNotebookInstance", "StopNotebookInstance", "StartNotebookInstance"),
        *("DeleteNotebookInstance", "UpdateNotebookInstance"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(_ENDPOINT),
        *("DescribeEndpoint", "DeleteEndpoint", "UpdateEndpointWeightsAndCapacities"),
    ),
    **_operations("sagemaker", _sagemaker(_ENDPOINT, _CONFIG), "UpdateEndpoint"),
    **_operations("sagemaker", _creation(_ENDPOINT, _CONFIG), "CreateEndpoint"),
    **_operations("sagemaker", _creation(_CONFIG), "CreateEndpointConfig"),
    **_operations(
        "sagemaker",
        _sagemaker(_CONFIG),
        "DescribeEndpointConfig",
        "DeleteEndpointConfig",
    ),
    **_operations(
        "sagemaker",
        _sagemaker(_COMPONENT),
        *("DescribeInferenceComponent", "UpdateInferenceComponentRuntimeConfig"),
        "DeleteInferenceComponent",
    ),
    **_operations("sagemaker", _creation(_COMPONENT, _ENDPOINT), "CreateInferenceComponent"),
    **_operations("sagemaker", _creation(("model", "ModelName")), "CreateModel"),
    **_operations("sagemaker", _sagemaker(("model", "ModelName")), "DescribeModel"),
    ("sagemaker", "DescribeDomain"): _sagemaker(("domain", "DomainId")),
    ("sagemaker", "DescribeUserProfile"): _in_domain("user-profile", "UserProfileName"),
    ("sagemaker", "DescribeSpace"): _in_domain("space", "SpaceName"),
    **_operations(
        "sagemaker",
        _in_domain("app", "SpaceName|UserProfileName", "AppType", "AppName"),
        *("DescribeApp", "DeleteApp", "CreateApp"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("training-job", "TrainingJobName")),
        *("StopTrainingJob", "DescribeTrainingJob", "UpdateTrainingJob"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("processing-job", "ProcessingJobName")),
        *("StopProcessingJob", "DescribeProcessingJob"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("transform-job", "TransformJobName")),
        *("StopTransformJob", "DescribeTransformJob"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("hyper-parameter-tuning-job", "HyperParameterTuningJobName")),
        *("StopHyperParameterTuningJob", "DescribeHyperParameterTuningJob"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("automl-job", "AutoMLJobName")),
        *("StopAutoMLJob", "DescribeAutoMLJobV2"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("mlflow-tracking-server", "TrackingServerName")),
        *("DescribeMlflowTrackingServer", "StopMlflowTrackingServer"),
        "StartMlflowTrackingServer",
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("monitoring-schedule", "MonitoringScheduleName")),
        *("DescribeMonitoringSchedule", "StopMonitoringSchedule", "StartMonitoringSchedule"),
    ),
    **_operations(
        "sagemaker",
        _sagemaker(("inference-recommendations-job", "JobName")),
        *("DescribeInferenceRecommendationsJob", "StopInferenceRecommendationsJob"),
    ),
    ("sagemaker", "DescribeCluster"): _cluster,
    ("bedrock", "ListProvisionedModelThroughputs"): _anything("bedrock"),
    **_operations(
        "bedrock",
        _throughput,
        *("GetProvisionedModelThroughput", "DeleteProvisionedModelThroughput"),
    ),
    **_operations(
        "bedrock", _member("bedrock", "resourceARN"), "ListTagsForResource", "TagResource"
    ),
    ("bedrock", "CreateProvisionedModelThroughput"): _purchase,
    ("efs", "DescribeFileSystems"): _file_systems,
    **_operations(
        "sagemaker", _member("sagemaker", "ResourceArn"), "AddTags", "ListTags", "DeleteTags"
    ),
    **_operations("dynamodb", _transaction, "TransactWriteItems", "TransactGetItems"),
    **_operations("dynamodb", _batch, "BatchGetItem", "BatchWriteItem"),
    ("dynamodb", "*"): _table,
    **_operations(
        "dynamodb",  # its streams sign as it does
        _table_stream,
        *("DescribeStream", "GetShardIterator", "GetRecords", "ListStreams"),
    ),
    ("events", "PutEvents"): _bus,
    ("sqs", "*"): _queue,
    ("cloudwatch", "DescribeAlarms"): _any_alarm,
    ("cloudwatch", "PutMetricAlarm"): _alarm,
    ("cloudwatch", "DeleteAlarms"): _alarms,
    ("cloudwatch", "ListTagsForResource"): _member("cloudwatch", "ResourceARN"),
    ("cloudwatch", "*"): _anything("cloudwatch"),
    **_operations("s3", _object, "PutObject", "GetObject"),
    ("s3", "ListObjectsV2"): _bucket,
    ("resourcegroupstaggingapi", "*"): _anything("tag"),
    **_operations(
        "application-autoscaling",
        _anything("application-autoscaling"),
        *("DescribeScalableTargets", "DescribeScalingPolicies", "DescribeScheduledActions"),
        "DescribeScalingActivities",
    ),
    ("application-autoscaling", "ListTagsForResource"): _member(
        "application-autoscaling", "ResourceARN"
    ),
    **_operations(
        "application-autoscaling",
        _scalable_target,
        *("DeregisterScalableTarget", "PutScheduledAction", "DeleteScheduledAction"),
    ),
    ("application-autoscaling", "RegisterScalableTarget"): _registration,
    ("application-autoscaling", "PutScalingPolicy"): _tracking("PutMetricAlarm"),
    ("application-autoscaling", "DeleteScalingPolicy"): _tracking("DeleteAlarms"),
    ("service-quotas", "*"): _anything("servicequotas"),
    ("eks", "ListClusters"): _anything("eks"),
    ("eks", "DescribeCluster"): _named("eks", "cluster", "name"),
    ("eks", "ListNodegroups"): _named("eks", "cluster", "clusterName"),
    **_operations("eks", _node_group, "DescribeNodegroup", "UpdateNodegroupConfig"),
    ("autoscaling", "DescribeAutoScalingGroups"): _anything("autoscaling"),
    ("ec2", "DescribeLaunchTemplateVersions"): _anything("ec2"),
    **_operations(
        "ecs",
        _anything("ecs"),
        *("ListTaskDefinitionFamilies", "DescribeTaskDefinition", "ListClusters", "ListServices"),
    ),
    ("ecs", "DescribeServices"): _services,
    ("ecr", "DescribeImages"): _named("ecr", "repository", "repositoryName"),
    ("sts", "GetCallerIdentity"): _nothing,
    ("sts", "AssumeRole"): _member("sts", "RoleArn"),
    **_operations(
        "sns",
        _member("sns", "TopicArn"),
        *("Publish", "GetTopicAttributes", "ListSubscriptionsByTopic"),
    ),
    **_operations("logs", _log_stream, "CreateLogStream", "PutLogEvents"),
    **_operations("ssm", _named("ssm", "parameter", "Name"), "GetParameter", "PutParameter"),
    ("secretsmanager", "GetSecretValue"): _member("secretsmanager", "SecretId"),
}

"""What each bot's role may do: in the accounts that it governs, and in the stack itself.

No function reads this: the templates say the same, and `tests/architecture/test_stack.py` compares
them. Resource patterns are CloudFormation texts, letter for letter those of ``template.yaml`` and
``spoke.yaml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sagewarden.bots import Bot

SAGEMAKER = "arn:${AWS::Partition}:sagemaker:*:${AWS::AccountId}:"
"""Any region: the policy's targets say which; the stack lives in one of them."""

BEDROCK = "arn:${AWS::Partition}:bedrock:*:${AWS::AccountId}:"

NO_NARROWING = "the service knows no resource for this call"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a function's role allows.

    Attributes:
        actions: IAM actions, without wildcards.
        resources: Resource patterns.
        condition: The condition block, with CloudFormation texts for values.
        why_any: Why the resource is ``*``, where it is.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str | tuple[str, ...]]] = field(
        default_factory=dict[str, Mapping[str, str | tuple[str, ...]]]
    )
    why_any: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a bot's role may do in every account that it governs.

    Attributes:
        grants: What it needs.
        denied_on_protected: The calls that it denies on protected tags.
    """

    grants: tuple[Grant, ...]
    denied_on_protected: tuple[str, ...]


_SHARED = (
    Grant(
        ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"),
        ("${Ledger.Arn}",),
    ),
    Grant(("sns:Publish", "sns:ListSubscriptionsByTopic"), ("${NoticesTopic}",)),
    # Where owners are told in Slack: only the condition HasSlack grants it.
    Grant(("sqs:SendMessage",), ("${NoticesQueue.Arn}",)),
    Grant(
        ("kms:Decrypt", "kms:GenerateDataKey"),
        ("${NoticesKey.Arn}",),
        {"StringEquals": {"kms:ViaService": "sns.${AWS::Region}.amazonaws.com"}},
    ),
    Grant(
        ("sts:AssumeRole",),
        ("arn:${AWS::Partition}:iam::*:role/${SpokeRoleName}",),
        {"StringEquals": {"aws:ResourceAccount": "${SpokeAccounts}"}},
    ),
    Grant(
        ("sts:AssumeRole",),
        ("arn:${AWS::Partition}:iam::*:role/${SpokeRoleName}",),
        {"StringEquals": {"aws:ResourceOrgID": "${OrganizationId}"}},
    ),
)
"""The ledger, the notices and the ways into other accounts: the same for every bot that sweeps."""

_ARCHIVE = Grant(("s3:PutObject",), ("${Archive.Arn}/manifests/*",))
"""Manifests are only ever added; the bucket keeps older versions of what is written twice."""

_KEPT = Grant(("s3:GetObject",), ("${Archive.Arn}/manifests/*",))

_TAGS = Grant(("tag:GetResources",), ("*",), why_any=NO_NARROWING)

_EKS = "arn:${AWS::Partition}:eks:*:${AWS::AccountId}:"

_NODE_GROUP_LISTS = (
    "eks:ListClusters",
    "autoscaling:DescribeAutoScalingGroups",
    "ec2:DescribeLaunchTemplateVersions",
    "cloudwatch:ListMetrics",
)
"""What finds node groups, and what stands behind them."""

_CLUSTERS = Grant(("eks:DescribeCluster", "eks:ListNodegroups"), (f"{_EKS}cluster/*",))

_SCALABLE_TARGETS = (
    "arn:${AWS::Partition}:application-autoscaling:*:${AWS::AccountId}:scalable-target/*",
)

_ALARMS = "arn:${AWS::Partition}:cloudwatch:*:${AWS::AccountId}:alarm:*"

_WATCHED_AND_SCALED = (
    Grant(("application-autoscaling:ListTagsForResource",), _SCALABLE_TARGETS),
    Grant(("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"), (_ALARMS,)),
)
"""What a manifest holds beside SageMaker: the tags of targets, and the alarms on an endpoint."""

_SCALING = (
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
)
"""What reads the autoscaling of anything."""

_COMPONENT_COPIES = Grant(
    (
        "sagemaker:DescribeInferenceComponent",
        "sagemaker:ListTags",
        "sagemaker:UpdateInferenceComponentRuntimeConfig",
    ),
    (f"{SAGEMAKER}inference-component/*",),
)

_CONFIGS_AND_COPIES = (
    Grant(("sagemaker:DescribeModel",), (f"{SAGEMAKER}model/*",)),
    Grant(
        ("sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"),
        (f"{SAGEMAKER}endpoint-config/*",),
    ),
    # Only copies of a config without its provisioned concurrency are made, tagged and used.
    Grant(
        ("sagemaker:CreateEndpointConfig", "sagemaker:AddTags", "sagemaker:UpdateEndpoint"),
        (f"{SAGEMAKER}endpoint-config/*-no-pc-*",),
    ),
)
"""What a bot needs that keeps all of an endpoint, and releases its provisioned concurrency."""

_JOB_LISTS = (
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTransformJobs",
    "sagemaker:ListHyperParameterTuningJobs",
    "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
    "sagemaker:ListAutoMLJobs",
    "cloudwatch:ListMetrics",
)
"""What finds jobs other than training jobs; only metrics name the instances of a transform job."""

_OTHER_STOPS = (
    "sagemaker:StopProcessingJob",
    "sagemaker:StopTransformJob",
    "sagemaker:StopHyperParameterTuningJob",
    "sagemaker:StopAutoMLJob",
)

_OTHER_JOBS = (
    Grant(
        (
            "sagemaker:DescribeProcessingJob",
            "sagemaker:ListTags",
            "sagemaker:StopProcessingJob",
        ),
        (f"{SAGEMAKER}processing-job/*",),
    ),
    Grant(
        ("sagemaker:DescribeTransformJob", "sagemaker:ListTags", "sagemaker:StopTransformJob"),
        (f"{SAGEMAKER}transform-job/*",),
    ),
    Grant(
        (
            "sagemaker:DescribeHyperParameterTuningJob",
            "sagemaker:ListTags",
            "sagemaker:StopHyperParameterTuningJob",
        ),
        (f"{SAGEMAKER}hyper-parameter-tuning-job/*",),
    ),
    Grant(
        ("sagemaker:DescribeAutoMLJobV2", "sagemaker:ListTags", "sagemaker:StopAutoMLJob"),
        (f"{SAGEMAKER}automl-job/*",),
    ),
)
"""What reads and stops jobs other than training jobs."""

_SERVICE_LISTS = (
    "sagemaker:ListMlflowTrackingServers",
    "sagemaker:ListMonitoringSchedules",
    "sagemaker:ListMonitoringExecutions",
    "sagemaker:ListInferenceRecommendationsJobs",
    "sagemaker:ListClusters",
    "bedrock:ListProvisionedModelThroughputs",
)
"""What finds services; the executions of a monitoring schedule tell what it runs on."""

_SERVICE_CHANGES = (
    "sagemaker:StopMlflowTrackingServer",
    "sagemaker:StopMonitoringSchedule",
    "sagemaker:StopInferenceRecommendationsJob",
    "bedrock:DeleteProvisionedModelThroughput",
)

_SERVICES = (
    Grant(
        (
            "sagemaker:DescribeMlflowTrackingServer",
            "sagemaker:ListTags",
            "sagemaker:StopMlflowTrackingServer",
        ),
        (f"{SAGEMAKER}mlflow-tracking-server/*",),
    ),
    Grant(
        (
            "sagemaker:DescribeMonitoringSchedule",
            "sagemaker:ListTags",
            "sagemaker:StopMonitoringSchedule",
        ),
        (f"{SAGEMAKER}monitoring-schedule/*",),
    ),
    Grant(
        (
            "sagemaker:DescribeInferenceRecommendationsJob",
            "sagemaker:ListTags",
            "sagemaker:StopInferenceRecommendationsJob",
        ),
        (f"{SAGEMAKER}inference-recommendations-job/*",),
    ),
    Grant(("sagemaker:DescribeCluster", "sagemaker:ListTags"), (f"{SAGEMAKER}cluster/*",)),
    Grant(
        (
            "bedrock:GetProvisionedModelThroughput",
            "bedrock:ListTagsForResource",
            "bedrock:DeleteProvisionedModelThroughput",
        ),
        (f"{BEDROCK}provisioned-model/*",),
    ),
)
"""What reads services, stops what can be stopped, and deletes what cannot."""

_SCALING_ALARMS = tuple(
    f"arn:${{AWS::Partition}}:cloudwatch:*:${{AWS::AccountId}}:alarm:{prefix}*"
    for prefix in (
        "TargetTracking-endpoint/",
        "TargetTracking-inference-component/",
        "sagewarden-wake-",
    )
)

_SCALER = "sagemaker.application-autoscaling.amazonaws.com"

_SCALERS_ROLE = (
    f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/aws-service-role/{_SCALER}"
    "/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)

_NOTEBOOK_HOURS = Rights(
    grants=(
        Grant(
            (
                "sagemaker:ListNotebookInstances",
                "sagemaker:ListApps",
                "sagemaker:ListSpaces",
                "cloudwatch:GetMetricData",
            ),
            ("*",),
            why_any=NO_NARROWING,
        ),
        _TAGS,
        Grant(
            (
                "sagemaker:DescribeNotebookInstance",
                "sagemaker:ListTags",
                "sagemaker:StartNotebookInstance",
                "sagemaker:StopNotebookInstance",
            ),
            (f"{SAGEMAKER}notebook-instance/*",),
        ),
        # A Studio app is stopped by deleting it; the tags of its space and its user hold for it.
        Grant(
            ("sagemaker:DescribeApp", "sagemaker:ListTags", "sagemaker:DeleteApp"),
            (f"{SAGEMAKER}app/*",),
        ),
        Grant(("sagemaker:DescribeSpace", "sagemaker:ListTags"), (f"{SAGEMAKER}space/*",)),
        Grant(
            ("sagemaker:DescribeUserProfile", "sagemaker:ListTags"),
            (f"{SAGEMAKER}user-profile/*",),
        ),
    ),
    denied_on_protected=(
        "sagemaker:StartNotebookInstance",
        "sagemaker:StopNotebookInstance",
        "sagemaker:DeleteApp",
    ),
)

_IDLE_ENDPOINTS = Rights(
    grants=(
        Grant(
            (
                "sagemaker:ListEndpoints",
                "sagemaker:ListInferenceComponents",
                "cloudwatch:ListMetrics",
                "cloudwatch:GetMetricData",
                *_SCALING,
            ),
            ("*",),
            why_any=NO_NARROWING,
        ),
        _TAGS,
        *_WATCHED_AND_SCALED,
        _COMPONENT_COPIES,
        *_CONFIGS_AND_COPIES,
        Grant(
            (
                "sagemaker:DescribeEndpoint",
                "sagemaker:ListTags",
                "sagemaker:UpdateEndpoint",
                "sagemaker:DeleteEndpoint",
            ),
            (f"{SAGEMAKER}endpoint/*",),
        ),
        Grant(
            ("application-autoscaling:DeregisterScalableTarget",),
            _SCALABLE_TARGETS,
            {"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
        ),
    ),
    denied_on_protected=(
        "sagemaker:DeleteEndpoint",
        "sagemaker:UpdateEndpoint",
        "sagemaker:UpdateInferenceComponentRuntimeConfig",
    ),
)

_GUARDRAILS = Rights(
    grants=(
        Grant(
            (
                "sagemaker:ListNotebookInstances",
                "sagemaker:ListEndpoints",
                "sagemaker:ListInferenceComponents",
                "sagemaker:ListTrainingJobs",
                "sagemaker:ListDomains",
                "sagemaker:ListUserProfiles",
                "sagemaker:ListApps",
                "sagemaker:ListSpaces",
                *_SERVICE_LISTS,
                *_NODE_GROUP_LISTS,
                *_JOB_LISTS,
                *_SCALING,
            ),
            ("*",),
            why_any=NO_NARROWING,
        ),
        _CLUSTERS,
        Grant(("eks:DescribeNodegroup",), (f"{_EKS}nodegroup/*",)),
        _TAGS,
        *_WATCHED_AND_SCALED,
        # Whatever SageMaker creates may have to be tagged; only the owner's tag is ever written.
        Grant(("sagemaker:ListTags",), (f"{SAGEMAKER}*",)),
        Grant(
            ("sagemaker:AddTags",),
            (f"{SAGEMAKER}*",),
            {"ForAllValues:StringEquals": {"aws:TagKeys": "${OwnerTag}"}},
        ),
        Grant(
            ("sagemaker:DescribeNotebookInstance", "sagemaker:StopNotebookInstance"),
            (f"{SAGEMAKER}notebook-instance/*",),
        ),
        Grant(
            ("sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"),
            (f"{SAGEMAKER}training-job/*",),
        ),
        *_OTHER_JOBS,
        *_SERVICES,
        Grant(
            ("bedrock:TagResource",),
            (f"{BEDROCK}provisioned-model/*",),
            {"ForAllValues:StringEquals": {"aws:TagKeys": "${OwnerTag}"}},
        ),
        Grant(
            ("sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint"),
            (f"{SAGEMAKER}endpoint/*",),
        ),
        Grant(("sagemaker:DescribeEndpointConfig",), (f"{SAGEMAKER}endpoint-config/*",)),
        Grant(("sagemaker:DescribeDomain",), (f"{SAGEMAKER}domain/*",)),
        Grant(("sagemaker:DescribeUserProfile",), (f"{SAGEMAKER}user-profile/*",)),
        Grant(("sagemaker:DescribeModel",), (f"{SAGEMAKER}model/*",)),
        Grant(("sagemaker:DescribeApp", "sagemaker:DeleteApp"), (f"{SAGEMAKER}app/*",)),
        Grant(("sagemaker:DescribeSpace",), (f"{SAGEMAKER}space/*",)),
    ),
    denied_on_protected=(
        "sagemaker:StopNotebookInstance",
        "sagemaker:StopTrainingJob",
        "sagemaker:DeleteApp",
        *_OTHER_STOPS,
        *_SERVICE_CHANGES,
        "sagemaker:DeleteEndpoint",
    ),
)

_PROVISIONED_CONCURRENCY = Rights(
    grants=(
        Grant(
            (
                "sagemaker:ListEndpoints",
                "cloudwatch:GetMetricData",
                "servicequotas:ListServiceQuotas",
                *_SCALING,
                "sagemaker:ListInferenceComponents",
            ),
            ("*",),
            why_any=NO_NARROWING,
        ),
        _TAGS,
        *_WATCHED_AND_SCALED,
        *_CONFIGS_AND_COPIES,
        Grant(
            (
                "sagemaker:DescribeEndpoint",
                "sagemaker:ListTags",
                "sagemaker:UpdateEndpoint",
                "sagemaker:UpdateEndpointWeightsAndCapacities",
            ),
            (f"{SAGEMAKER}endpoint/*",),
        ),
        _COMPONENT_COPIES,
        Grant(
            (
                "application-autoscaling:RegisterScalableTarget",
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:DeleteScalingPolicy",
                "application-autoscaling:PutScheduledAction",
                "application-autoscaling:DeleteScheduledAction",
            ),
            _SCALABLE_TARGETS,
            {
                "StringEquals": {
                    "application-autoscaling:service-namespace": "sagemaker",
                    "application-autoscaling:scalable-dimension": (
                        "sagemaker:variant:DesiredProvisionedConcurrency",
                        "sagemaker:variant:DesiredInstanceCount",
                        "sagemaker:inference-component:DesiredCopyCount",
                    ),
                }
            },
        ),
        # What Application Auto Scaling asks of its caller when a policy that tracks a target is
        # put or removed (its user guide, "Permissions required for API actions on target
        # services and CloudWatch"), and when the first target of an account is registered; it may
        # describe every alarm already. And the alarms that wake what has nothing.
        Grant(
            ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"),
            _SCALING_ALARMS,
        ),
        Grant(
            ("iam:CreateServiceLinkedRole",),
            (_SCALERS_ROLE,),
            {"StringEquals": {"iam:AWSServiceName": _SCALER}},
        ),
    ),
    denied_on_protected=(
        "sagemaker:UpdateEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "sagemaker:UpdateInferenceComponentRuntimeConfig",
    ),
)

_TRAINING = Rights(
    grants=(
        Grant(
            ("sagemaker:ListTrainingJobs", *_JOB_LISTS, "cloudwatch:GetMetricData"),
            ("*",),
            why_any=NO_NARROWING,
        ),
        # A warm pool is ended by keeping it for no second longer.
        Grant(
            (
                "sagemaker:DescribeTrainingJob",
                "sagemaker:ListTags",
                "sagemaker:StopTrainingJob",
                "sagemaker:UpdateTrainingJob",
            ),
            (f"{SAGEMAKER}training-job/*",),
        ),
        *_OTHER_JOBS,
    ),
    denied_on_protected=(
        "sagemaker:StopTrainingJob",
        "sagemaker:UpdateTrainingJob",
        *_OTHER_STOPS,
    ),
)

_NODE_GROUPS = Rights(
    grants=(
        Grant((*_NODE_GROUP_LISTS, "cloudwatch:GetMetricData"), ("*",), why_any=NO_NARROWING),
        _CLUSTERS,
        Grant(
            ("eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"),
            (f"{_EKS}nodegroup/*",),
        ),
    ),
    denied_on_protected=("eks:UpdateNodegroupConfig",),
)

_IDLE_SERVICES = Rights(
    grants=(
        Grant(
            (
                *_SERVICE_LISTS,
                "sagemaker:ListDomains",
                "sagemaker:ListUserProfiles",
                "sagemaker:ListSpaces",
                "sagemaker:ListApps",
                "sagemaker:ListInferenceComponents",
                "cloudwatch:GetMetricData",
                "application-autoscaling:DescribeScalableTargets",
            ),
            ("*",),
            why_any=NO_NARROWING,
        ),
        *_SERVICES,
        # What a schedule's jobs run on, and whether its endpoint is used.
        Grant(("sagemaker:DescribeProcessingJob",), (f"{SAGEMAKER}processing-job/*",)),
        Grant(
            ("sagemaker:DescribeEndpoint", "sagemaker:ListTags"),
            (f"{SAGEMAKER}endpoint/*",),
        ),
        Grant(("sagemaker:DescribeEndpointConfig",), (f"{SAGEMAKER}endpoint-config/*",)),
        Grant(("sagemaker:DescribeDomain", "sagemaker:ListTags"), (f"{SAGEMAKER}domain/*",)),
        # The tags of a space, and those of its owner's user profile, which hold for it.
        Grant(("sagemaker:DescribeSpace", "sagemaker:ListTags"), (f"{SAGEMAKER}space/*",)),
        Grant(
            ("sagemaker:DescribeUserProfile", "sagemaker:ListTags"),
            (f"{SAGEMAKER}user-profile/*",),
        ),
        Grant(
            ("elasticfilesystem:DescribeFileSystems",),
            ("arn:${AWS::Partition}:elasticfilesystem:*:${AWS::AccountId}:file-system/*",),
        ),
    ),
    denied_on_protected=_SERVICE_CHANGES,
)

RIGHTS: Mapping[str, Rights] = {
    "notebook_hours": _NOTEBOOK_HOURS,
    "idle_endpoints": _IDLE_ENDPOINTS,
    "guardrails": _GUARDRAILS,
    "provisioned_concurrency": _PROVISIONED_CONCURRENCY,
    "training": _TRAINING,
    "node_groups": _NODE_GROUPS,
    "idle_services": _IDLE_SERVICES,
}
"""By the names of the bots."""


def hub_grants(bot: Bot) -> tuple[Grant, ...]:
    """What a bot's role may do in the stack itself."""
    return (
        Grant(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (f"${{{bot.logical_id}LogGroup.Arn}}",),
        ),
        Grant(
            ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
            (f"${{{bot.queue}.Arn}}",),
        ),
        # For messages that can never succeed: they go there at once, with their reason.
        Grant(("sqs:SendMessage",), (f"${{{bot.dead_letters}.Arn}}",)),
        *_SHARED,
        *([_ARCHIVE] if bot.keeps_manifests else []),
        *([_KEPT] if bot.reads_manifests else []),
    )

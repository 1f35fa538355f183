from collections.abc import Mapping
from typing import Any

import pytest

from sagewarden_cli.sandbox.observation import ObservedCall
from sagewarden_cli.stack.iam.calls import UnknownCallError, requests_of
from sagewarden_cli.stack.iam.requests import Request

ROLE = "arn:aws:iam::123456789012:role/bot"
HERE = "us-east-1:123456789012"
NO_TAGS: Mapping[str, str] = {}


def ask(service: str, operation: str, params: Mapping[str, Any]) -> tuple[Request, ...]:
    call = ObservedCall(ROLE, "123456789012", "us-east-1", service, operation, params)
    return requests_of(call, ROLE, lambda _arn: NO_TAGS)


@pytest.mark.parametrize(
    ("service", "operation", "params", "expected"),
    [
        ("sagemaker", "ListEndpoints", {}, ["sagemaker:ListEndpoints on *"]),
        (
            "ecs",
            "DescribeTaskDefinition",
            {"taskDefinition": "f"},
            ["ecs:DescribeTaskDefinition on *"],
        ),
        (
            "ecs",
            "DescribeServices",
            {
                "cluster": f"arn:aws:ecs:{HERE}:cluster/c",
                "services": ["a", f"arn:aws:ecs:{HERE}:service/c/b"],
            },
            [
                f"ecs:DescribeServices on arn:aws:ecs:{HERE}:service/c/a",
                f"ecs:DescribeServices on arn:aws:ecs:{HERE}:service/c/b",
            ],
        ),
        (
            "ecr",
            "DescribeImages",
            {"repositoryName": "churn", "imageIds": [{"imageTag": "1"}]},
            [f"ecr:DescribeImages on arn:aws:ecr:{HERE}:repository/churn"],
        ),
        (
            "dynamodb",
            "GetRecords",
            {"ShardIterator": f"arn:aws:dynamodb:{HERE}:table/t/stream/2026|1|AAAA"},
            [f"dynamodb:GetRecords on arn:aws:dynamodb:{HERE}:table/t/stream/2026"],
        ),
        (
            "dynamodb",
            "GetShardIterator",
            {"StreamArn": f"arn:aws:dynamodb:{HERE}:table/t/stream/2026", "ShardId": "s"},
            [f"dynamodb:GetShardIterator on arn:aws:dynamodb:{HERE}:table/t/stream/2026"],
        ),
        (
            "dynamodb",
            "ListStreams",
            {"TableName": "t"},
            [f"dynamodb:ListStreams on arn:aws:dynamodb:{HERE}:table/t/stream/*"],
        ),
        (
            "events",
            "PutEvents",
            {"Entries": [{"Source": "s", "EventBusName": "b"}]},
            [f"events:PutEvents on arn:aws:events:{HERE}:event-bus/b"],
        ),
        (
            "events",
            "PutEvents",
            {"Entries": [{"Source": "s", "EventBusName": f"arn:aws:events:{HERE}:event-bus/b"}]},
            [f"events:PutEvents on arn:aws:events:{HERE}:event-bus/b"],
        ),
        (
            "eks",
            "UpdateNodegroupConfig",
            {"clusterName": "ml", "nodegroupName": "trainers"},
            [f"eks:UpdateNodegroupConfig on arn:aws:eks:{HERE}:nodegroup/ml/trainers"],
        ),
        (
            "eks",
            "ListNodegroups",
            {"clusterName": "ml"},
            [f"eks:ListNodegroups on arn:aws:eks:{HERE}:cluster/ml"],
        ),
        ("eks", "ListClusters", {}, ["eks:ListClusters on *"]),
        (
            "sagemaker",
            "StopNotebookInstance",
            {"NotebookInstanceName": "nb"},
            [f"sagemaker:StopNotebookInstance on arn:aws:sagemaker:{HERE}:notebook-instance/nb"],
        ),
        (
            "sagemaker",
            "DescribeUserProfile",
            {"DomainId": "d-1", "UserProfileName": "lee"},
            [f"sagemaker:DescribeUserProfile on arn:aws:sagemaker:{HERE}:user-profile/d-1/lee"],
        ),
        (
            "sagemaker",
            "UpdateEndpoint",
            {"EndpointName": "e", "EndpointConfigName": "c"},
            [
                f"sagemaker:UpdateEndpoint on arn:aws:sagemaker:{HERE}:endpoint/e",
                f"sagemaker:UpdateEndpoint on arn:aws:sagemaker:{HERE}:endpoint-config/c",
            ],
        ),
        (
            "sagemaker",
            "AddTags",
            {"ResourceArn": "arn:x:y:z:1:m"},
            ["sagemaker:AddTags on arn:x:y:z:1:m"],
        ),
        ("cloudwatch", "GetMetricData", {}, ["cloudwatch:GetMetricData on *"]),
        (
            "cloudwatch",
            "DescribeAlarms",
            {"MaxRecords": 100},
            [f"cloudwatch:DescribeAlarms on arn:aws:cloudwatch:{HERE}:alarm:*"],
        ),
        (
            "cloudwatch",
            "DescribeAlarms",
            {"AlarmNames": ["slow"]},
            [f"cloudwatch:DescribeAlarms on arn:aws:cloudwatch:{HERE}:alarm:slow"],
        ),
        (
            "s3",
            "PutObject",
            {"method": "PUT", "path": "/archive/manifests/a.json"},
            ["s3:PutObject on arn:aws:s3:::archive/manifests/a.json"],
        ),
        (
            "s3",
            "ListObjectsV2",
            {"path": "/archive", "query": {"list-type": "2", "prefix": "advice/"}},
            ["s3:ListBucket on arn:aws:s3:::archive"],
        ),
        ("resourcegroupstaggingapi", "GetResources", {}, ["tag:GetResources on *"]),
        (
            "application-autoscaling",
            "DescribeScalableTargets",
            {"ServiceNamespace": "sagemaker"},
            ["application-autoscaling:DescribeScalableTargets on *"],
        ),
        (
            "dynamodb",
            "Query",
            {"TableName": "ledger", "IndexName": "by-owner"},
            [f"dynamodb:Query on arn:aws:dynamodb:{HERE}:table/ledger/index/by-owner"],
        ),
        (
            "dynamodb",
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "ledger"}},
                    {"Delete": {"TableName": "ledger"}},
                    {"ConditionCheck": {"TableName": "ledger"}},
                ]
            },
            [
                f"dynamodb:{action}Item on arn:aws:dynamodb:{HERE}:table/ledger"
                for action in ("Put", "Delete", "ConditionCheck")
            ],
        ),
        (
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {"ledger": {}}},
            [f"dynamodb:BatchGetItem on arn:aws:dynamodb:{HERE}:table/ledger"],
        ),
        (
            "sqs",
            "SendMessageBatch",
            {"QueueUrl": "http://localhost/123456789012/work"},
            [f"sqs:SendMessage on arn:aws:sqs:{HERE}:work"],
        ),
        ("sns", "Publish", {"TopicArn": "arn:t:::1:t"}, ["sns:Publish on arn:t:::1:t"]),
        ("sts", "GetCallerIdentity", {}, []),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "/g", "logStreamName": "s"},
            [f"logs:PutLogEvents on arn:aws:logs:{HERE}:log-group:/g:log-stream:s"],
        ),
        (
            "ssm",
            "GetParameter",
            {"Name": "/sagewarden/slack"},
            [f"ssm:GetParameter on arn:aws:ssm:{HERE}:parameter/sagewarden/slack"],
        ),
    ],
)
def test_a_call_needs_the_actions_of_the_service_authorization_reference(
    service: str, operation: str, params: Mapping[str, Any], expected: list[str]
) -> None:
    assert [str(request) for request in ask(service, operation, params)] == expected


def test_the_circumstances_of_a_call_are_its_condition_keys() -> None:
    call = ObservedCall(
        ROLE,
        "123456789012",
        "us-east-1",
        "sagemaker",
        "CreateEndpointConfig",
        {"EndpointConfigName": "c", "Tags": [{"Key": "Owner", "Value": "mina"}]},
    )

    [request, tagging] = requests_of(call, ROLE, lambda _arn: {"Stage": "prod"})

    assert tagging.action == "sagemaker:AddTags"
    assert request.context == {
        "aws:requestedregion": ("us-east-1",),
        "aws:tagkeys": ("Owner",),
        "aws:requesttag/owner": ("mina",),
        "aws:resourceaccount": ("123456789012",),
        "aws:resourcetag/stage": ("prod",),
        "sagemaker:resourcetag/stage": ("prod",),
    }


def test_members_that_iam_knows_become_condition_keys() -> None:
    params = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/v",
        "ScalableDimension": "sagemaker:variant:DesiredProvisionedConcurrency",
    }

    [request] = ask("application-autoscaling", "DeregisterScalableTarget", params)

    assert request.context["application-autoscaling:service-namespace"] == ("sagemaker",)


@pytest.mark.parametrize(
    ("operation", "params", "complaint"),
    [
        ("CreateCluster", {}, "sagemaker.CreateCluster is in no table"),
        ("DescribeEndpoint", {}, "came without 'EndpointName'"),
    ],
)
def test_a_call_that_no_table_explains_is_an_error(
    operation: str, params: Mapping[str, Any], complaint: str
) -> None:
    with pytest.raises(UnknownCallError, match=complaint):
        ask("sagemaker", operation, params)


def test_a_call_that_puts_events_tells_of_which_source() -> None:
    entries = [{"Source": "ours"}, {"Source": "theirs"}, {"Source": "ours"}]

    [request] = ask("events", "PutEvents", {"Entries": entries})

    assert request.resource.endswith(":event-bus/default")
    assert request.context["events:source"] == ("ours", "theirs")


def test_a_listing_of_a_bucket_tells_of_which_folder_and_one_of_all_of_it_does_not() -> None:
    place = {"method": "GET", "path": "/archive"}

    [folder] = ask("s3", "ListObjectsV2", {**place, "query": {"prefix": "advice/v1/"}})
    [everything] = ask("s3", "ListObjectsV2", {**place, "query": {"list-type": "2"}})

    assert folder.context["s3:prefix"] == ("advice/v1/",)
    assert "s3:prefix" not in everything.context

"""Deploying templates onto the sandbox, without any of the tools that build and run functions."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.deployment import DeploymentError, deploy
from sagewarden_cli.stack.iam.encryption import key_requests, keys_of
from sagewarden_cli.stack.iam.grants import grants_of
from sagewarden_cli.stack.iam.requests import Request
from sagewarden_cli.stack.intrinsics import IntrinsicError
from sagewarden_cli.stack.resources.messaging import NotWiredError
from sagewarden_cli.stack.topics import published

TRUST = {"Version": "2012-10-17", "Statement": []}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def may(action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*"}


def of(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": resources}


def test_resources_are_made_in_the_order_that_their_references_ask_for(sandbox: Sandbox) -> None:
    dead = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}}
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 3}
    work = {
        "Type": "AWS::SQS::Queue",
        "DependsOn": "Topic",
        "Properties": {"VisibilityTimeout": 90, "RedrivePolicy": redrive},
    }
    template = of(Work=work, Dead=dead, Topic={"Type": "AWS::SNS::Topic"})

    stack = deploy(sandbox, template, name="s")

    assert list(stack.resources) == ["Topic", "Dead", "Work"]
    url = stack.resources["Work"].ref
    found = sandbox.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert found["Attributes"]["VisibilityTimeout"] == "90"
    assert ":dead" in found["Attributes"]["RedrivePolicy"]


def test_parameters_conditions_and_outputs_hold_as_in_cloudformation(sandbox: Sandbox) -> None:
    template = {
        "Parameters": {
            "Stage": {"Type": "String", "Default": "dev"},
            "Accounts": {"Type": "CommaDelimitedList", "Default": ""},
        },
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {
            "Only": {"Type": "AWS::SNS::Topic", "Condition": "IsProd"},
            "Always": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"LogGroupName": {"Fn::Sub": "/${AWS::StackName}/${Stage}"}},
            },
        },
        "Outputs": {
            "Group": {"Value": {"Ref": "Always"}},
            "Topic": {"Condition": "IsProd", "Value": {"Ref": "Only"}},
        },
    }

    dev = deploy(sandbox, template, name="a")
    prod = deploy(sandbox, template, name="b", parameters={"Stage": "prod"})

    assert (list(dev.resources), dict(dev.outputs)) == (["Always"], {"Group": "/a/dev"})
    assert set(prod.outputs) == {"Group", "Topic"}


@pytest.mark.parametrize(
    ("template", "error", "complaint"),
    [
        (of(X={"Type": "AWS::Batch::JobQueue"}), DeploymentError, "X: no handler for AWS::Batch"),
        (
            of(X={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Nowhere"}}}),
            IntrinsicError,
            "'Nowhere' is no parameter and no resource",
        ),
        (
            of(X={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "X"}}}),
            DeploymentError,
            "in a circle: X -> X",
        ),
        (
            of(
                A={"Type": "AWS::SNS::Topic"},
                B={"Type": "AWS::SNS::Topic", "Properties": {"X": {"Fn::GetAtt": ["A", "Colour"]}}},
            ),
            IntrinsicError,
            "A has no attribute 'Colour'",
        ),
        (
            of(
                X={"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)"}}
            ),
            NotWiredError,
            "belong to EventBridge Scheduler",
        ),
        ({"Parameters": {"P": {"Type": "String"}}, "Resources": {}}, DeploymentError, "P has no"),
    ],
)
def test_what_cannot_be_deployed_is_refused_with_its_place(
    sandbox: Sandbox, template: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        deploy(sandbox, template, name="s")


def test_a_parameter_that_the_template_does_not_have_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(DeploymentError, match=r"no parameters \['Typo'\]"):
        deploy(sandbox, of(), name="s", parameters={"Typo": "x"})


def test_everything_that_keeps_something_exists_afterwards(sandbox: Sandbox) -> None:
    key_schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
    template = of(
        Table={
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": key_schema,
                "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"SSEEnabled": True},
            },
        },
        Bucket={"Type": "AWS::S3::Bucket"},
        Parameter={"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}},
        Secret={"Type": "AWS::SecretsManager::Secret"},
        Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document()}},
        Alias={
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/s", "TargetKeyId": {"Ref": "Key"}},
        },
        Board={
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardBody": '{"widgets": []}'},
        },
    )

    stack = deploy(sandbox, template, name="s")

    live = sandbox.client("dynamodb").describe_time_to_live(TableName=stack.resources["Table"].ref)
    assert live["TimeToLiveDescription"]["AttributeName"] == "ttl"
    assert sandbox.client("s3").list_buckets()["Buckets"][0]["Name"] == "s-bucket"
    assert sandbox.client("ssm").get_parameter(Name="s-Parameter")["Parameter"]["Value"] == "v"
    assert sandbox.client("cloudwatch").get_dashboard(DashboardName="s-Board")["DashboardBody"]
    assert stack.by_arn(stack.resources["Secret"].ref) is stack.resources["Secret"]


def test_messages_find_their_way_through_buses_rules_and_topics(sandbox: Sandbox) -> None:
    owner = document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"})
    spokes = {"AWS": ["111111111111", "222222222222"]}
    statement = may("events:PutEvents") | {"Principal": spokes}
    queue = {"Fn::GetAtt": ["Queue", "Arn"]}
    template = of(
        Bus={"Type": "AWS::Events::EventBus", "Properties": {"Name": "hub"}},
        BusPolicy={
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "StatementId": "Spokes",
                "Statement": statement,
            },
        },
        Rule={
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "Bus"},
                "EventPattern": {"source": ["aws.sagemaker"]},
                "Targets": [{"Id": "q", "Arn": queue}],
            },
        },
        Queue={"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": True}},
        QueuePolicy={
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": owner},
        },
        Topic={
            "Type": "AWS::SNS::Topic",
            "Properties": {"Subscription": [{"Protocol": "sqs", "Endpoint": queue}]},
        },
        TopicPolicy={
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": owner},
        },
        Group={"Type": "AWS::Scheduler::ScheduleGroup"},
    )

    stack = deploy(sandbox, template, name="s")

    event = {"Source": "aws.sagemaker", "DetailType": "x", "Detail": "{}", "EventBusName": "hub"}
    sandbox.client("events").put_events(Entries=[event, event | {"Source": "aws.ec2"}])
    topic = stack.resources["Topic"].ref
    sandbox.client("sns").publish(TopicArn=topic, Message="news")
    url = stack.resources["Queue"].ref
    found = sandbox.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    assert len(found["Messages"]) == 2
    assert published(topic) == ("news",)
    assert sandbox.client("scheduler").get_schedule_group(Name="s-Group")["Name"] == "s-Group"


def test_a_role_has_all_policies_that_reach_it(sandbox: Sandbox) -> None:
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    inline = {"PolicyName": "own", "PolicyDocument": document(may("sqs:SendMessage"))}
    role = {
        "AssumeRolePolicyDocument": TRUST,
        "Policies": [inline],
        "ManagedPolicyArns": [basic, {"Ref": "Shared"}],
    }
    attached = {
        "PolicyName": "attached",
        "Roles": [{"Ref": "Role"}],
        "PolicyDocument": document(may("sns:Publish")),
    }
    template = of(
        Role={"Type": "AWS::IAM::Role", "Properties": role},
        Attached={"Type": "AWS::IAM::Policy", "Properties": attached},
        Shared={
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document(may("tag:GetResources"))},
        },
    )

    grants = grants_of(deploy(sandbox, template, name="s"))

    [statements] = grants.values()
    actions = [action for statement in statements for action in statement.actions]
    assert [one for one in actions if not one.startswith("logs:")] == [
        "sqs:SendMessage",
        "tag:GetResources",
        "sns:Publish",
    ]


def test_publishing_to_an_encrypted_topic_needs_its_key_by_way_of_sns(sandbox: Sandbox) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document()}}
    with_key = {"KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}}
    template = of(
        Key=key,
        Topic={"Type": "AWS::SNS::Topic", "Properties": with_key},
        Plain={"Type": "AWS::SNS::Topic"},
    )
    stack = deploy(sandbox, template, name="s")
    topic, plain = stack.resources["Topic"].ref, stack.resources["Plain"].ref
    keys = keys_of(stack)

    asked = list(key_requests(Request("r", "sns:Publish", topic), keys, "us-east-1"))

    assert [request.action for request in asked] == ["kms:GenerateDataKey", "kms:Decrypt"]
    assert {request.resource for request in asked} == {stack.resources["Key"].attributes["Arn"]}
    assert asked[0].context == {"kms:viaservice": ("sns.us-east-1.amazonaws.com",)}
    assert not list(key_requests(Request("r", "sns:Publish", plain), keys, "us-east-1"))


def test_a_bucket_that_denies_calls_under_a_condition_takes_the_others(sandbox: Sandbox) -> None:
    secure = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}
    place = {"Ref": "Kept"}
    policy = {"Bucket": place, "PolicyDocument": document({**denied, "Condition": secure})}
    template = of(
        Kept={"Type": "AWS::S3::Bucket"},
        Policy={"Type": "AWS::S3::BucketPolicy", "Properties": policy},
    )

    bucket = deploy(sandbox, template, name="demo").resources["Kept"].ref

    sandbox.client("s3").put_object(Bucket=bucket, Key="a", Body=b"b")


def test_moto_denies_every_call_where_a_statement_denies_some(sandbox: Sandbox) -> None:
    """The day this fails, the stack's bucket policies can be put whole."""
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="kept")
    secure = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": secure}
    policy = document({**denied, "Resource": ["arn:aws:s3:::kept", "arn:aws:s3:::kept/*"]})
    s3.put_bucket_policy(Bucket="kept", Policy=json.dumps(policy))

    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket="kept", Key="a", Body=b"b")


def test_a_queue_that_keeps_order_gets_a_name_that_says_so(sandbox: Sandbox) -> None:
    properties = {"FifoQueue": True, "ContentBasedDeduplication": True}
    template = of(Line={"Type": "AWS::SQS::Queue", "Properties": properties})

    queue = deploy(sandbox, template, name="s").resources["Line"]

    sandbox.client("sqs").send_message(QueueUrl=queue.ref, MessageBody="x", MessageGroupId="a")
    assert queue.attributes["QueueName"] == "s-Line.fifo"
    assert queue.attributes["Arn"].endswith(":s-Line.fifo")

"""Who is told of API calls, and what they are told."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall

TOPIC = "arn:aws:sns:us-east-1:123456789012:notices"
ROLE = "arn:aws:iam::123456789012:role/bots/stopper"


def test_an_observer_is_told_who_calls_what_before_it_is_answered(sandbox: Sandbox) -> None:
    arn = sandbox.sagemaker().add_notebook_instance("nb", tags={"Owner": "mina"})
    tags: list[dict[str, str]] = []
    calls: list[ObservedCall] = []

    def observe(call: ObservedCall) -> None:
        calls.append(call)
        tags.append(sandbox.tags_of(arn))

    client = sandbox.client_as(ROLE, "sagemaker")
    with sandbox.observers.watching(observe):
        client.delete_tags(ResourceArn=arn, TagKeys=["Owner"])
    client.list_tags(ResourceArn=arn)

    expected = ObservedCall(
        role=ROLE,
        account="123456789012",
        region="us-east-1",
        service="sagemaker",
        operation="DeleteTags",
        params={"ResourceArn": arn, "TagKeys": ["Owner"]},
    )
    assert calls == [expected]
    assert tags == [{"Owner": "mina"}]
    assert sandbox.tags_of(arn) == {}


def test_a_caller_without_a_role_and_a_rest_call_are_told_of_as_far_as_they_can_be(
    sandbox: Sandbox,
) -> None:
    calls: list[ObservedCall] = []
    scheduler = sandbox.client("scheduler")

    with sandbox.observers.watching(calls.append):
        scheduler.list_schedule_groups()

    [call] = calls
    assert (call.role, call.operation) == (None, "ListScheduleGroups")
    assert call.params == {"method": "GET", "path": "/schedule-groups"}


def test_of_a_rest_call_the_query_is_told_too(sandbox: Sandbox) -> None:
    calls: list[ObservedCall] = []
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="archive")

    with sandbox.observers.watching(calls.append):
        s3.list_objects_v2(Bucket="archive", Prefix="advice/v1/")

    [call] = calls
    assert (call.operation, call.params["path"]) == ("ListObjectsV2", "/archive")
    assert call.params["query"]["prefix"] == "advice/v1/"


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("sns", lambda client: client.publish(TopicArn=TOPIC, Message="hello")),  # query
        ("sqs", lambda client: client.list_queues()),  # JSON
        ("scheduler", lambda client: client.list_schedule_groups()),  # REST
    ],
)
def test_what_an_observer_refuses_is_refused_as_the_service_would(
    sandbox: Sandbox, service: str, call: Callable[[Any], object]
) -> None:
    def refuse(_: ObservedCall) -> None:
        raise AwsError("AuthorizationError", "not authorized", HTTPStatus.FORBIDDEN)

    with (
        sandbox.observers.watching(refuse),
        pytest.raises(ClientError, match=r"\(AuthorizationError\)") as refused,
    ):
        call(sandbox.client(service))

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.FORBIDDEN


def test_a_role_of_another_account_is_known_there(sandbox: Sandbox) -> None:
    calls: list[ObservedCall] = []
    role = "arn:aws:iam::999999999999:role/spoke"
    client = sandbox.client_as(role, "sagemaker")

    with sandbox.observers.watching(calls.append):
        client.list_endpoints()

    assert (calls[0].role, calls[0].account) == (role, "999999999999")


def test_what_is_not_emulated_here_has_no_tags(sandbox: Sandbox) -> None:
    assert sandbox.tags_of("arn:aws:sqs:us-east-1:123456789012:work") == {}
    assert sandbox.tags_of("arn:aws:sagemaker:us-east-1:123456789012:cluster/c") == {}

"""What the sandbox lets moto remember: the day moto no longer asks for it, it can go."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from moto.sns.models import Subscription

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.remembering import REMEMBERED

type Client = Any  # boto3 makes its clients at run time

ARGUMENTS = {"camelcase_to_underscores": "DescribeX2Things", "method_names_from_class": Sandbox}


@pytest.mark.parametrize(("place", "name"), REMEMBERED, ids=str)
def test_moto_asks_for_it_at_each_call_and_is_told_the_same(
    client: Callable[[str], Client], place: ModuleType, name: str
) -> None:
    remembered = getattr(place, name)
    sqs = client("sqs")
    queue = sqs.create_queue(QueueName="mail")["QueueUrl"]
    sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    before = remembered.cache_info()

    sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])

    after = remembered.cache_info()
    assert (after.hits > before.hits, after.misses) == (True, before.misses)
    assert remembered(ARGUMENTS[name]) == remembered.__wrapped__(ARGUMENTS[name])


def test_moto_looks_for_the_application_of_a_host_at_each_call(
    running_sandbox: Sandbox, client: Callable[[str], Client]
) -> None:
    sqs = client("sqs")
    sqs.list_queues()
    found = running_sandbox.application._moto._found
    before = found.cache_info()

    sqs.list_queues()

    assert found.cache_info().hits > before.hits
    assert found("sqs.us-east-1.amazonaws.com") == "sqs"


def test_all_subscriptions_sign_with_one_key() -> None:
    topic = SimpleNamespace(arn="arn:aws:sns:us-east-1:123456789012:notices")
    first, second = (
        Subscription("123456789012", topic, f"arn:aws:sqs:us-east-1:123456789012:{name}", "sqs")
        for name in ("a", "b")
    )

    assert first.private_key() is second.private_key()
    assert first.private_key().key_size == 2048

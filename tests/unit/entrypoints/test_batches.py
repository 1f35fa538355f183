"""A batch's messages fail one by one."""

import pytest
from aws_lambda_powertools import Logger, Metrics

from sagewarden.entrypoints.batches import each_message
from sagewarden.entrypoints.messages import MessageError
from tests.support.invocations import an_sqs_event, failed


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"version": 1}])
def test_an_event_that_is_not_from_sqs_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(MessageError, match=r"event.Records: missing; invoke this function from"):
        each_message(event, print, Logger(service="a-bot"), Metrics(namespace="x", service="y"))


def test_one_message_that_breaks_leaves_the_others_alone() -> None:
    handled = []

    def handle(body: str) -> None:
        handled.append(body)
        if body == "b":
            raise ZeroDivisionError

    metrics = Metrics(namespace="x", service="y")
    answer = each_message(an_sqs_event("a", "b", "c"), handle, Logger(service="a-bot"), metrics)
    metrics.clear_metrics()

    assert handled == ["a", "b", "c"]
    assert failed(answer) == ["message-2"]

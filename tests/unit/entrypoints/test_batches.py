"""A batch's messages fail one by one, and those that can never succeed are set aside."""

import json
from collections.abc import Callable, Iterator

import pytest

from sagewarden.entrypoints.batches import BatchAnswer, LaterError, SetAside, each_message
from sagewarden.entrypoints.messages import MessageError
from tests.support.invocations import AFunction, an_sqs_event, failed

type Work = Callable[[Callable[[str, int], None], SetAside], BatchAnswer]


@pytest.fixture
def work(request: pytest.FixtureRequest) -> Iterator[Work]:
    """Work through the messages a, b and c."""
    event, functions = an_sqs_event("a", "b", "c"), list[AFunction]()

    def working(handle: Callable[[str, int], None], aside: SetAside) -> BatchAnswer:
        functions.append(AFunction(request.node.name))  # one of its own: it keeps its first stdout
        return each_message(event, handle, aside, functions[0])

    yield working
    functions[0].metrics.clear_metrics()


def nowhere(_body: str, _reason: str) -> None:
    raise ConnectionError("no way there")


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"version": 1}])
def test_an_event_that_is_not_from_sqs_is_refused(event: dict[str, object]) -> None:
    with pytest.raises(MessageError, match=r"event.Records: missing; invoke this function from"):
        each_message(event, print, nowhere, AFunction("a-bot"))


def test_one_message_that_breaks_leaves_the_others_alone(work: Work) -> None:
    handled = []

    def handle(body: str, _attempt: int) -> None:
        handled.append(body)
        if body == "b":
            raise ZeroDivisionError

    answer = work(handle, nowhere)

    assert handled == ["a", "b", "c"]
    assert failed(answer) == ["message-2"]


def test_what_a_message_costs_is_told_after_it_whatever_became_of_it(
    work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(body: str, _attempt: int) -> None:
        if body == "a":
            raise ZeroDivisionError
        if body == "b":
            raise MessageError("body: it is b")

    work(handle, lambda _body, _reason: None)

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["message"] for line in told] == [
        "message failed", "run cost", "message set aside", "run cost", "run cost",
    ]  # fmt: skip


def test_a_message_that_can_never_succeed_is_set_aside_with_its_reason_and_is_done(
    work: Work,
) -> None:
    aside = []

    def handle(body: str, _attempt: int) -> None:
        if body == "b":
            raise MessageError("body: it is b")

    answer = work(handle, lambda body, reason: aside.append((body, reason)))

    assert aside == [("b", "body: it is b")]
    assert failed(answer) == []


def test_what_cannot_be_set_aside_is_reported_as_failed_with_both_reasons(
    work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    def handle(body: str, _attempt: int) -> None:
        if body != "c":
            raise MessageError(f"body: it is {body}")

    answer = work(handle, nowhere)

    assert failed(answer) == ["message-1", "message-2"]
    printed = capsys.readouterr().out
    assert "body: it is a; it could not be set aside: no way there" in printed


def test_a_message_that_has_to_wait_comes_again_and_counts_as_nothing_that_failed(
    work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    attempts = []

    def handle(body: str, attempt: int) -> None:
        attempts.append(attempt)
        if body == "b":
            raise LaterError("rate limited")

    answer = work(handle, nowhere)

    printed = capsys.readouterr().out
    assert failed(answer) == ["message-2"]
    assert attempts == [1, 1, 1]
    assert "message waits" in printed
    assert "message failed" not in printed

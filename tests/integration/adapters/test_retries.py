"""What AWS throttles or fails for a moment is asked again; no test waits for real."""

import threading
from functools import partial
from http import HTTPStatus

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from benchmarks.token_bucket import TokenBucket
from sagewarden.adapters.retries import ATTEMPTS, THROTTLED_ATTEMPTS, Retries
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall

ENDPOINTS = 60
A_SECOND = 10


class Clock:
    """A clock that jumps to where whoever waits longest wants to be."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return self.seconds

    def sleep(self, seconds: float) -> None:
        with self._lock:
            until = self.seconds + seconds
        with self._lock:
            self.seconds = max(self.seconds, until)


class Throttle:
    """Allows so many Describe calls a second, and counts."""

    def __init__(self, clock: Clock, rate: float = A_SECOND) -> None:
        self.seen = self.throttled = 0
        self._clock = clock
        self._bucket = TokenBucket(rate, rate, 0.0)

    def __call__(self, call: ObservedCall) -> None:
        if not call.operation.startswith("Describe") or call.service != "sagemaker":
            return
        self.seen += 1
        if not self._bucket.take(self._clock.now()):
            self.throttled += 1
            raise AwsError("ThrottlingException", "Rate exceeded")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(sandbox: Sandbox, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Sessions:  # noqa: ARG001 - sets the environment they read
    monkeypatch.setattr("botocore.endpoint.time.sleep", clock.sleep)
    return Sessions(retries=partial(Retries, clock.now, clock.sleep))


def test_nothing_fails_where_ten_descriptions_a_second_are_allowed(
    sandbox: Sandbox, sessions: Sessions, clock: Clock
) -> None:
    for number in range(ENDPOINTS):
        sandbox.sagemaker().add_endpoint(f"endpoint-{number:03}")
    inventory = SageMakerInventory(sessions)
    listed = inventory.endpoints("us-east-1")
    throttle = Throttle(clock)

    with sandbox.observers.watching(throttle):
        described = inventory.describe("us-east-1", listed.items)

    assert described.incomplete == ()
    assert len(described.items) == ENDPOINTS
    assert throttle.throttled > 0
    assert throttle.seen - throttle.throttled == 2 * ENDPOINTS
    assert clock.seconds > (2 * ENDPOINTS - A_SECOND) / A_SECOND * 0.9, "it was throttled for real"


def test_reads_that_are_throttled_do_not_slow_down_what_is_not(
    sandbox: Sandbox, sessions: Sessions, clock: Clock
) -> None:
    sandbox.sagemaker().add_endpoint("e")
    client = sessions.client("sagemaker", "us-east-1")
    with sandbox.observers.watching(Throttle(clock, 1)):
        for _ in range(5):
            client.describe_endpoint(EndpointName="e")
    waited = clock.seconds

    for _ in range(100):
        client.list_endpoints()

    assert waited > 1
    assert clock.seconds == waited


@pytest.mark.parametrize(
    ("code", "status", "attempts"),
    [
        ("ThrottlingException", 400, THROTTLED_ATTEMPTS),
        ("InternalFailure", 500, ATTEMPTS),
        ("RequestTimeout", 400, ATTEMPTS),
        ("AccessDeniedException", 400, 1),
    ],
)
def test_what_goes_on_failing_is_an_error_in_the_end(
    sandbox: Sandbox, sessions: Sessions, code: str, status: int, attempts: int
) -> None:
    seen = []

    def fail(call: ObservedCall) -> None:
        seen.append(call)
        raise AwsError(code, "injected", HTTPStatus(status))

    with sandbox.observers.watching(fail), pytest.raises(ClientError, match=code):
        sessions.client("sagemaker", "us-east-1").list_endpoints()

    assert len(seen) == attempts


@pytest.mark.parametrize(("told", "attempts"), [("1", 1), ("2", 2), ("0", 1)])
def test_how_often_is_asked_is_the_sdks_setting(
    sandbox: Sandbox,
    sessions: Sessions,  # noqa: ARG001 - sets the environment
    monkeypatch: pytest.MonkeyPatch,
    told: str,
    attempts: int,
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", told)
    seen = []

    def fail(call: ObservedCall) -> None:
        seen.append(call)
        raise AwsError("InternalFailure", "injected", HTTPStatus.INTERNAL_SERVER_ERROR)

    with sandbox.observers.watching(fail), pytest.raises(ClientError, match="InternalFailure"):
        Sessions().client("sagemaker", "us-east-1").list_endpoints()

    assert len(seen) == attempts


def test_a_service_that_is_well_again_is_asked_again(sandbox: Sandbox, sessions: Sessions) -> None:
    left = [500, 503, 502]

    def fail(_call: ObservedCall) -> None:
        if left:
            raise AwsError("ServiceUnavailable", "injected", HTTPStatus(left.pop()))

    with sandbox.observers.watching(fail):
        found = sessions.client("sagemaker", "us-east-1").list_endpoints()

    assert found["Endpoints"] == []
    assert sessions.calls == {"SageMaker.ListEndpoints": 4}


def test_a_connection_that_fails_is_tried_again(
    sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9")

    with pytest.raises(EndpointConnectionError):
        sessions.client("sagemaker", "eu-west-1").list_endpoints()

    assert sessions.calls == {"SageMaker.ListEndpoints": ATTEMPTS}
    assert clock.seconds > 0

"""What is asked of AWS is counted: retries, roles of other accounts and throttling among it."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.sandbox import Sandbox
from tests.support.faults import answer_with_error, refusing

pytestmark = pytest.mark.aws

ROLE = "arn:aws:iam::444455556666:role/sagewarden-spoke"
NOW = datetime(2026, 11, 18, tzinfo=UTC)
REGION = "us-east-1"


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_calls_are_counted_by_operation_and_those_of_an_assumed_role_with_them(
    sandbox: Sandbox,  # noqa: ARG001 - sets the environment
) -> None:
    sessions = Sessions()
    sessions.client("sagemaker", REGION).list_endpoints()
    before = sessions.tally.now()

    entered = sessions.assumed(ROLE, "an-id", REGION, NOW)
    entered.client("sagemaker", REGION).list_endpoints()

    since = sessions.tally.now().since(before)
    assert dict(since.calls) == {"STS.AssumeRole": 1, "SageMaker.ListEndpoints": 1}
    assert sessions.calls == {"STS.AssumeRole": 1, "SageMaker.ListEndpoints": 2}
    assert not since.throttled


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyRequestsException"])
def test_every_throttled_attempt_counts(sandbox: Sandbox, code: str) -> None:
    seen: list[object] = []

    def twice(call: object) -> bool:
        seen.append(call)
        return len(seen) <= 2

    with sandbox.observers.watching(refusing(twice, code)):
        sessions = Sessions()
        sessions.client("sagemaker", REGION).list_endpoints()

    asked = sessions.tally.now()
    assert asked.calls["SageMaker.ListEndpoints"] == 3
    assert asked.throttled == {"SageMaker.ListEndpoints": 2}


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceLimitExceeded"])
def test_other_refusals_and_quotas_are_no_throttling(code: str) -> None:
    sessions = Sessions()
    answer_with_error(sessions, "sagemaker", "ListEndpoints", code)

    with pytest.raises(ClientError):
        sessions.client("sagemaker", REGION).list_endpoints()

    assert sessions.tally.now().calls["SageMaker.ListEndpoints"] == 1
    assert not sessions.tally.now().throttled

"""One sandbox for all its tests, emptied and set to the same moment before each."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sagewarden_cli.sandbox import Sandbox

type Client = Any  # boto3 makes its clients at run time

MONDAY_NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=MONDAY_NINE) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset(now=MONDAY_NINE)
    return running_sandbox


@pytest.fixture(scope="session")
def _clients() -> dict[str, Client]:
    return {}


@pytest.fixture
def client(sandbox: Sandbox, _clients: dict[str, Client]) -> Callable[[str], Client]:
    def make(service: str) -> Client:
        if service not in _clients:
            _clients[service] = sandbox.client(service)
        return _clients[service]

    return make


@pytest.fixture
def sagemaker(client: Callable[[str], Client]) -> Client:
    return client("sagemaker")


@pytest.fixture
def cloudwatch(client: Callable[[str], Client]) -> Client:
    return client("cloudwatch")


@pytest.fixture
def tagging(client: Callable[[str], Client]) -> Client:
    return client("resourcegroupstaggingapi")


@pytest.fixture
def autoscaling(client: Callable[[str], Client]) -> Client:
    return client("application-autoscaling")


@pytest.fixture
def refusal() -> Callable[..., tuple[str, str]]:
    """Return a caller that expects a ClientError and gives back its code and message."""
    return refused


def refused(method: Callable[..., Any], **params: object) -> tuple[str, str]:
    """Expect a ClientError, and return its code and message."""
    with pytest.raises(ClientError) as caught:
        method(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def refusal_code(method: Callable[..., Any], **params: object) -> str:
    """Expect a ClientError, and return its code."""
    return refused(method, **params)[0]

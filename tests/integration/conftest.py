"""One emulated AWS per worker process, emptied for each test."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sagewarden.adapters.sessions import Sessions
from sagewarden_cli.sandbox import Sandbox

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def served() -> Iterator[Sandbox]:
    with Sandbox(now=NOW) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    served.reset(now=NOW)
    for name, value in served.environment(region="us-east-1").items():
        monkeypatch.setenv(name, value)
    return served


@pytest.fixture
def sessions(sandbox: Sandbox) -> Sessions:  # noqa: ARG001 - sets the environment they read
    return Sessions()

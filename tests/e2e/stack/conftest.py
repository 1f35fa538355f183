"""Stacks that are built, deployed and at work; built once per session."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sagewarden.bootstrap import compile_policy_file
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.building import Built, build
from sagewarden_cli.stack.deployment import deploy
from sagewarden_cli.stack.runtime import Runtime
from sagewarden_cli.stack.toolchain import MissingToolError, Toolchain
from sagewarden_cli.stack.wiring import Wiring, wired

ROOT = Path(__file__).parents[3]
FIXTURES = Path(__file__).parent / "fixtures"
MONDAY = datetime(2026, 11, 16, 8, 50, tzinfo=UTC)

type Prepare = Callable[[Sandbox], Mapping[str, str]]
type Play = Callable[..., AbstractContextManager[Wiring]]
type Seoul = Callable[..., AbstractContextManager[Wiring]]

VARIABLES = {"POLICY_FILE": "/opt/governance.yaml"}
"""The code looks into /opt by itself, unless this variable names another place."""


@pytest.fixture(scope="session")
def tools() -> Toolchain:
    try:
        return Toolchain.of(ROOT)
    except MissingToolError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def builds(worker_id: str) -> Path:
    """Where this process of the test run builds, so that no two build in one place."""
    return ROOT / ".aws-sam/e2e" / worker_id


@pytest.fixture(scope="session")
def tiny(tools: Toolchain, builds: Path) -> Built:
    """A stack with one of each kind of wire."""
    return build(tools, FIXTURES / "tiny/template.yaml", builds / "tiny")


@pytest.fixture(scope="session")
def sagewarden(tools: Toolchain, builds: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The real stack, with a policy that acts on Seoul's working hours."""
    layer = tmp_path_factory.mktemp("policy")
    policy = layer / "governance.yaml"
    shutil.copy(FIXTURES / "policy/governance.yaml", policy)
    policy.with_suffix(".json").write_text(compile_policy_file(policy, range(2025, 2028)))
    place = builds / "sagewarden"
    return build(tools, ROOT / "template.yaml", place, instead={"layers/policy": layer})


@pytest.fixture(scope="session")
def play(tools: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Deploy a built stack into a sandbox of its own, and set it to work.

    What has to be there before it may be prepared; the answer is parameters of the stack.
    """

    @contextmanager
    def playing(
        built: Built,
        name: str,
        now: datetime = MONDAY,
        *,
        parameters: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        prepare: Prepare | None = None,
    ) -> Iterator[Wiring]:
        logs = tmp_path_factory.mktemp("logs")
        with Sandbox(now=now) as sandbox:
            prepared = {} if prepare is None else prepare(sandbox)
            parameters = {**(parameters or {}), **prepared}
            stack = deploy(sandbox, built.template, name=name, parameters=parameters)
            with (
                Runtime(tools, sandbox, stack.region, logs) as runtime,
                wired(sandbox, stack, runtime, variables) as wiring,
            ):
                yield wiring

    return playing


@pytest.fixture(scope="session")
def seoul(sagewarden: Built, play: Play) -> Seoul:
    """The stack in Seoul's time, with somebody who reads its notices."""

    def playing(
        now: datetime, policy: Path | None = None, **parameters: str
    ) -> AbstractContextManager[Wiring]:
        settings = {"Timezone": "Asia/Seoul", "NotificationEmail": "mlops@example.com"}
        variables = VARIABLES if policy is None else {"POLICY_FILE": str(policy)}
        return play(
            sagewarden, "sagewarden", now, parameters=settings | parameters, variables=variables
        )

    return playing

"""Stacks that are built, deployed and at work; built once per session."""

import inspect
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from sagewarden.bootstrap import compile_policy_file
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.stack.building import Built, build
from sagewarden_cli.stack.deployment import deploy
from sagewarden_cli.stack.runtime import Runtime
from sagewarden_cli.stack.toolchain import MissingToolError, Toolchain
from sagewarden_cli.stack.wiring import Wiring, wired
from tests.e2e.stack.creations import forbidden_things_are_created
from tests.e2e.stack.scenarios import Chronicle, at
from tests.support.made_once import made_once

ROOT = Path(__file__).parents[3]
FIXTURES = Path(__file__).parent / "fixtures"
MONDAY = datetime(2026, 11, 16, 8, 50, tzinfo=UTC)

type Prepare = Callable[[Sandbox], Mapping[str, str]]
type Make = Callable[[str, Callable[[Path], Built]], Built]
type Play = Callable[..., AbstractContextManager[Wiring]]
type Played = Callable[[str, Callable[[], Chronicle]], Chronicle]
type Seoul = Callable[..., AbstractContextManager[Wiring]]

VARIABLES = {"POLICY_FILE": "/opt/governance.yaml"}
"""The code looks into /opt by itself, unless this variable names another place."""


LONGEST = ("test_slack_loop", "test_restore_loop")
"""The modules whose plays are begun first, so that no process waits for them at the end."""


class ByPlay(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types
    """Lets one process run what looks at one play (pytest-xdist's groups need an older pytest)."""

    def _split_scope(self, nodeid: str) -> str:
        return _company_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPlay:
    """Hand tests out by what they look at."""
    return ByPlay(config, log)


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Begin with what takes longest; what looks at all plays comes last."""
    items.sort(key=lambda item: (_asked(item.obj) == ["request"], item.path.stem not in LONGEST))


def _asked(test: Callable[..., None]) -> list[str]:
    return list(inspect.signature(test).parameters)


def _company_of(test: str) -> str:
    """The play that a test looks at; alone is a test that has one of its own, or looks at many."""
    file, _, name = test.partition("::")
    module = Path(file).stem
    written = import_module(f"tests.e2e.stack.{module}")
    asked = _asked(getattr(written, name.partition("[")[0]))
    if "seoul" in asked or "request" in asked:
        return test
    return asked[-1] if module == "test_scenarios" else module


@pytest.fixture(scope="session")
def tools() -> Toolchain:
    try:
        return Toolchain.of(ROOT)
    except MissingToolError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Make:
    """What was built, by its name: whichever process comes first builds it."""

    def once(name: str, make: Callable[[Path], Built]) -> Built:
        place = ROOT / ".aws-sam/e2e" / name
        return made_once(f"built {name}", lambda: make(place), tmp_path_factory, worker_id)

    return once


@pytest.fixture(scope="session")
def tiny(tools: Toolchain, built: Make) -> Built:
    """A stack with one of each kind of wire."""
    return built("tiny", lambda place: build(tools, FIXTURES / "tiny/template.yaml", place))


@pytest.fixture(scope="session")
def sagewarden(tools: Toolchain, built: Make, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The real stack, with a policy that acts on Seoul's working hours."""
    layer = tmp_path_factory.mktemp("policy")
    policy = layer / "governance.yaml"
    shutil.copy(FIXTURES / "policy/governance.yaml", policy)
    policy.with_suffix(".json").write_text(compile_policy_file(policy, range(2025, 2028)))
    instead = {"layers/policy": layer}
    template = ROOT / "template.yaml"
    return built("sagewarden", lambda place: build(tools, template, place, instead=instead))


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
def played(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Played:
    """What came of a play, by its name: whichever process comes first plays it."""
    return lambda name, play: made_once(name, play, tmp_path_factory, worker_id)


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


@pytest.fixture(scope="session")
def creations(seoul: Seoul, played: Played) -> Chronicle:
    """A morning on which forbidden things are created, undisturbed."""
    return played("creations", lambda: forbidden_things_are_created(seoul(at(16, 8, 52))))

"""The emulated AWS as one object: started, controlled, seeded and stopped."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config
from moto.core.base_backend import BackendDict

from sagewarden_cli.sandbox.application import Application
from sagewarden_cli.sandbox.bedrock.seeding import BedrockFleet
from sagewarden_cli.sandbox.bedrock.throughput import BedrockStore
from sagewarden_cli.sandbox.billing.desk import BillingDesk
from sagewarden_cli.sandbox.calls import CallLog
from sagewarden_cli.sandbox.clock import SandboxClock
from sagewarden_cli.sandbox.cloudwatch.loading import MetricLoader
from sagewarden_cli.sandbox.control import DEFAULT_REGION, Control
from sagewarden_cli.sandbox.deployed.stacks import DeployedStore
from sagewarden_cli.sandbox.eks.resources import EksStore
from sagewarden_cli.sandbox.eks.seeding import EksFleet
from sagewarden_cli.sandbox.latency import Latency
from sagewarden_cli.sandbox.membership import ORGANIZATION
from sagewarden_cli.sandbox.observation import Observers
from sagewarden_cli.sandbox.organization.building import OrganizationBuilder
from sagewarden_cli.sandbox.pricing import PriceSetter
from sagewarden_cli.sandbox.sagemaker.resources import SageMakerStore
from sagewarden_cli.sandbox.sagemaker.seeding import SageMakerFleet
from sagewarden_cli.sandbox.service_quotas import QuotaSetter
from sagewarden_cli.sandbox.serving import KeepingServer
from sagewarden_cli.sandbox.transitions import TransitionTimes
from sagewarden_cli.sandbox.world import DEFAULT_ACCOUNT, World

_running: set["Sandbox"] = set()
_CLIENT_CONFIG = Config(retries={"total_max_attempts": 1}, max_pool_connections=50)


ENTRY_ROLE = "sandbox"
"""The role through which the sandbox's own clients enter another account."""


class Sandbox:
    """An emulated AWS on a port of localhost, for as long as the ``with`` block lasts.

    Several may run in one process, each with its own clock and its own SageMaker and CloudWatch
    metrics. What moto answers they share, because its backends are global to the process: the
    first to start, the last to stop and any reset empty them.

    Args:
        now: The time at which the clock stands still; None lets it run with real time.
        host: The interface to listen on. Keep the name ``localhost``: moto treats it specially.
        port: The port; 0 takes a free one.
    """

    account_id = DEFAULT_ACCOUNT

    def __init__(
        self,
        now: datetime | None = None,
        *,
        host: str = "localhost",
        port: int = 0,
    ) -> None:
        self._world = World(now)
        self._host = host
        self._wanted_port = port
        self._application = Application(self._world, Control(self._world, self.reset))
        self._server: KeepingServer | None = None
        self._thread: threading.Thread | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self.metrics = MetricLoader(self._world)
        self.quotas = QuotaSetter(self._world)
        self.prices = PriceSetter(self._world)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, in a thread of its own.

        Raises:
            RuntimeError: It is running already.
            OSError: The port is taken.
        """
        if self._server is not None:
            raise RuntimeError(f"the sandbox is running already, at {self.endpoint_url}")
        self._server = self._make_server()
        if not _running:
            _reset_moto()
        _running.add(self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; what it holds stays until it is reset."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server = self._thread = None
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        _running.discard(self)
        if not _running:
            _reset_moto()

    @property
    def port(self) -> int:
        """The port it listens on.

        Raises:
            RuntimeError: It is not running.
        """
        if self._server is None:
            raise RuntimeError("the sandbox is not running: use it in a with block")
        return int(self._server.server_port)

    @property
    def endpoint_url(self) -> str:
        """What belongs into ``AWS_ENDPOINT_URL``."""
        return f"http://{self._host}:{self.port}"

    @property
    def application(self) -> Application:
        """What answers: a WSGI application, for callers in the same process."""
        return self._application

    @property
    def clock(self) -> SandboxClock:
        """The time, and the hand on it."""
        return self._world.clock

    @property
    def transition_times(self) -> TransitionTimes:
        """How long state changes take."""
        return self._world.times

    @property
    def latency(self) -> Latency:
        """How long each API call takes in real time."""
        return self._world.latency

    @property
    def calls(self) -> CallLog:
        """The API calls received so far."""
        return self._world.calls

    @property
    def observers(self) -> Observers:
        """Those who are told of each API call before it is answered."""
        return self._world.observers

    def tags_of(self, arn: str) -> dict[str, str]:
        """Return the tags of what SageMaker, EKS or Bedrock has here; none for any other ARN.

        The ARN of a node group may lack the id at its end.
        """
        _, _, service, region, account, _ = arn.split(":", 5)
        if service == "eks":
            store = self._world.at(account, region).part(EksStore)
            groups = [g for g in store.node_groups() if arn in {g.arn, g.arn.rpartition("/")[0]}]
            return dict(groups[0].tags) if groups else {}
        try:
            here = self._world.at(account, region)
            if service == "bedrock":
                bought = here.part(BedrockStore).find(arn)
                return {} if bought is None else dict(bought.tags)
            found = here.part(SageMakerStore).by_arn(arn) if service == "sagemaker" else None
        except KeyError:
            return {}
        return {} if found is None else dict(found.tags)

    def organization_of(self, account: str) -> str | None:
        """Return the id of the organisation that an account is in, if it is in one."""
        return ORGANIZATION if account in self._world.organization.members else None

    def sagemaker(self, account: str | None = None, region: str = DEFAULT_REGION) -> SageMakerFleet:
        """Return the in-process builder of SageMaker resources in an account and region."""
        return SageMakerFleet(lambda: self._world.at(account, region))

    def billing(self, account: str | None = None) -> BillingDesk:
        """Return AWS's metering and advisors of an account, to be told what was used and found."""
        return BillingDesk(self._world, account)

    def deployed(self, account: str | None = None, region: str = DEFAULT_REGION) -> DeployedStore:
        """Return what CloudFormation and Lambda know of the stacks of an account and region."""
        return self._world.at(account, region).part(DeployedStore)

    def organization(self, management: str = DEFAULT_ACCOUNT) -> OrganizationBuilder:
        """Return the in-process builder of the organisation; there is none before the first."""
        return OrganizationBuilder(self._world, management)

    def eks(self, account: str | None = None, region: str = DEFAULT_REGION) -> EksFleet:
        """Return the in-process builder of what EKS holds in an account and region."""
        return EksFleet(lambda: self._world.at(account, region))

    def bedrock(self, account: str | None = None, region: str = DEFAULT_REGION) -> BedrockFleet:
        """Return the in-process builder of provisioned throughput in an account and region."""
        return BedrockFleet(lambda: self._world.at(account, region))

    def environment(self, region: str = DEFAULT_REGION) -> dict[str, str]:
        """Return the environment variables that point another process's SDK at the sandbox."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",  # the sandbox checks no signature
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str = DEFAULT_REGION, account: str | None = None) -> Any:  # noqa: ANN401  # boto3 makes its clients at run time
        """Return a boto3 client of the sandbox; it does not retry, so what fails shows at once.

        Those of the sandbox's own account are made once, and shared.

        Args:
            service: boto3's name of the service.
            region: The region to work in.
            account: Another account, entered as code would enter it: by assuming a role there.
        """
        if account not in {None, self.account_id}:
            return self.client_as(f"arn:aws:iam::{account}:role/{ENTRY_ROLE}", service, region)
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._client(service, region, ("testing", "testing", None))
        return self._clients[key]

    def client_as(self, role: str, service: str, region: str = DEFAULT_REGION) -> Any:  # noqa: ANN401  # as above
        """Return a client under a session of a role, given by its ARN; it need not exist."""
        sts = self.client("sts", region)
        session = sts.assume_role(RoleArn=role, RoleSessionName="sandbox")["Credentials"]
        keys = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        return self._client(service, region, keys)

    def _client(self, service: str, region: str, keys: tuple[str, str, str | None]) -> Any:  # noqa: ANN401  # as above
        return _boto3_client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=keys[2],
            config=_CLIENT_CONFIG,
        )

    def reset(self, now: datetime | None = None) -> None:
        """Empty everything, moto's backends too, and start the clock anew, as ``Sandbox(now)``.

        Roles assumed before are forgotten as well: a client that was made for another account
        would act in the default account from now on, so make it anew.
        """
        self._world.restart(now)
        _reset_moto()

    def _make_server(self) -> KeepingServer:
        return KeepingServer(self._host, self._wanted_port, self._application)


# Clients of the sandbox itself, not of the product; boto3's own signature knows only literals.
_boto3_client: Callable[..., Any] = boto3.client  # noqa: TID251  # see above


def _reset_moto() -> None:
    BackendDict.reset()


def serve(host: str = "localhost", port: int = 5000, now: datetime | None = None) -> None:
    """Run a sandbox until the process is interrupted.

    Raises:
        OSError: The port is taken.
    """
    with suppress(KeyboardInterrupt), Sandbox(now, host=host, port=port) as sandbox:
        os.environ["MOTO_PORT"] = str(sandbox.port)  # where moto's own callbacks go
        threading.Event().wait()

"""Describing endpoints where only so many Describe calls a second are allowed."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from benchmarks.process import Server, serving
from benchmarks.server import REGION, SHOWN
from sagewarden.adapters.sagemaker_inventory import SageMakerInventory
from sagewarden.adapters.sessions import CONNECTIONS, Sessions

LATENCY_MS = 50
CALLS_PER_ENDPOINT = 2
_REST = 1.5
"""Seconds after which a bucket that was emptied is full again."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """How long one way of calling took.

    Attributes:
        way: Which one.
        rate: How many Describe calls a second were allowed, with a burst of as many.
        endpoints: How many were described, by two calls each.
        seconds: How long it took.
        failed: How many could not be described.
        throttled: How many attempts were in vain.
    """

    way: str
    rate: float
    endpoints: int
    seconds: float
    failed: int
    throttled: int

    @property
    def permitted(self) -> float:
        """How many seconds the server's rate makes of it at the least."""
        return (CALLS_PER_ENDPOINT * self.endpoints - self.rate) / self.rate

    @property
    def ratio(self) -> float:
        """How much longer it took than the rate permits."""
        return self.seconds / self.permitted


def throttled(rate: float, endpoints: int) -> Sequence[Throttled]:
    """Describe endpoints, our way and with botocore's adaptive retries, at the same server."""
    options = ("--endpoints", str(endpoints), "--describes-per-second", str(rate))
    with serving(*options) as server:
        server.set_latency(LATENCY_MS)
        os.environ.update(server.environment(REGION))
        names = [f"endpoint-{number:06}" for number in range(endpoints)]
        ways: dict[str, Callable[[], int]] = {
            "Sagewarden": _our_way(),
            "botocore, adaptive": lambda: _adaptive_way(names),
        }
        return [_timed(way, describe, server, rate, endpoints) for way, describe in ways.items()]


def _timed(
    way: str, describe: Callable[[], int], server: Server, rate: float, endpoints: int
) -> Throttled:
    time.sleep(_REST)
    server.forget_calls()
    begun = time.monotonic()
    failed = describe()
    seconds = time.monotonic() - begun
    vain = sum(n for name, n in server.calls().items() if name.startswith(f"{SHOWN}."))
    return Throttled(way, rate, endpoints, seconds, failed, vain)


def _our_way() -> Callable[[], int]:
    inventory = SageMakerInventory(Sessions())
    listed = inventory.endpoints(REGION).items

    def describe() -> int:
        return len(inventory.describe(REGION, listed).incomplete)

    return describe


def _adaptive_way(names: Sequence[str]) -> int:
    """The same two calls by as many threads, and the retries that Sagewarden had before."""
    retries = Config(
        retries={"mode": "adaptive", "total_max_attempts": 8}, max_pool_connections=CONNECTIONS
    )
    client: Any = Session().create_client("sagemaker", region_name=REGION, config=retries)

    def described(name: str) -> bool:
        try:
            config = client.describe_endpoint(EndpointName=name)["EndpointConfigName"]
            client.describe_endpoint_config(EndpointConfigName=config)
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(not done for done in pool.map(described, names))

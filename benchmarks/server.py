"""The emulated AWS in a process of its own, with a fleet in it.

It prints its address when it is ready and serves until its standard input ends. What is counted
and how long answers take is asked of its remote control: docs/sandbox.md.
"""

import argparse
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

from benchmarks.fleet import VARIANT, FleetSize, endpoints, notebooks
from benchmarks.token_bucket import TokenBucket
from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.errors import AwsError
from sagewarden_cli.sandbox.observation import ObservedCall

REGION = "us-east-1"
THROTTLED = "ThrottlingException"
SHOWN = "throttled"
"""What the control's counts call the calls that were throttled."""


def main() -> None:
    """Seed, serve, and end with whoever started it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoints", type=int, default=0)
    parser.add_argument("--notebooks", type=int, default=0)
    parser.add_argument("--idle-percent", type=int, default=5)
    parser.add_argument("--describes-per-second", type=float, help="what is above is throttled")
    given = parser.parse_args()
    size = FleetSize(given.endpoints, given.notebooks, given.idle_percent)
    with Sandbox() as sandbox:
        seed(sandbox, size, datetime.now(tz=UTC))
        if given.describes_per_second:
            gate = Gate(sandbox, given.describes_per_second)
            with sandbox.observers.watching(gate):
                _serve(sandbox)
        else:
            _serve(sandbox)


def seed(sandbox: Sandbox, size: FleetSize, now: datetime) -> None:
    """Put a fleet into the emulated AWS."""
    fleet = sandbox.sagemaker(region=REGION)
    hour = now.replace(minute=0, second=0, microsecond=0)
    for one in endpoints(size, now):
        fleet.add_endpoint(
            one.name, instance_type=one.instance_type, created_at=one.created, tags=one.tags
        )
        points = [(hour - timedelta(hours=ago), calls) for ago, calls in one.calls]
        dimensions = {"EndpointName": one.name, "VariantName": VARIANT}
        sandbox.metrics.load(None, REGION, "AWS/SageMaker", "Invocations", dimensions, points)
    for one in notebooks(size, now):
        fleet.add_notebook_instance(
            one.name,
            instance_type=one.instance_type,
            status="Stopped" if one.story == "stopped" else "InService",
            created_at=one.created,
            tags=one.tags,
        )


class Gate:
    """Lets so many Describe calls through per second, in bursts of one second's worth."""

    def __init__(self, sandbox: Sandbox, per_second: float) -> None:
        self._sandbox = sandbox
        self._bucket = TokenBucket(per_second, per_second, time.monotonic())

    def __call__(self, call: ObservedCall) -> None:
        """Refuse a call that is too much.

        Raises:
            AwsError: It is throttled.
        """
        if call.operation.startswith("Describe") and not self._bucket.take(time.monotonic()):
            self._sandbox.calls.record(SHOWN, call.operation)
            raise AwsError(THROTTLED, "Rate exceeded")


def _serve(sandbox: Sandbox) -> None:
    print(sandbox.endpoint_url, flush=True)
    ended = threading.Thread(target=sys.stdin.read, daemon=True)
    ended.start()
    ended.join()


if __name__ == "__main__":
    main()

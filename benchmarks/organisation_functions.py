"""A hub's functions at work, each in a process of its own: what is imported here is measured.

``python -m benchmarks.organisation_functions dispatch | sweep MESSAGES | clients OWN`` prints what
the work took as a line of JSON.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.lambda_context import Context

ACCOUNTS = 20
"""For how many accounts clients are made, to say what one of them takes."""

REGION = "us-east-1"


class _Log:
    """Takes what a function logs, and keeps what it could not reach."""

    def __init__(self) -> None:
        self.out_of_reach = 0

    def write(self, text: str) -> int:
        """Take a line."""
        self.out_of_reach += '"message":"out of reach"' in text
        return len(text)

    def flush(self) -> None:
        """Keep nothing back."""


@contextlib.contextmanager
def _logging() -> Iterator[_Log]:
    log = _Log()
    with contextlib.redirect_stdout(log):
        yield log


def dispatch(_: int) -> Mapping[str, Any]:
    """Wake the dispatcher, cold."""
    with _logging():
        begun = time.perf_counter()
        from sagewarden.entrypoints.dispatching import dispatch_handler  # noqa: PLC0415 - timed

        answer = dispatch_handler()({"version": 1, "bot": "notebook_hours"}, Context())
        seconds = time.perf_counter() - begun
    return {"seconds": seconds, "peak_mb": _peak(), "count": answer["messages"]}


def sweep(messages: int) -> Mapping[str, Any]:
    """Sweep some of what a wake-up asked for, one message an invocation."""
    bodies = _asked(messages)
    with _logging() as log:
        begun = time.perf_counter()
        from sagewarden.entrypoints.sweeping import sweep_handler  # noqa: PLC0415 - timed

        handler, failed = sweep_handler("notebook_hours"), 0
        for body in bodies:
            record = {"messageId": "a-message", "body": body, "attributes": {}}
            failed += len(handler({"Records": [record]}, Context())["batchItemFailures"])
        seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "peak_mb": _peak(),
        "count": len(bodies),
        "failed": failed,
        "out_of_reach": log.out_of_reach,
    }


def clients(own: int) -> float:
    """The memory that the clients of one more account take, in MB.

    Args:
        own: Whether each account has a botocore session of its own (1), or all share one (0).
    """
    from botocore.session import Session  # noqa: PLC0415 - as above

    from sagewarden.adapters.sessions import Sessions, Workshop  # noqa: PLC0415

    shop, kept, before = Workshop(None), [], 0.0
    for number in range(ACCOUNTS + 1):
        if number == 1:  # what all of them share is there
            before = _resident()
        ours, theirs = Sessions(workshop=shop), Session() if own else None
        for service in ("sagemaker", "resourcegroupstaggingapi", "cloudwatch"):
            client = (
                theirs.create_client(service, REGION) if theirs else ours.client(service, REGION)
            )
            kept.append((ours, theirs, client))
    return (_resident() - before) / ACCOUNTS


def _asked(messages: int) -> list[str]:
    """The first messages of a wake-up, as the dispatcher made them of its roster."""
    from aws_lambda_powertools import Logger, Metrics  # noqa: PLC0415 - as above

    from sagewarden.adapters.sessions import Sessions  # noqa: PLC0415
    from sagewarden.bootstrap import read_deployed_policy  # noqa: PLC0415
    from sagewarden.bots import NOTEBOOK_HOURS  # noqa: PLC0415
    from sagewarden.entrypoints.looking_out import Lookout  # noqa: PLC0415
    from sagewarden.entrypoints.messages import SweepRequest  # noqa: PLC0415
    from sagewarden.entrypoints.settings import home, policy_file  # noqa: PLC0415

    here, sessions = home(Context().invoked_function_arn), Sessions()
    lookout = Lookout(read_deployed_policy(policy_file()), here, sessions)
    found = lookout.targets(Logger(), Metrics(service="benchmark"), lambda: True)
    return [SweepRequest(NOTEBOOK_HOURS, target, "a-run").body() for target in found[:messages]]


def _peak() -> float:
    """The peak memory of this process, in MB; what getrusage says may be its parent's."""
    return _status("VmHWM")


def _resident() -> float:
    """The memory of this process as it is, in MB."""
    return _status("VmRSS")


def _status(name: str) -> float:
    """What Linux says of this process, in MB (proc_pid_status(5): in kB)."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [line] = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) / 1024


WORK: Mapping[str, Callable[[int], object]] = {
    "dispatch": dispatch,
    "sweep": sweep,
    "clients": clients,
}

if __name__ == "__main__":
    _, name, *argument = sys.argv
    print(json.dumps(WORK[name](int(*argument or "0"))))

#!/usr/bin/env python3
"""Report whether anything is at work on this notebook instance: 1 or 0, every five minutes.

It runs on the notebook instance itself, with what every image has: Python 3.7 and the AWS CLI. It
only looks, and never ends anything. When a part of it cannot look, nothing is reported, and
Sagewarden calls the instance UNKNOWN.

At work is: a kernel that is not idle, a kernel or a terminal with activity within the last reports,
a program in a terminal, a processor or a GPU that computes, whoever started that.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from typing import Iterator

NAMESPACE = "Sagewarden/Notebooks"
METRIC = "Active"
DIMENSION = "NotebookInstanceName"

JUPYTER = os.environ.get("SAGEWARDEN_JUPYTER", "https://localhost:8443")
PROC = os.environ.get("SAGEWARDEN_PROC", "/proc")
METADATA = os.environ.get("SAGEWARDEN_METADATA", "/opt/ml/metadata/resource-metadata.json")

RECENT = timedelta(minutes=10)
"""Two reports: work between two of them is in both, so that none falls between."""

BUSY_LOAD = 0.5
"""A five-minute load average from which a processor computes; an image at rest stays below 0.2."""

BUSY_GPU = 1
"""GPU utilisation, in percent, from which a GPU computes."""

SHELLS = frozenset({"bash", "sh", "zsh", "fish", "dash", "login", "tmux", "screen", "ps"})
"""What a terminal runs in which nothing is at work; panes of tmux and screen are terminals, too."""

SECONDS = 20


def ask_jupyter(path: str) -> list[dict[str, str]]:
    """What Jupyter answers to a path of its API."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # its own certificate, on this very machine
    where = context if JUPYTER.startswith("https:") else None
    with urllib.request.urlopen(JUPYTER + path, timeout=SECONDS, context=where) as answer:  # noqa: S310
        told: list[dict[str, str]] = json.loads(answer.read().decode("utf-8"))
        return told


def output_of(*command: str) -> str:
    """What a command prints."""
    return subprocess.run(  # noqa: S603
        command, check=True, stdout=subprocess.PIPE, timeout=SECONDS
    ).stdout.decode("utf-8", "replace")


def moment(text: str) -> datetime:
    """A moment as Jupyter writes it: ISO 8601 in UTC, with or without fractions."""
    return datetime.strptime(text.partition(".")[0].rstrip("Z"), "%Y-%m-%dT%H:%M:%S").replace(
        tzinfo=timezone.utc
    )


def work_in_kernels(kernels: list[dict[str, str]], now: datetime) -> Iterator[str]:
    """The work that a list of kernels shows."""
    for kernel in kernels:
        if kernel["execution_state"] != "idle":
            yield f"kernel {kernel['name']} is {kernel['execution_state']}"
        elif now - moment(kernel["last_activity"]) < RECENT:
            yield f"kernel {kernel['name']} was used"


def work_in_terminals(terminals: list[dict[str, str]], now: datetime) -> Iterator[str]:
    """The activity that a list of terminals shows."""
    for terminal in terminals:
        if now - moment(terminal["last_activity"]) < RECENT:
            yield f"terminal {terminal['name']} was used"


def programs_in_terminals(processes: str) -> Iterator[str]:
    """The programs that run in terminals, of lines of a terminal and a command."""
    for line in processes.splitlines():
        tty, _, command = line.strip().partition(" ")
        name = command.strip().partition(":")[0].lstrip("-")
        if tty.startswith("pts/") and name not in SHELLS:
            yield f"{name} runs in {tty}"


def busy_gpus(answer: str) -> Iterator[str]:
    """The GPUs that compute, of nvidia-smi's lines of percents."""
    for number, line in enumerate(filter(None, answer.splitlines())):
        if int(line.strip()) >= BUSY_GPU:
            yield f"GPU {number} is at {line.strip()} %"


def has_gpu() -> bool:
    """Whether this machine has NVIDIA's driver."""
    return os.path.exists(PROC + "/driver/nvidia/version")


def five_minute_load() -> float:
    """How many programs computed or wanted to, on average over the last five minutes."""
    with open(PROC + "/loadavg") as file:
        return float(file.read().split()[1])


def work(now: datetime) -> list[str]:
    """Everything that is at work, in words."""
    found = list(work_in_kernels(ask_jupyter("/api/kernels"), now))
    found += work_in_terminals(ask_jupyter("/api/terminals"), now)
    found += programs_in_terminals(output_of("ps", "-e", "-o", "tty=,comm="))
    if has_gpu():
        query = ("--query-gpu=utilization.gpu", "--format=csv,noheader,nounits")
        found += busy_gpus(output_of("nvidia-smi", *query))
    load = five_minute_load()
    if load >= BUSY_LOAD:
        found.append(f"the load is {load:.2f}")
    return found


def place() -> tuple[str, str]:
    """The name and the region of this notebook instance."""
    with open(METADATA) as file:
        metadata = json.load(file)
    return metadata["ResourceName"], metadata["ResourceArn"].split(":")[3]


def report(name: str, region: str, *, active: bool) -> None:
    """Put one datapoint."""
    output_of(
        "aws",
        "cloudwatch",
        "put-metric-data",
        *("--namespace", NAMESPACE),
        *("--metric-name", METRIC),
        *("--dimensions", f"{DIMENSION}={name}"),
        *("--value", "1" if active else "0"),
        *("--region", region),
    )


def main() -> None:
    """Look, report, and say what was seen."""
    name, region = place()
    found = work(datetime.now(timezone.utc))
    report(name, region, active=bool(found))
    print("; ".join(found) or "nothing is at work")


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # noqa: BLE001 - whatever it is: no report is what says so
        print(f"not reported: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)

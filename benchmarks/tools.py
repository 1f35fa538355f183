"""The two tools that are compared: how each is told its policy, run, and what it answers."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.fleet import PROTECTED, VARIANT, WINDOW
from benchmarks.process import ROOT, Run, run
from benchmarks.server import REGION


class WrongAnswerError(Exception):
    """A tool failed, or answered otherwise than the fleet's generator knows it should."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool said and what it took.

    Attributes:
        names: What it would delete or stop, or did.
        runs: Its processes, one after the other.
    """

    names: frozenset[str]
    runs: tuple[Run, ...]

    @property
    def seconds(self) -> float:
        """From the start of the first process to the end of the last."""
        return sum(one.seconds for one in self.runs)

    @property
    def cpu(self) -> float:
        """Seconds that they computed."""
        return sum(one.cpu for one in self.runs)

    @property
    def peak_mb(self) -> float:
        """The most memory that one of them held."""
        return max(one.peak_mb for one in self.runs)


@dataclass(frozen=True, slots=True)
class Tool:
    """One of the two.

    Attributes:
        name: What tables call it.
        plan: Says what it would do.
        act: Does it, too.
    """

    name: str
    plan: Callable[[Sequence[str], Mapping[str, str], Path], Answer]
    act: Callable[[Sequence[str], Mapping[str, str], Path], Answer]


def our_policy(kinds: Sequence[str], now: datetime) -> str:
    """Our policy for some kinds of resource, as JSON, which is YAML.

    Args:
        kinds: ``endpoint`` and ``notebook-instance``, or one of them.
        now: The present moment: business hours have just ended.
    """
    key, value = PROTECTED
    closed = now.astimezone(UTC).replace(minute=0)
    rules = {
        "endpoint": {
            "name": "idle-endpoints",
            "resources": "endpoint",
            "idle": {"invocations": 0, "for": f"{WINDOW // timedelta(hours=1)}h"},
            "action": "delete",
        },
        "notebook-instance": {
            "name": "notebook-hours",
            "resources": "notebook-instance",
            "outside": "open",
            "action": "stop",
        },
    }
    hours = {"from": f"{closed - timedelta(hours=9):%H:%M}", "to": f"{closed:%H:%M}"}
    policy = {
        "version": 1,
        "mode": "enforce",
        "targets": {"accounts": "self", "regions": [REGION]},
        "protect": [{"tag": key, "values": [value]}],
        "calendars": {"open": {"weekdays": "daily", **hours}},
        "rules": [rules[kind] for kind in kinds],
    }
    return json.dumps(policy, indent=1)


def custodian_policy(kinds: Sequence[str], now: datetime) -> str:
    """Cloud Custodian's nearest policy, as JSON, which is YAML.

    What costs no call is filtered first. It matches one hour only, so the next one counts as well,
    should a run take that long.
    """
    unprotected = {f"tag:{PROTECTED[0]}": "absent"}
    offhour = {"type": "offhour", "default_tz": "utc", "weekends": False, "opt-out": True}
    policies = {
        "endpoint": {
            "name": "idle-endpoints",
            "resource": "aws.sagemaker-endpoint",
            "filters": [
                {"EndpointStatus": "InService"},
                unprotected,
                {
                    "type": "value",
                    "key": "CreationTime",
                    "value_type": "age",
                    "op": "gt",
                    "value": WINDOW // timedelta(days=1),
                },
                {
                    "type": "metrics",
                    "namespace": "AWS/SageMaker",
                    "name": "Invocations",
                    "dimensions": {"VariantName": VARIANT},
                    "statistics": "Sum",
                    "days": WINDOW // timedelta(days=1),
                    "op": "eq",
                    "value": 0,
                },
            ],
            "actions": ["delete"],
        },
        "notebook-instance": {
            "name": "notebook-hours",
            "resource": "aws.sagemaker-notebook",
            "filters": [
                {"NotebookInstanceStatus": "InService"},
                unprotected,
                {"or": [{**offhour, "offhour": (now.hour + ahead) % 24} for ahead in (0, 1)]},
            ],
            "actions": ["stop"],
        },
    }
    return json.dumps({"policies": [policies[kind] for kind in kinds]}, indent=1)


def _ours(
    kinds: Sequence[str], environment: Mapping[str, str], folder: Path, *, acting: bool
) -> Answer:
    """``sagewarden plan``, and ``sagewarden apply``: both check limits and remember in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    policy, saved, ledger = (folder / name for name in ("policy.yaml", "plan.json", "ledger.json"))
    policy.write_text(our_policy(kinds, datetime.now(tz=UTC)), encoding="utf-8")
    program = [str(Path(sys.executable).with_name("sagewarden"))]
    common = ["--policy", str(policy), "--ledger", f"file:{ledger}"]
    command = [*program, "plan", *common, "--save", str(saved), "--output", "json"]
    runs = [run(command, environment, folder / "plan")]
    _must(runs[0].code in {0, 2}, folder / "plan")
    plan = json.loads(saved.read_text(encoding="utf-8"))
    _must(plan["incomplete"] == [], folder / "plan")
    names = {item["resource"]["name"] for item in plan["actions"]}
    if acting:
        command = [*program, "apply", str(saved), *common, "--over-limits", "--output", "json"]
        runs.append(run(command, environment, folder / "apply"))
        _must(runs[-1].code == 0, folder / "apply")
        told = json.loads((folder / "apply/stdout").read_text(encoding="utf-8"))
        names = {
            item["resource"]["name"] for item in told["outcomes"] if item["outcome"] == "APPLIED"
        }
    return Answer(frozenset(names), tuple(runs))


def _custodian(
    kinds: Sequence[str], environment: Mapping[str, str], folder: Path, *, acting: bool
) -> Answer:
    """``custodian run``, without its cache of what earlier runs saw."""
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "policy.yml"
    policy.write_text(custodian_policy(kinds, datetime.now(tz=UTC)), encoding="utf-8")
    program = [str(ROOT / ".tools/c7n/bin/python"), str(ROOT / "benchmarks/custodian/run.py")]
    options = ["--region", REGION, "--cache-period", "0", "--output-dir", str(folder / "out")]
    dry = [] if acting else ["--dryrun"]
    done = run([*program, "run", *options, *dry, str(policy)], environment, folder / "run")
    _must(done.code == 0, folder / "run")
    matched = [
        item.get("EndpointName") or item["NotebookInstanceName"]
        for found in sorted((folder / "out").glob("*/resources.json"))
        for item in json.loads(found.read_text(encoding="utf-8"))
    ]
    return Answer(frozenset(matched), (done,))


def _must(holds: bool, folder: Path) -> None:  # noqa: FBT001 - it reads as a sentence
    if not holds:
        said = (folder / "stderr").read_text(encoding="utf-8")[-2000:]
        raise WrongAnswerError(f"{folder}: {said}")


OURS = Tool("Sagewarden", partial(_ours, acting=False), partial(_ours, acting=True))
CUSTODIAN = Tool(
    "Cloud Custodian", partial(_custodian, acting=False), partial(_custodian, acting=True)
)

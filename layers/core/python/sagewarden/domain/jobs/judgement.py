"""Whether a job is stuck, late or failing, and whether anybody uses a warm pool.

No data is no idleness: without a datapoint for nearly every minute of every instance, a job is
UNKNOWN. A job that another one launched is judged with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sagewarden.domain.actions import Action, Precondition
from sagewarden.domain.durations import spoken
from sagewarden.domain.job_runs import Run
from sagewarden.domain.jobs.hosts import gpu_series, has_gpus
from sagewarden.domain.jobs.job import PoolStatus, WarmPool
from sagewarden.domain.jobs.questions import IdleGpus, Questions
from sagewarden.domain.jobs.worth import saving_of
from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Readings, Series
from sagewarden.domain.resources import Resource, ResourceKind, run_of
from sagewarden.domain.scope import Scope, expired_exemption, spared
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

COVERAGE = 0.8
"""The share of a window's minutes that must have a datapoint: the latest arrive late."""

WORK = {
    ResourceKind.TRAINING_JOB: "Training",
    ResourceKind.PROCESSING_JOB: "Processing",
    ResourceKind.TRANSFORM_JOB: "Transforming",
}
"""The phase in which a job of a kind is at work, and its GPUs should be."""

_ENDING = frozenset({"Uploading", "Stopping", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"})
"""Phases in which AWS ends a job, or it saves what it has."""

_ORDER = (
    VerdictKind.VIOLATION,
    VerdictKind.UNKNOWN,
    VerdictKind.TOO_NEW,
    VerdictKind.COMPLIANT,
    VerdictKind.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What one question about a job comes to."""

    kind: VerdictKind
    reason: str
    evidence: Evidence = field(default_factory=dict)


def judge_job(
    resource: Resource, scope: Scope, asks: Questions, facts: Facts, now: datetime
) -> Verdict:
    """Judge a job or a warm pool.

    Args:
        resource: What the rule covers.
        scope: The rule's reach.
        asks: What the rule asks.
        facts: List prices, and the metrics of `gpus_of` over the rule's window.
        now: The moment of judgement (aware).
    """
    if verdict := spared(resource, scope, now):
        return verdict
    if isinstance(resource, WarmPool):
        found = _pool(resource, asks, now)
    else:
        found = _job(resource, asks, facts.readings, now)
    if found.kind is not VerdictKind.VIOLATION:
        return scope.verdict(resource, found.kind, found.reason, **found.evidence)
    told = [found.reason, *_hints(resource)]
    if expired := expired_exemption(resource.tags, now):
        told.append(expired)
    return Verdict(
        rule=scope.rule,
        ref=resource.ref,
        kind=VerdictKind.VIOLATION,
        reason="; ".join(told),
        evidence=found.evidence,
        action=Action(asks.action, resource.ref, Precondition.of(resource)),
        saving=saving_of(resource, facts.prices, now),
    )


def gpus_of(resource: Resource) -> Iterator[Series]:
    """The GPU metrics that a verdict on a job depends on; none while it is not at work."""
    for kind, run in _at_work(resource).values():
        if run.phase == WORK.get(ResourceKind(kind)) and run.hosts and _all_have_gpus(run):
            yield from gpu_series(kind, run.hosts)


def _at_work(resource: Resource) -> Mapping[str, tuple[str, Run]]:
    """What of a job runs on instances: itself, or the training jobs of a tuning job."""
    run = run_of(resource)
    if run is None or run.parent is not None:
        return {}
    if run.at_work is not None:
        return {name: (ResourceKind.TRAINING_JOB, item) for name, item in run.at_work.items()}
    return {resource.ref.name: (resource.ref.kind, run)}


def _job(resource: Resource, asks: Questions, readings: Readings | None, now: datetime) -> _Finding:
    run = run_of(resource)
    if resource.status.value == "UNKNOWN" or run is None:
        return _Finding(
            VerdictKind.UNKNOWN, "it could not be described, or its status is not known"
        )
    if resource.status.value != "InProgress":
        reason = f"it is {resource.status}: only a job InProgress costs and can be stopped"
        return _Finding(VerdictKind.NOT_APPLICABLE, reason)
    if run.parent is not None:
        reason = f"it belongs to {run.parent.rpartition(':')[2]}, and is judged with it"
        return _Finding(VerdictKind.NOT_APPLICABLE, reason, {"parent": run.parent})
    answers: list[_Finding] = []
    if asks.failing_children is not None:
        answers.append(_failing(resource.ref.kind, run, asks.failing_children))
    if asks.past_max_runtime is not None:
        answers.append(_late(resource, run, asks.past_max_runtime, now))
    if asks.idle is not None:
        answers.append(_idle(resource, run, asks.idle, readings))
    return _together(answers)


def _together(answers: list[_Finding]) -> _Finding:
    """Any violation is one; what is not known hides behind no compliance."""
    for kind in _ORDER:
        found = [answer for answer in answers if answer.kind is kind]
        if found:
            evidence = {key: value for item in found for key, value in item.evidence.items()}
            return _Finding(kind, "; ".join(item.reason for item in found), evidence)
    return _Finding(VerdictKind.NOT_APPLICABLE, "the rule asks nothing of this kind")


def _failing(kind: str, run: Run, least: int) -> _Finding:
    if kind != ResourceKind.TUNING_JOB:
        return _Finding(VerdictKind.NOT_APPLICABLE, "it is no tuning job")
    counts = run.children
    if counts is None:
        return _Finding(VerdictKind.UNKNOWN, "how its training jobs ended is not known")
    evidence = {"failed": counts.failed, "finished": counts.finished}
    if counts.failed < counts.finished:
        reason = f"{counts.finished - counts.failed} of its training jobs did not fail"
        return _Finding(VerdictKind.COMPLIANT, reason, evidence)
    if counts.failed < least:
        reason = f"{counts.failed} of its training jobs failed; {least} in a row tell"
        return _Finding(VerdictKind.COMPLIANT, reason, evidence)
    reason = f"all {counts.failed} training jobs of it that ended failed"
    return _Finding(VerdictKind.VIOLATION, reason, evidence)


def _late(resource: Resource, run: Run, tolerance: timedelta, now: datetime) -> _Finding:
    if run.phase in _ENDING:
        reason = f"it is {run.phase}: it ends, or saves what it has"
        return _Finding(VerdictKind.NOT_APPLICABLE, reason)
    limit = run.ends_by(resource.created)
    if limit is None:
        return _Finding(VerdictKind.NOT_APPLICABLE, "no limit of its own has begun to count")
    evidence = {"ends_by": limit.isoformat()}
    late = now - limit
    if late <= tolerance:
        reason = f"its own limit ends it by {limit.isoformat(timespec='minutes')}"
        return _Finding(VerdictKind.COMPLIANT, reason, evidence)
    reason = f"it runs {spoken(late)} past its own limit, and AWS did not stop it"
    return _Finding(VerdictKind.VIOLATION, reason, evidence)


def _idle(resource: Resource, run: Run, idle: IdleGpus, readings: Readings | None) -> _Finding:
    kind = resource.ref.kind
    if kind == ResourceKind.AUTO_ML_JOB:
        return _Finding(VerdictKind.NOT_APPLICABLE, "AWS runs its instances, and measures none")
    if kind == ResourceKind.TUNING_JOB and run.at_work is None:
        return _Finding(VerdictKind.UNKNOWN, "its training jobs could not be read")
    if readings is None:
        return _Finding(VerdictKind.UNKNOWN, "its metrics were not read")
    parts = _at_work(resource)
    if not parts:
        return _Finding(VerdictKind.NOT_APPLICABLE, "none of its training jobs runs now")
    found = [_idle_part(own, one, idle, readings) for own, one in parts.values()]
    for wanted in (VerdictKind.COMPLIANT, *_ORDER[1:]):  # one part in use is use
        for answer in found:
            if answer.kind is wanted:
                return answer
    highest = max(float(str(answer.evidence["gpu_utilization"])) for answer in found)
    count = sum(int(str(answer.evidence["hosts"])) for answer in found)
    return replace(
        found[0], evidence={**found[0].evidence, "gpu_utilization": highest, "hosts": count}
    )


def _idle_part(kind: str, run: Run, idle: IdleGpus, readings: Readings) -> _Finding:
    work = WORK[ResourceKind(kind)]
    if run.phase != work:
        reason = f"it is {run.phase or 'in no known phase'}: its GPUs work while it is {work}"
        return _Finding(VerdictKind.NOT_APPLICABLE, reason)
    if run.machines is None:
        return _Finding(VerdictKind.UNKNOWN, "on which instances it runs is not known")
    if not any(has_gpus(name) for name, _ in run.machines):
        names = ", ".join(dict.fromkeys(name for name, _ in run.machines))
        return _Finding(VerdictKind.NOT_APPLICABLE, f"{names} has no GPU")
    if not _all_have_gpus(run):
        reason = "only some of its instances have GPUs, and metrics do not tell which"
        return _Finding(VerdictKind.UNKNOWN, reason)
    if run.phase_since is None or run.phase_since > readings.window.start:
        reason = f"it has been {work} for less than {spoken(idle.length)}"
        return _Finding(VerdictKind.TOO_NEW, reason)
    return _measured(kind, run, run.machines, idle, readings)


def _measured(
    kind: str,
    run: Run,
    machines: tuple[tuple[str, int], ...],
    idle: IdleGpus,
    readings: Readings,
) -> _Finding:
    """Idle only where each instance was measured nearly each minute, and was low in all of them."""
    expected = sum(count for _, count in machines)
    hosts = run.hosts or ()
    window = readings.window
    needed = max(1, round(window.buckets * COVERAGE))
    answers = {item: readings.of(item) or () for item in gpu_series(kind, hosts)}
    highest = max((value for values in answers.values() for value in values), default=None)
    if highest is not None and highest >= idle.below:
        reason = f"in use: its GPUs reached {highest:g} % in {spoken(idle.length)}"
        return _Finding(VerdictKind.COMPLIANT, reason, {"gpu_utilization": highest})
    measured = [item for item, values in answers.items() if len(values) >= needed]
    if len(hosts) != expected or len(measured) < expected or highest is None:
        reason = (
            f"no data is not zero: {len(measured)} of {expected} instances have GPU metrics for "
            f"nearly every minute of {spoken(idle.length)}"
        )
        return _Finding(VerdictKind.UNKNOWN, reason, {"hosts": expected})
    if any(value < 0 for values in answers.values() for value in values):
        return _Finding(VerdictKind.UNKNOWN, "its metrics are no percentages")
    low = f"none above {highest:g} % for {spoken(idle.length)}"
    return _Finding(
        VerdictKind.VIOLATION,
        f"its GPUs idle: {low} while it is {run.phase}",
        {
            "gpu_utilization": highest,
            "hosts": expected,
            "window_start": window.start.isoformat(),
            "window_end": window.end.isoformat(),
        },
    )


def _all_have_gpus(run: Run) -> bool:
    return run.machines is not None and all(has_gpus(name) for name, _ in run.machines)


def _pool(pool: WarmPool, asks: Questions, now: datetime) -> _Finding:
    if asks.warm_pool is None:
        return _Finding(VerdictKind.NOT_APPLICABLE, "the rule does not speak of warm pools")
    if pool.status is not PoolStatus.AVAILABLE:
        return _Finding(VerdictKind.NOT_APPLICABLE, f"its instances are {pool.status}")
    unused = now - pool.since
    evidence = {"unused_since": pool.since.isoformat(), "kept_until": pool.until.isoformat()}
    if unused < asks.warm_pool:
        reason = f"it has waited for {spoken(unused)}; {spoken(asks.warm_pool)} are allowed"
        return _Finding(VerdictKind.TOO_NEW, reason, evidence)
    reason = (
        f"its instances have waited for {spoken(unused)} for a next job, and are paid for until "
        f"{pool.until.isoformat(timespec='minutes')}"
    )
    return _Finding(VerdictKind.VIOLATION, reason, evidence)


def _hints(resource: Resource) -> Iterator[str]:
    """What somebody should know before a stop of it."""
    run = run_of(resource)
    if run is None or resource.ref.kind not in _CAN_CHECKPOINT:
        return
    jobs = [item for item in run.asked if item.spot is not None]
    if jobs and all(item.checkpoints for item in jobs):
        yield "it writes checkpoints, from which it can go on when it is run again"
    else:
        yield "it writes no checkpoints: what it has not saved is lost with a stop"


_CAN_CHECKPOINT = {ResourceKind.TRAINING_JOB, ResourceKind.TUNING_JOB}

"""Jobs of the Inference Recommender: load tests on instances of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.resources import Snapshot, Status
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import found, left_alone, violation
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

LONGEST = timedelta(seconds=18_000)
"""The most that a job may ask for (API reference, RecommendationJobInputConfig)."""

FAR_BEYOND = 2
"""How many times its limit a job must have run before it is stopped."""


class RecommendationsJobStatus(Status):
    """The states of such a job (botocore 1.44, RecommendationJobStatus)."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    DELETING = "DELETING"
    DELETED = "DELETED"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationsJob(Snapshot):
    """An inference recommendations job.

    Attributes:
        job_type: ``Default`` or ``Advanced``; None when it could not be read.
        limit: How long it asked to run at most; None where it did not.
        instance_types: What it tests on; None when AWS chooses, or when it could not be read.
    """

    job_type: str | None
    limit: timedelta | None
    instance_types: tuple[str, ...] | None

    @property
    def runs_on(self) -> tuple[str, ...] | None:
        """The instance types that it may run on."""
        return self.instance_types

    @property
    def running(self) -> bool:
        """Whether it runs, or is about to."""
        return self.status in _JUDGED


_JUDGED = frozenset({RecommendationsJobStatus.PENDING, RecommendationsJobStatus.IN_PROGRESS})

_NOT_JUDGED: Mapping[Status, str] = {
    state: f"it is {state}"
    for state in RecommendationsJobStatus
    if state not in _JUDGED and state is not RecommendationsJobStatus.UNKNOWN
}


def judge_job(job: RecommendationsJob, rule: Terms, facts: Facts, now: datetime) -> Verdict:
    """Judge whether a job runs far beyond its limit; the rule's window does not matter to it.

    Args:
        job: The job as it is.
        rule: The rule.
        facts: Prices.
        now: The moment of judgement (aware).
    """
    if verdict := left_alone(job, rule, _JUDGED, _NOT_JUDGED, now):
        return verdict
    ran, limit = now - job.created, job.limit or LONGEST
    cost = _month(job, facts.prices)
    evidence: Evidence = {
        "job_type": job.job_type,
        "ran_hours": round(ran / timedelta(hours=1), 1),
        "limit_hours": round(limit / timedelta(hours=1), 1),
    }
    if ran < FAR_BEYOND * limit:
        reason = f"it has run for {hours(ran)}; its limit is {hours(limit)}"
        return found(job, rule, VerdictKind.COMPLIANT, reason, evidence, cost)
    reason = f"it has run for {hours(ran)}, far beyond its limit of {hours(limit)}"
    return violation(job, rule, ActionKind.STOP, (reason, evidence), cost, now)


def _month(job: RecommendationsJob, prices: PriceBook) -> MonthlyCost | None:
    """What it costs on one instance; of several types AWS does not tell which one is tested."""
    if job.instance_types is None or len(job.instance_types) != 1:
        return None
    return prices.instances(PriceComponent.HOSTING, job.ref.region, job.instance_types[0])

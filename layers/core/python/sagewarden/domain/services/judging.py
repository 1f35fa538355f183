"""Which services judge how: one function for each kind, and the metrics that it needs."""

from collections.abc import Iterable
from datetime import datetime

from sagewarden.domain.judged import Facts
from sagewarden.domain.metrics import Series
from sagewarden.domain.resources import Resource
from sagewarden.domain.services.clusters import Cluster, cluster_series, judge_cluster
from sagewarden.domain.services.file_systems import StudioFileSystem, judge_file_system
from sagewarden.domain.services.monitoring_schedules import (
    MonitoringSchedule,
    judge_schedule,
    schedule_series,
)
from sagewarden.domain.services.provisioned_models import (
    ProvisionedModel,
    judge_provisioned,
    provisioned_series,
)
from sagewarden.domain.services.recommendations_jobs import RecommendationsJob, judge_job
from sagewarden.domain.services.spaces import StudioSpace, judge_space
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.tracking_servers import TrackingServer, judge_server
from sagewarden.domain.verdicts import Verdict


def evidence_of(resource: Resource) -> Iterable[Series]:
    """The series that tell of a service's use; none where AWS publishes none."""
    match resource:
        case MonitoringSchedule():
            return schedule_series(resource)
        case ProvisionedModel():
            return provisioned_series(resource)
        case Cluster():
            return cluster_series(resource)
        case _:
            return ()


def judge_service(resource: Resource, rule: Terms, facts: Facts, now: datetime) -> Verdict:
    """Judge a service as its kind is judged.

    Args:
        resource: A service that the rule covers.
        rule: The rule.
        facts: What is known beside it.
        now: The moment of judgement (aware).

    Raises:
        ValueError: It is of a kind that the rule does not speak of.
    """
    match resource:
        case TrackingServer():
            return judge_server(resource, rule, facts, now)
        case MonitoringSchedule():
            return judge_schedule(resource, rule, facts, now)
        case RecommendationsJob():
            return judge_job(resource, rule, facts, now)
        case ProvisionedModel():
            return judge_provisioned(resource, rule, facts, now)
        case Cluster():
            return judge_cluster(resource, rule, facts, now)
        case StudioFileSystem():
            return judge_file_system(resource, rule, facts, now)
        case StudioSpace():
            return judge_space(resource, rule, facts, now)
        case _:
            raise ValueError(f"{resource.ref.kind} {resource.ref.name} is no such service")

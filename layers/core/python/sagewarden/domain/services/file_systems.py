"""The file systems of Studio domains: billed by the gigabyte whether anybody is left or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.judged import Facts
from sagewarden.domain.money import FileStorage
from sagewarden.domain.resources import Snapshot, Status
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import found, left_alone, too_new, violation
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

GIGABYTE = 2**30
_NOTHING_STORED = 2**20
"""Below this nothing is stored: an empty file system is metered at some kilobytes."""


class FileSystemStatus(Status):
    """The states of a file system (botocore 1.44, LifeCycleState)."""

    CREATING = "creating"
    AVAILABLE = "available"
    UPDATING = "updating"
    DELETING = "deleting"
    DELETED = "deleted"
    ERROR = "error"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True)
class Members:
    """How many user profiles, spaces and apps a domain has."""

    user_profiles: int
    spaces: int
    apps: int

    def __bool__(self) -> bool:
        return bool(self.user_profiles or self.spaces or self.apps)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioFileSystem(Snapshot):
    """The file system of a Studio domain.

    Its ref's name is the domain's name; once the domain is gone, the domain's id.

    Attributes:
        domain: The domain's id.
        domain_exists: Whether the domain is still there.
        size_bytes: What is stored in it.
        stored: The bytes of it by how they are stored; None when AWS does not tell.
        members: Who and what is in the domain; None when it could not be read.
    """

    domain: str
    domain_exists: bool
    size_bytes: int
    stored: Mapping[FileStorage, int] | None
    members: Members | None

    @property
    def file_system(self) -> str:
        """Its id, such as ``fs-0123456789abcdef0``."""
        return self.ref.arn.rpartition("/")[2]


_NOT_JUDGED: Mapping[Status, str] = {
    FileSystemStatus.CREATING: "it is being created",
    FileSystemStatus.DELETING: "it is being deleted",
    FileSystemStatus.DELETED: "it is deleted",
}

_JUDGED = frozenset({FileSystemStatus.AVAILABLE, FileSystemStatus.UPDATING})


def judge_file_system(
    system: StudioFileSystem, rule: Terms, facts: Facts, now: datetime
) -> Verdict:
    """Judge whether anybody is left to use a domain's file system; its owner is told, and no more.

    What is stored in it comes back by nothing, so nothing here deletes it.

    Args:
        system: The file system as it is.
        rule: The rule.
        facts: Prices; it has no metric that tells of its use.
        now: The moment of judgement (aware).
    """
    if verdict := left_alone(system, rule, _JUDGED, _NOT_JUDGED, now):
        return verdict
    if system.size_bytes < _NOTHING_STORED:
        reason = "nothing is stored in it"
        return rule.scope.verdict(system, VerdictKind.NOT_APPLICABLE, reason)
    if verdict := too_new(system, rule, now):
        return verdict
    size = f"{system.size_bytes / GIGABYTE:.3g} GB"
    evidence: Evidence = {"file_system": system.file_system, "stored": size}
    cost = None
    if system.stored is not None:
        cost = facts.prices.files(system.ref.region, system.stored)
    if not system.domain_exists:
        reason = f"its domain {system.domain} is gone, and {size} are still billed"
    elif system.members is None:
        reason = "who and what is in its domain could not be read"
        return found(system, rule, VerdictKind.UNKNOWN, reason, evidence, cost)
    elif system.members:
        reason = "its domain has user profiles, spaces or apps"
        return found(system, rule, VerdictKind.COMPLIANT, reason, evidence, cost)
    else:
        reason = f"its domain has no user profile, space or app, and {size} are still billed"
    return violation(system, rule, ActionKind.NOTIFY, (reason, evidence), cost, now)

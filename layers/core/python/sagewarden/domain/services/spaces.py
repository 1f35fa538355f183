"""Studio spaces: the volume of each is billed whether an app runs in it or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.resources import AppStatus, Snapshot, Status
from sagewarden.domain.services.terms import Terms
from sagewarden.domain.services.verdicts import found, left_alone, too_new, violation
from sagewarden.domain.verdicts import Evidence, Verdict, VerdictKind

_PRICED_AS: Mapping[str | None, PriceComponent] = {
    "JupyterLab": PriceComponent.STUDIO_JUPYTER_LAB,
    "CodeEditor": PriceComponent.STUDIO_CODE_EDITOR,
}
"""What a volume's price belongs to, by the type of its space's apps. These have one always."""


class SpaceStatus(Status):
    """The states of a space (botocore 1.44, SpaceStatus)."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    UPDATING = "Updating"
    UPDATE_FAILED = "Update_Failed"
    DELETING = "Deleting"
    DELETE_FAILED = "Delete_Failed"
    FAILED = "Failed"
    UNKNOWN = "UNKNOWN"
    """A state that this version does not know; never acted on."""


@dataclass(frozen=True, slots=True)
class SeenApp:
    """An app of a space, as AWS lists it.

    Attributes:
        status: Its state.
        created: When it was created (aware); its first time, where it was started again within a
            day of its end.
    """

    status: AppStatus
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioSpace(Snapshot):
    """A place in a Studio domain in which an app may run, with a volume of its own.

    Attributes:
        domain: The domain's id.
        owner: The user profile whose it is; None where it is shared by all.
        app_type: The type of its apps; None when AWS does not tell.
        volume_gb: The size of its volume; None when AWS does not tell.
        instance_types: What its apps run on unless they ask for another; empty where it does not
            say.
        apps: Its apps, those included that AWS still lists for a day after their end; None when
            they could not be read.
    """

    domain: str
    owner: str | None
    app_type: str | None
    volume_gb: int | None
    instance_types: tuple[str, ...]
    apps: tuple[SeenApp, ...] | None

    @property
    def runs_on(self) -> tuple[str, ...]:
        """The instance types that its apps run on unless they ask for another."""
        return self.instance_types

    @property
    def stores_gb(self) -> tuple[int, ...] | None:
        """The size of its volume, in GB."""
        return None if self.volume_gb is None else (self.volume_gb,)

    @property
    def has_volume(self) -> bool:
        """Whether it has a volume: spaces of Studio Classic keep all in their domain's files."""
        return self.volume_gb is not None or self.app_type in _PRICED_AS


_NOT_JUDGED: Mapping[Status, str] = {
    SpaceStatus.PENDING: "it is being created",
    SpaceStatus.UPDATING: "it is Updating; judged when it has settled",
    SpaceStatus.DELETING: "it is being deleted",
}

_JUDGED = frozenset({SpaceStatus.IN_SERVICE, SpaceStatus.UPDATE_FAILED, SpaceStatus.DELETE_FAILED})


def judge_space(space: StudioSpace, rule: Terms, facts: Facts, now: datetime) -> Verdict:
    """Judge whether anybody uses a space; its owner is told, and no more.

    A space is deleted with its volume and all that is stored there, so nothing here deletes it.
    AWS forgets an app a day after its end (API reference, DescribeApp): one look proves that none
    ran within a day. What was seen unused for as long as the rule wants is told
    (`IdleServices.watched`).

    Args:
        space: The space as it is.
        rule: The rule.
        facts: Prices; AWS publishes no metric of a space.
        now: The moment of judgement (aware).
    """
    if verdict := left_alone(space, rule, _JUDGED, _NOT_JUDGED, now):
        return verdict
    if not space.has_volume:
        reason = "AWS tells of no volume of its own"
        return rule.scope.verdict(space, VerdictKind.NOT_APPLICABLE, reason)
    if verdict := too_new(space, rule, now):
        return verdict
    evidence: Evidence = {
        "volume_gb": space.volume_gb,
        "user_profile": space.owner,
        "last_changed": space.modified.isoformat(),
    }
    cost = _month(space, facts.prices)
    if space.apps is None:
        reason = "what ran in it could not be read"
        return found(space, rule, VerdictKind.UNKNOWN, reason, evidence, cost)
    if use := next(filter(None, (_use(app, rule, now) for app in space.apps)), None):
        return found(space, rule, VerdictKind.COMPLIANT, use, evidence, cost)
    size = "its volume" if space.volume_gb is None else f"its volume of {space.volume_gb} GB"
    reason = (
        f"no app ran in it within the last day, nothing changed it for {hours(rule.idle_for)}, "
        f"and {size} is billed all the same"
    )
    return violation(space, rule, ActionKind.NOTIFY, (reason, evidence), cost, now)


def _use(app: SeenApp, rule: Terms, now: datetime) -> str | None:
    """What an app that AWS lists tells of its space's use; None for an old failure."""
    if app.status is AppStatus.FAILED:
        if now - app.created >= rule.idle_for:
            return None
        return f"an app was started in it at {app.created.isoformat()}, and failed"
    if app.status is AppStatus.DELETED:
        return "an app ran in it within the last day"
    return f"an app is in it: {app.status}"


def _month(space: StudioSpace, prices: PriceBook) -> MonthlyCost | None:
    component = _PRICED_AS.get(space.app_type)
    if component is None or space.volume_gb is None:
        return None
    return prices.storage(component, space.ref.region, space.volume_gb)

"""The ports in memory: a fleet that changes when it is acted on, and a clock with a hand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sagewarden.application.ports import ActionFailedError, Listing, UnreadableError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.cases import Case
from sagewarden.domain.endpoint_metrics import (
    INVOCATIONS_PROCESSED,
    backlog_series,
    component_series,
    variant_series,
)
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.outcomes import Manifest, Outcome
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import (
    Endpoint,
    EndpointDetails,
    NotebookInstance,
    NotebookStatus,
    Resource,
    ResourceKind,
    ResourceRef,
    Snapshot,
    StudioApp,
    StudioResource,
    Tags,
    TrainingJob,
    TrainingJobStatus,
)
from sagewarden.domain.verdicts import Verdict
from tests.support.builders import NOW, REGION

STANDING_STILL = timedelta(0)


class HandClock:
    """A clock that only moves when it is told to, or by a tick at each look.

    Attributes:
        tick: How far it moves by itself each time it is read, as real clocks do.
    """

    def __init__(self, at: datetime = NOW, tick: timedelta = STANDING_STILL) -> None:
        self._at = at
        self.tick = tick

    def now(self) -> datetime:
        """The present moment."""
        self._at += self.tick
        return self._at

    def set(self, at: datetime) -> None:
        """Turn the hand forward."""
        if at < self._at:
            raise ValueError(f"time does not go back from {self._at} to {at}")
        self._at = at

    def advance(self, by: timedelta) -> None:
        """Turn the hand forward by some time."""
        self.set(self._at + by)


class FakeInventory:
    """What exists, by region.

    Attributes:
        resources: What exists, by ARN.
        described_as: What an endpoint turns out to be once it is described, by name.
        unreadable: Regions, or names of resources, that cannot be read.
        incomplete: What every listing reports as not read.
        described: The names that were described, in order.
        listed: The kinds of Studio that were listed, in order.
        reread_names: The names that were read again, in order.
        other_tags: The tags of resources that have no snapshot, by ARN.
        tags_read: The ARNs whose tags were read by themselves, in order.
    """

    def __init__(self, *resources: Resource) -> None:
        self.resources: dict[str, Resource] = {}
        self._arns: dict[str, str] = {}
        for item in resources:
            self.put(item)
        self.described_as: dict[str, Endpoint] = {}
        self.unreadable: set[str] = set()
        self.incomplete: tuple[Incomplete, ...] = ()
        self.described: list[str] = []
        self.listed: list[str] = []
        self.reread_names: list[str] = []
        self.other_tags: dict[str, Tags] = {}
        self.tags_read: list[str] = []

    def put(self, resource: Resource) -> None:
        """Create or change a resource."""
        self.resources[resource.ref.arn] = resource
        self._arns.setdefault(resource.ref.name, resource.ref.arn)

    def tag(self, action: Action) -> None:
        """Write the tag of an action."""
        assert action.tag is not None
        arn, (key, value) = action.ref.arn, action.tag
        known = self.resources.get(arn)
        if known is not None:
            self.put(replace(known, tags={**(known.tags or {}), key: value}))
        else:
            self.other_tags[arn] = {**self.other_tags[arn], key: value}

    def remove(self, name: str) -> None:
        """Delete a resource."""
        del self.resources[self.named(name).ref.arn]

    def named(self, name: str) -> Resource:
        """The resource of a name."""
        if (known := self.resources.get(self._arns.get(name, ""))) is not None:
            return known
        return next(item for item in list(self.resources.values()) if item.ref.name == name)

    def notebook(self, name: str) -> NotebookInstance:
        """The notebook of a name."""
        found = self.named(name)
        assert isinstance(found, NotebookInstance)
        return found

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of a name."""
        found = self.named(name)
        assert isinstance(found, Endpoint)
        return found

    @property
    def names(self) -> set[str]:
        """The names of everything that exists."""
        return {item.ref.name for item in list(self.resources.values())}

    def notebooks(self, region: str) -> Listing[NotebookInstance]:
        """Every notebook instance of a region."""
        self._answer("notebook instances", region)
        found = (item for item in self._of(region) if isinstance(item, NotebookInstance))
        return Listing(tuple(found), self.incomplete)

    def endpoints(self, region: str) -> Listing[Endpoint]:
        """Every endpoint of a region, without details."""
        self._answer("endpoints", region)
        found = (item for item in self._of(region) if isinstance(item, Endpoint))
        return Listing(tuple(replace(item, details=None) for item in found))

    def describe(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints, with details where they can be read."""
        self._answer("endpoints", region)
        described: list[Endpoint] = []
        incomplete: list[Incomplete] = []
        for item in endpoints:
            self.described.append(item.ref.name)
            if item.ref.name in self.unreadable:
                described.append(item)
                incomplete.append(Incomplete(f"details of {item.ref.name}", "throttled"))
            else:
                known = self.described_as.get(item.ref.name, self.endpoint(item.ref.name))
                described.append(known)
        return Listing(tuple(described), tuple(incomplete))

    def reread(self, ref: ResourceRef) -> Resource | None:
        """One resource as it is now."""
        self.reread_names.append(ref.name)
        self._answer(ref.name, ref.name)
        return self.resources.get(ref.arn)

    def training_jobs(self, region: str) -> Listing[TrainingJob]:
        """Every training job in progress of a region."""
        self._answer("training jobs", region)
        found = (item for item in self._of(region) if isinstance(item, TrainingJob))
        running = (item for item in found if item.status is TrainingJobStatus.IN_PROGRESS)
        return Listing(tuple(running), self.incomplete)

    def studio_domains(self, region: str) -> Listing[StudioResource]:
        """Every Studio domain of a region."""
        return self._studio(region, ResourceKind.STUDIO_DOMAIN)

    def user_profiles(self, region: str) -> Listing[StudioResource]:
        """Every Studio user profile of a region."""
        return self._studio(region, ResourceKind.STUDIO_USER_PROFILE)

    def studio_apps(self, region: str) -> Listing[StudioApp]:
        """Every Studio app of a region."""
        self.listed.append(ResourceKind.STUDIO_APP)
        self._answer("studio apps", region)
        found = (item for item in self._of(region) if isinstance(item, StudioApp))
        return Listing(tuple(found), self.incomplete)

    def found(self, kind: ResourceKind, region: str) -> Listing[Resource]:
        """Everything of one of the other kinds in a region."""
        self.listed.append(kind)
        self._answer(f"{kind} resources", region)
        found = (item for item in self._of(region) if item.ref.kind == kind)
        return Listing(tuple(found), self.incomplete)

    def look_up(self, kind: ResourceKind, region: str, name: str) -> Resource | None:
        """One resource as it is now, by its kind and name."""
        self.reread_names.append(name)
        self._answer(name, name)
        found = (item for item in self._of(region) if item.ref.kind == kind)
        return next((item for item in found if item.ref.name == name), None)

    def tags(self, region: str, arn: str) -> Tags | None:
        """The tags of a resource, of any kind, as they are now."""
        self.tags_read.append(arn)
        self._answer(arn, region)
        known = self.resources.get(arn)
        return known.tags if known else self.other_tags.get(arn)

    def _studio(self, region: str, kind: ResourceKind) -> Listing[StudioResource]:
        self.listed.append(kind)
        self._answer(f"{kind} resources", region)
        found = (item for item in self._of(region) if isinstance(item, StudioResource))
        return Listing(tuple(item for item in found if item.ref.kind == kind), self.incomplete)

    def _of(self, region: str) -> list[Resource]:
        return [item for item in list(self.resources.values()) if item.ref.region == region]

    def _answer(self, what: str, key: str) -> None:
        if key in self.unreadable:
            raise UnreadableError(f"{what} in {key}", "AccessDeniedException")


class FakeTelemetry:
    """CloudWatch's series: of their hours a window shows the latest ones that fit into it.

    Attributes:
        values: The hourly datapoints by region and series, oldest first; None cannot be read.
        unlisted: What ListMetrics reports as not read.
        asked: The series that were read, in order.
        windows: The windows that were read, in order.
    """

    def __init__(self) -> None:
        self.values: dict[tuple[str, Series], tuple[float, ...] | None] = {}
        self.unlisted: tuple[Incomplete, ...] = ()
        self.asked: list[Series] = []
        self.windows: list[Window] = []

    def load(self, series: Series, values: tuple[float, ...] | None, region: str = REGION) -> None:
        """Let a series have datapoints."""
        self.values[region, series] = values

    def calls(
        self,
        endpoint: str,
        values: tuple[float, ...] | None,
        *,
        variant: str = "AllTraffic",
        region: str = REGION,
    ) -> None:
        """Let a variant have datapoints of Invocations."""
        self.load(variant_series("Invocations", endpoint, variant), values, region)

    def jobs(self, endpoint: str, values: tuple[float, ...] | None) -> None:
        """Let an asynchronous endpoint have datapoints of what it processed, and no backlog."""
        self.load(variant_series(INVOCATIONS_PROCESSED, endpoint, "AllTraffic"), values)
        self.load(backlog_series(endpoint), values)

    def component_calls(self, component: str, values: tuple[float, ...] | None) -> None:
        """Let an inference component have datapoints of Invocations."""
        self.load(component_series(component), values)

    def published(self, region: str, metrics: Sequence[str]) -> Listing[Series]:
        """The series of some metrics that have a datapoint."""
        found = tuple(
            series
            for (where, series), values in self.values.items()
            if where == region and series.metric in metrics and values != ()
        )
        return Listing(found, self.unlisted)

    def read(self, region: str, series: Iterable[Series], window: Window) -> Readings:
        """The datapoints of series, the newest first."""
        wanted = tuple(series)
        self.asked += wanted
        self.windows.append(window)
        values = {item: self._latest(region, item, window) for item in wanted}
        newest = window.end.replace(minute=0, second=0, microsecond=0)
        used = {
            item: newest - number * timedelta(hours=1)
            for item, points in values.items()
            for number, value in reversed(list(enumerate(points or ())))
            if value > 0
        }
        return Readings(window, values, used=used)

    def _latest(self, region: str, series: Series, window: Window) -> tuple[float, ...] | None:
        values = self.values.get((region, series), ())
        return None if values is None else values[-window.buckets :][::-1]


class FakeExecutor:
    """Changes the fake inventory as AWS would change the fleet, at once.

    Attributes:
        deeds: What was asked of it, in order: ("manifest", name) or (kind of action, name).
        failing: Names of resources for which every change fails.
        losing_answers: Names of resources that are changed, of which no answer comes.
        breaking: Names of resources at which the run itself breaks off.
        no_manifest: Names of resources that cannot be described in full.
    """

    def __init__(self, inventory: FakeInventory, clock: HandClock) -> None:
        self._inventory = inventory
        self._clock = clock
        self.deeds: list[tuple[str, str]] = []
        self.failing: set[str] = set()
        self.losing_answers: set[str] = set()
        self.breaking: set[str] = set()
        self.no_manifest: set[str] = set()

    @property
    def done(self) -> list[tuple[str, str]]:
        """What it changed or tried to change, in order."""
        return [deed for deed in self.deeds if deed[0] != "manifest"]

    def manifest(self, ref: ResourceRef, now: datetime) -> Manifest:
        """Describe a resource."""
        self.deeds.append(("manifest", ref.name))
        if ref.name in self.no_manifest:
            raise UnreadableError(f"manifest of {ref.name}", "AccessDeniedException")
        config = f"{ref.name}-config"
        described = {"EndpointName": ref.name, "EndpointConfigName": config}
        kept = {"CreationTime": now.isoformat(), "EndpointStatus": "InService", **described}
        recipe = {**described, "ProductionVariants": []}
        return Manifest(ref, now, {"endpoint": kept, "endpoint_config": recipe})

    def execute(self, action: Action) -> str | None:
        """Carry out an action."""
        name = action.ref.name
        self.deeds.append((action.kind.value, name))
        if name in self.breaking:
            raise ZeroDivisionError(name)
        if name in self.failing:
            raise ActionFailedError(f"{action.kind} of {name}: ThrottlingException")
        undo = self._done(action, self._clock.now())
        if name in self.losing_answers:
            raise ActionFailedError(f"{action.kind} of {name}: ReadTimeout", in_doubt=True)
        return undo

    def _done(self, action: Action, now: datetime) -> str | None:
        name = action.ref.name
        match action.kind:
            case ActionKind.STOP:
                return self._stop(action, now)
            case ActionKind.TAG_OWNER:
                self._inventory.tag(action)
            case ActionKind.START:
                self._turn(name, NotebookStatus.STOPPED, NotebookStatus.IN_SERVICE, now)
            case ActionKind.DELETE:
                self._inventory.remove(name)
                return f"aws sagemaker create-endpoint --endpoint-name {name}"
            case ActionKind.SCALE_TO_ZERO:
                endpoint = self._inventory.endpoint(name)
                self._inventory.put(replace(endpoint, details=_without_instances(endpoint)))
            case ActionKind.RELEASE_PROVISIONED_CONCURRENCY:
                endpoint = self._inventory.endpoint(name)
                details = _without_provisioned_concurrency(endpoint)
                self._inventory.put(replace(endpoint, details=details, modified=now))
        return None

    def _stop(self, action: Action, now: datetime) -> str | None:
        name = action.ref.name
        match self._inventory.named(name):
            case TrainingJob() as job:
                self._inventory.put(replace(job, status=TrainingJobStatus.STOPPING, modified=now))
                return None
            case StudioApp():
                self._inventory.remove(name)
                return f"sagewarden restore {action.ref.arn}"
            case Snapshot() as other:
                stopped = type(other.status)("Stopped")
                self._inventory.put(replace(other, status=stopped, modified=now))
                return None
            case _:
                self._turn(name, NotebookStatus.IN_SERVICE, NotebookStatus.STOPPED, now)
                return f"aws sagemaker start-notebook-instance --notebook-instance-name {name}"

    def _turn(
        self, name: str, origin: NotebookStatus, target: NotebookStatus, now: datetime
    ) -> None:
        before = self._inventory.notebook(name)
        if before.status is not origin:
            raise ActionFailedError(f"Status ({before.status}) not in ([{origin}])")
        self._inventory.put(replace(before, status=target, modified=now))


class FakeNotifier:
    """Slack as its reader sees it.

    Attributes:
        accepting: Whether Slack accepts warnings.
        warnings: The accepted warnings with the time from which the action may follow.
        can_wait: Of each of them, whether it could have waited for its reader.
        keeps_hours: Whether it leaves owners in peace by itself.
        told: What owners were told was done.
        called_off: The cases of which owners were told that they are over.
        reminders: The cases whose owners were reminded.
        given_up: The cases of which owners were told that their action failed too often.
    """

    keeps_hours: bool = False

    def __init__(self) -> None:
        self.accepting = True
        self.warnings: list[tuple[Case, Verdict, datetime | None]] = []
        self.can_wait: list[bool] = []
        self.told: list[Outcome] = []
        self.called_off: list[Case] = []
        self.reminders: list[Case] = []
        self.given_up: list[Case] = []

    @property
    def warned(self) -> list[str]:
        """The names of what was warned of, in order."""
        return [case.ref.name for case, _, _ in self.warnings]

    def warn(
        self, case: Case, verdict: Verdict, due_at: datetime | None, *, can_wait: bool = False
    ) -> bool:
        """Warn an owner."""
        if self.accepting:
            self.warnings.append((case, verdict, due_at))
            self.can_wait.append(can_wait)
        return self.accepting

    def remind(self, case: Case, verdict: Verdict) -> bool:
        """Remind an owner."""
        if self.accepting:
            self.reminders.append(replace(case, reason=verdict.reason))
        return self.accepting

    def tell(self, outcome: Outcome) -> None:
        """Tell what was done."""
        self.told.append(outcome)

    def resolved(self, case: Case) -> None:
        """Tell that a case is over."""
        self.called_off.append(case)

    def gave_up(self, case: Case, outcome: Outcome) -> None:
        """Tell that an action failed too often."""
        assert outcome.action == case.action
        self.given_up.append(case)

    def afterwards(self, settle: Callable[[], object]) -> None:
        """At once: it was heard."""
        settle()


def _without_instances(endpoint: Endpoint) -> EndpointDetails:
    details = _details(endpoint)
    empty = tuple(replace(variant, instance_count=0) for variant in details.variants)
    return replace(details, variants=empty)


def _without_provisioned_concurrency(endpoint: Endpoint) -> EndpointDetails:
    details = _details(endpoint)
    released = tuple(
        replace(variant, serverless=replace(variant.serverless, provisioned_concurrency=0))
        if variant.serverless
        else variant
        for variant in details.variants
    )
    return replace(details, variants=released, config_name=f"{details.config_name}-no-pc")


def _details(endpoint: Endpoint) -> EndpointDetails:
    assert endpoint.details is not None
    return endpoint.details

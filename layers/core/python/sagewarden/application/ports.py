"""What the use cases need from the world outside, as Protocols."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sagewarden.domain.actions import Action
from sagewarden.domain.audit import AuditEntry
from sagewarden.domain.cases import Case
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.metrics import Readings, Series, Window
from sagewarden.domain.outcomes import Manifest, Outcome
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import (
    Endpoint,
    NotebookInstance,
    Resource,
    ResourceKind,
    ResourceRef,
    StudioApp,
    StudioResource,
    Tags,
    TrainingJob,
)
from sagewarden.domain.verdicts import Verdict

if TYPE_CHECKING:  # bots undo nothing
    from sagewarden.domain.restoration.steps import Step


class UnreadableError(Exception):
    """Something could not be read.

    Attributes:
        what: What could not be read.
        why: What the service answered.
    """

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class OutOfReachError(UnreadableError):
    """An account, or a region of it, lets nobody in: trying again changes nothing by itself."""


class ActionFailedError(Exception):
    """A call that should change something failed, or its effect is not certain.

    Attributes:
        in_doubt: Whether it may have had its effect all the same: its answer was lost, or that of
            an attempt before the last.
    """

    def __init__(self, why: str, *, in_doubt: bool = False) -> None:
        super().__init__(why)
        self.in_doubt = in_doubt


@dataclass(frozen=True, slots=True)
class Listing[T]:
    """What was found, and what could not be read: never just a shorter list."""

    items: tuple[T, ...]
    incomplete: tuple[Incomplete, ...] = ()


class Inventory(Protocol):
    """Reads what can be acted on. Every method may be called from several threads."""

    def notebooks(self, region: str) -> Listing[NotebookInstance]:
        """Every notebook instance of a region; tags are None where they could not be read."""
        ...

    def endpoints(self, region: str) -> Listing[Endpoint]:
        """Every endpoint of a region, without details; unreadable tags are None."""
        ...

    def training_jobs(self, region: str) -> Listing[TrainingJob]:
        """Every training job in progress of a region; unreadable tags are None."""
        ...

    def studio_domains(self, region: str) -> Listing[StudioResource]:
        """Every Studio domain of a region, with its own tags and its settings."""
        ...

    def user_profiles(self, region: str) -> Listing[StudioResource]:
        """Every Studio user profile of a region, with its own tags and its settings."""
        ...

    def studio_apps(self, region: str) -> Listing[StudioApp]:
        """Every Studio app of a region that exists and costs anything; unreadable tags are None."""
        ...

    def found(self, kind: ResourceKind, region: str) -> Listing[Resource]:
        """Everything of one of the other kinds in a region; unreadable tags are None."""
        ...

    def describe(self, region: str, endpoints: Sequence[Endpoint]) -> Listing[Endpoint]:
        """The same endpoints, with details where they could be read; not those that are gone.

        Details that an endpoint comes with are kept, but for what changes without an update.
        """
        ...

    def reread(self, ref: ResourceRef) -> Resource | None:
        """One resource as it is now, with its own tags and details; None when it is gone.

        What belongs to Studio is found by its ARN, everything else by its name.

        Raises:
            UnreadableError: It could not be read.
        """
        ...

    def look_up(self, kind: ResourceKind, region: str, name: str) -> Resource | None:
        """The same, by its kind and name.

        Raises:
            UnreadableError: It could not be read, or a name is not enough to find it.
        """
        ...

    def tags(self, region: str, arn: str) -> Tags | None:
        """The tags of any SageMaker resource as they are now; None when it is gone.

        Raises:
            UnreadableError: They could not be read.
        """
        ...


class Telemetry(Protocol):
    """Reads CloudWatch metrics."""

    def published(self, region: str, metrics: Sequence[str]) -> Listing[Series]:
        """The series of some use metrics that got a datapoint within the past two weeks."""
        ...

    def read(self, region: str, series: Iterable[Series], window: Window) -> Readings:
        """The datapoints of series; None for those that could not be read."""
        ...


class Executor(Protocol):
    """Changes AWS."""

    def manifest(self, ref: ResourceRef, now: datetime) -> Manifest:
        """Describe everything needed to bring a resource back.

        Raises:
            UnreadableError: A part of it could not be read.
        """
        ...

    def execute(self, action: Action) -> str | None:
        """Carry out an action whose precondition was just checked.

        Returns:
            The command that undoes it, where one command can.

        Raises:
            ActionFailedError: It failed or its effect is not certain.
        """
        ...


class Restorer(Protocol):
    """Brings back what was taken away."""

    def look(self, ref: ResourceRef, content: Mapping[str, Any]) -> Mapping[str, object]:
        """What exists now of all that a manifest speaks of, in the manifest's form.

        Raises:
            UnreadableError: A part of it could not be read.
        """
        ...

    def take(self, ref: ResourceRef, step: "Step") -> None:
        """Take a step; what exists already under its name is left as it is.

        Raises:
            ActionFailedError: It failed or its effect is not certain.
        """
        ...

    def command(self, ref: ResourceRef, step: "Step") -> str:
        """The command with which a person takes a step."""
        ...

    def command_to_run_again(self, ref: ResourceRef, content: Mapping[str, Any]) -> str:
        """The command with which a person runs a stopped training job again."""
        ...


class Ledger(Protocol):
    """Remembers, across runs and against duplicates.

    A ledger that cannot be read raises UnreadableError, one that cannot be written
    ActionFailedError: nothing is done without it.
    """

    def halted(self) -> str | None:
        """Why all acting is halted, or None."""
        ...

    def halt(self, why: str, by: str, at: datetime) -> None:
        """Halt all acting, everywhere, and note it."""
        ...

    def resume(self, by: str, at: datetime) -> None:
        """Lift the halt, and note it."""
        ...

    def resumed_at(self) -> datetime | None:
        """When a halt was last lifted, if ever."""
        ...

    def claim(self, key: str, now: datetime) -> bool:
        """Claim an intent for whoever asks first; a claim lapses after a quarter of an hour."""
        ...

    def release(self, key: str, claimed_at: datetime) -> None:
        """Give up the claim made at a moment, unless somebody else holds it by now."""
        ...

    def record(self, outcome: Outcome) -> None:
        """Append an outcome to the audit trail, and remember stops and starts."""
        ...

    def history(self, arn: str) -> Sequence[Outcome]:
        """The outcomes of one resource, oldest first."""
        ...

    def stopped_by_us(self, account: str, region: str, rule: str) -> Mapping[str, datetime]:
        """By ARN: when we last stopped for a rule what we have not started since.

        What was last stopped for another rule is not among them: a notebook on a forbidden
        instance type does not start again in the morning.
        """
        ...

    def keep(self, manifest: Manifest) -> None:
        """Store a manifest."""
        ...

    def manifests(self, arn: str) -> Sequence[Manifest]:
        """The manifests of one resource, oldest first."""
        ...

    def undoable(self, account: str, region: str) -> Sequence[Outcome]:
        """What was last done to each resource and can be undone, and was not yet.

        Stops, deletions, scalings to zero and releases; a start or a restore takes them off.
        """
        ...

    def case(self, case_id: str) -> Case | None:
        """Find a case."""
        ...

    def save(self, case: Case, *entries: AuditEntry) -> bool:
        """Store a case one version on, unless somebody else did meanwhile: then False.

        The entries are appended to the audit trail with it, or not at all.
        """
        ...

    def live_cases(self, account: str, region: str) -> Sequence[Case]:
        """The cases of an account and region that have not ended."""
        ...

    def ended_cases(self, account: str, region: str, since: datetime) -> Sequence[Case]:
        """The cases of an account and region that have ended since a moment."""
        ...

    def places(self) -> Sequence[tuple[str, str]]:
        """The accounts and regions of which there ever was a case, in order."""
        ...

    def exempt(self, exemption: Exemption) -> None:
        """Store an exemption, in place of one for the same resources and rule; and note it."""
        ...

    def exemptions(self, account: str, region: str) -> Sequence[Exemption]:
        """The exemptions that may cover an account's resources in a region, expired ones too."""
        ...

    def all_exemptions(self) -> Sequence[Exemption]:
        """Every exemption, expired ones too, by resources and rule."""
        ...

    def lift(self, exemption: Exemption, by: str, at: datetime) -> None:
        """Forget an exemption, and note who did."""
        ...

    def note(self, entry: AuditEntry) -> None:
        """Append to the audit trail; the same entry twice is one."""
        ...

    def trail(self, arn: str) -> Sequence[AuditEntry]:
        """What happened to a resource, its outcomes among it, oldest first."""
        ...


class Notifier(Protocol):
    """Tells owners."""

    @property
    def keeps_hours(self) -> bool:
        """Whether it holds back by itself what can wait, by each reader's own time zone."""
        ...

    def warn(
        self, case: Case, verdict: Verdict, due_at: datetime | None, *, can_wait: bool
    ) -> bool | None:
        """Warn a resource's owner; whether the warning was accepted.

        None: it waits in a queue, and whoever delivers it stores when it was accepted, or leaves
        it to the next run. Without `due_at` the rule only warns, and nothing will follow.

        Args:
            case: The violation's case.
            verdict: The violation.
            due_at: When its action is due.
            can_wait: Whether its owner may be told when they are at work.
        """
        ...

    def remind(self, case: Case, verdict: Verdict) -> bool:
        """Remind a resource's owner of what is due soon; whether it was accepted."""
        ...

    def tell(self, outcome: Outcome) -> None:
        """Tell a resource's owner what was done."""
        ...

    def resolved(self, case: Case) -> None:
        """Tell a resource's owner that nothing will happen any more: RESOLVED, or EXEMPT."""
        ...

    def gave_up(self, case: Case, outcome: Outcome) -> None:
        """Tell that an action failed too often; nothing happens before a new warning."""
        ...

    def afterwards(self, settle: Callable[[], object]) -> None:
        """Let something happen once what was said so far is certain to be heard.

        A case ends only then: whose run ends before that is told by the next one.
        """
        ...


class RunNotices(Notifier, Protocol):
    """Tells owners for the length of one run."""

    @property
    def undelivered(self) -> Sequence[str]:
        """What could not be told, each with its reason."""
        ...

    def flush(self) -> None:
        """Send what the run had to say and was not sent yet.

        Raises:
            ActionFailedError: Not all of it was taken.
        """
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment (aware, UTC)."""
        ...


class Sleeper(Protocol):
    """Lets time pass."""

    def sleep(self, length: timedelta) -> None:
        """Return after some time."""
        ...

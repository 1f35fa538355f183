"""What a report says, as plain values; whoever can fill these in gets the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sagewarden.application.commitments import CommitmentAdvice
from sagewarden.domain.advice.report import Report
from sagewarden.domain.jobs.spot_savings import SpotSavings

RELEASES = frozenset({"delete", "scale-to-zero", "release-provisioned-concurrency"})
"""The actions after which an endpoint, or a part of it, is gone."""

type WeekOfHours = Sequence[Sequence[float]]
"""Seven rows, Monday first, of 24 hours each."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource as the report names it.

    Attributes:
        kind: ``notebook-instance``, ``endpoint``, ...
        name: Its name.
        region: Where it is.
        team: Its tag ``Team``, or None.
        owner: Its owner's tag, or None.
    """

    kind: str
    name: str
    region: str
    team: str | None
    owner: str | None


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action, with its evidence and what it came to.

    Attributes:
        thing: What it was done to.
        at: When (aware).
        kind: The action, in the policy's words.
        outcome: What became of it.
        reason: Why, or why it failed.
        evidence: The figures behind the reason.
        saved_usd: What it has saved in the reported time, at list price: 0 when it saved
            nothing, negative when it cost something, None when the price is not known.
        saved_hours: How many billed hours it has saved.
        monthly_usd: What it saves per month of 730 hours if nobody undoes it; None when unknown.
        warned_at: When its owner was warned, or None.
        undo: The command that takes it back, or None.
        manifest_kept: Whether everything needed to bring it back was stored first.
        is_metered: Whether what it saved was read at all; where not, nothing is said of it.
    """

    thing: Thing
    at: datetime
    kind: str
    outcome: str
    reason: str
    evidence: Sequence[tuple[str, str]]
    saved_usd: Decimal | None
    saved_hours: float
    monthly_usd: Decimal | None
    warned_at: datetime | None = None
    undo: str | None = None
    manifest_kept: bool = False
    is_metered: bool = True

    @property
    def releases_endpoint(self) -> bool:
        """Whether an endpoint, or a part of it, is gone after it."""
        return self.thing.kind == "endpoint" and self.kind in RELEASES


@dataclass(frozen=True, slots=True)
class UntouchedRow:
    """A resource that was left alone.

    Attributes:
        thing: The resource.
        verdict: The last verdict.
        reason: Its reason.
        earlier: Other verdicts of the reported time, with their reasons.
    """

    thing: Thing
    verdict: str
    reason: str
    earlier: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WarningRow:
    """A warning that was accepted, and how its case went on."""

    thing: Thing
    at: datetime
    due_at: datetime
    reason: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise kept: how many resources it concerned, and what was promised."""

    count: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Bill:
    """The money, all at list price; the four figures are never mixed.

    Attributes:
        spent_usd: What ran in the reported time.
        otherwise_usd: What would have run had nothing been stopped or deleted.
        saved_usd: The difference, realised.
        monthly_usd: What a month would save if it went on like this: a projection.
        unpriced: The resources that ran at a price that is not known: in no figure.
        unpriced_saved_hours: Billed hours saved on those.
        prices_as_of: The date of each price list used, by its name.
    """

    spent_usd: Decimal
    otherwise_usd: Decimal
    saved_usd: Decimal
    monthly_usd: Decimal
    unpriced: Sequence[str]
    unpriced_saved_hours: float
    prices_as_of: Sequence[tuple[str, date]]

    @property
    def saved_whole_usd(self) -> Decimal:
        """The saving in whole dollars, such that the three rounded figures add up."""
        return Decimal(round(self.otherwise_usd) - round(self.spent_usd))


@dataclass(frozen=True, slots=True)
class TeamSavings:
    """A team's savings: US dollars since the beginning, at each of the report's moments."""

    team: str
    cumulative_usd: Sequence[Decimal]

    @property
    def total_usd(self) -> Decimal:
        """What it saved in all."""
        return self.cumulative_usd[-1] if self.cumulative_usd else Decimal(0)


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to an endpoint whose owner was told.

    Attributes:
        at: When (aware).
        who: Who did it.
        what: What they did.
        shown: What the owner's message said then.
    """

    at: datetime
    who: str
    what: str
    shown: str


@dataclass(frozen=True, slots=True)
class Loop:
    """How it went for one endpoint and its owner.

    Attributes:
        name: The endpoint.
        moments: What happened, in order.
        fields: How many fields AWS described before it was deleted.
        differences: Those that are not as they were after the restore.
    """

    name: str
    moments: tuple[Moment, ...]
    fields: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestItem:
    """One resource of a kind.

    Attributes:
        thing: The resource.
        what: What was done to it, or the verdict on it.
        why: Why.
    """

    thing: Thing
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class RestRow:
    """A kind of resource beside notebook instances and endpoints.

    Attributes:
        title: The kind.
        found: How many were seen.
        monthly_usd: What they cost a month around the clock, as far as prices are known.
        unpriced: How many have no known price.
        saving_usd: What was done saves a month, as far as prices are known.
        saving_unknown: On how many that is not known.
        saved_usd: What it saved in the reported time; None where that is not metered.
        acted: What was acted on.
        told: What only its owner can mend, who was told.
        left: What was left alone.
    """

    title: str
    found: int
    monthly_usd: Decimal
    unpriced: int
    saving_usd: Decimal
    saving_unknown: int
    saved_usd: Decimal | None
    acted: Sequence[RestItem]
    told: Sequence[RestItem]
    left: Sequence[RestItem]


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything on the page.

    Attributes:
        title: What the report is about.
        begins: When the reported time begins (aware).
        ends: When it ends (aware).
        zone: The zone in which times are shown.
        is_simulated: Whether this never happened.
        notebooks: How many notebook instances were seen.
        endpoints: How many endpoints were seen.
        regions: The regions looked at.
        bill: The money.
        moments: When the teams' savings were read (aware), in order.
        teams: Savings by team, in any order.
        hours_before: Running notebook hours by weekday and hour without any action.
        hours_after: The same as it went.
        hours_note: What a reader should know of these hours.
        actions: Every action, in order.
        untouched: Everything that was never acted on.
        warnings: Every warning, in order.
        promises: The promises kept.
        incomplete: What could not be read, and why.
        method: How the figures were made, a sentence each.
        loop: How it went for one endpoint and its owner.
        rest: What else bills by the hour, a row for each kind.
        spot: What managed spot training saved.
        advice: What would do the same for less; nothing of it was done.
        commitment: Which Savings Plan would cost least.
    """

    title: str
    begins: datetime
    ends: datetime
    zone: ZoneInfo
    is_simulated: bool
    notebooks: int
    endpoints: int
    regions: Sequence[str]
    bill: Bill
    moments: Sequence[datetime]
    teams: Sequence[TeamSavings]
    hours_before: WeekOfHours
    hours_after: WeekOfHours
    hours_note: str
    actions: Sequence[ActionRow]
    untouched: Sequence[UntouchedRow]
    warnings: Sequence[WarningRow]
    promises: Sequence[Promise]
    incomplete: Sequence[tuple[str, str]]
    method: Sequence[str]
    loop: Loop | None = None
    rest: Sequence[RestRow] = ()
    spot: SpotSavings | None = None
    advice: Report | None = None
    commitment: CommitmentAdvice | None = None

"""What the demo holds of a kind of resource: what there is, and how it gets there and lives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sagewarden.adapters.sessions import Sessions
from sagewarden.application.carry_out import Hands
from sagewarden.application.ports import Notifier
from sagewarden.application.sweep import SweepReport
from sagewarden.domain.money import MonthlyCost, PriceBook, PriceComponent
from sagewarden.domain.rules import Policy
from sagewarden_cli.demo.meter import Draw
from sagewarden_cli.demo.organisation import VIRGINIA, Team
from sagewarden_cli.demo.portraits import Clients, Portrait
from sagewarden_cli.sandbox import Sandbox

type Bot = Callable[[Policy, str, Hands, Sessions, Notifier], SweepReport]
"""What looks at a region by a policy and acts, with the clients of an account."""


@dataclass(frozen=True, slots=True)
class Runs:
    """What something runs on, around the clock."""

    component: PriceComponent
    instance_type: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """A resource to begin with.

    Attributes:
        name: Its name, as verdicts on it say it.
        team: Whose it is.
        tags: Its tags.
        region: Where it is.
        runs: What it runs on; None for what is not billed by instances.
        trap: Why it must be left alone, by a tool that would touch it carelessly; None for what
            is wasted.
    """

    name: str
    team: Team
    tags: Mapping[str, str]
    region: str = VIRGINIA
    runs: Runs | None = None
    trap: str | None = None

    def monthly(self, prices: PriceBook) -> MonthlyCost | None:
        """What it costs a month at list price while it runs; None where that is not known."""
        if self.runs is None:
            return None
        kind = self.runs
        return prices.instances(kind.component, self.region, kind.instance_type, kind.count)


def trap[E: Extra](extra: E, why: str, **tags: str) -> E:
    """The same thing as one that must be left alone, with the tags that say so."""
    return replace(extra, trap=why, tags={**extra.tags, **tags})


@dataclass(frozen=True, slots=True)
class Kind[E: Extra]:
    """All that the demo has of one kind.

    Attributes:
        title: The kind, for the report.
        rules: The names of the policy's rules on it, swept by themselves as a bot of its own does.
        extras: What there is.
        seed: Puts one into the sandbox and returns its ARN.
        portray: What AWS describes of one.
        live: Lets the world go on until a moment: people use things, things publish metrics.
        draws: What each of them draws now, by ARN; None where `is_metered` is false, or where
            the meter reads them anyway.
        is_metered: Whether they are in the bill.
        bot: What looks at a region and acts, where that is no sweep.
        warns: Whether owners are warned before it acts.
        every: How often they are swept, beside the changes of their schedules.
    """

    title: str
    rules: tuple[str, ...]
    extras: Sequence[E]
    seed: Callable[[Sandbox, E], str]
    portray: Callable[[Clients, E], Portrait]
    live: Callable[[Sandbox, datetime], None] = lambda _sandbox, _now: None
    draws: Callable[[Sandbox, PriceBook], Mapping[str, Draw]] | None = None
    is_metered: bool = False
    bot: Bot | None = None
    warns: bool = True
    every: timedelta = timedelta(hours=6)

"""Judge a fleet against its policy and make a plan. Nothing is written."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from sagewarden.application.ports import Inventory, Ledger, Telemetry, UnreadableError
from sagewarden.application.survey import Survey, survey
from sagewarden.domain.guardrails.conditions import Figures
from sagewarden.domain.guardrails.instance_type_names import GpuBook
from sagewarden.domain.guardrails.rules import Guardrail, judge_resource
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.idle_endpoints import judge_endpoint
from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Readings, Window
from sagewarden.domain.money import PriceBook
from sagewarden.domain.notebook_hours import NotebookHours, judge_notebook
from sagewarden.domain.outcomes import last_touched
from sagewarden.domain.plans import Incomplete, Plan, make_plan
from sagewarden.domain.resources import Resource, ResourceKind, StudioApp
from sagewarden.domain.rules import Policy, SweptRule, exempting
from sagewarden.domain.scope import Mode, described
from sagewarden.domain.verdicts import Verdict, VerdictKind

MOST_REGIONS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Fleet:
    """The ports through which a fleet is read.

    Attributes:
        inventory: Reads resources.
        telemetry: Reads metrics.
        ledger: Knows what was done before.
        prices: List prices.
        gpus: How many GPUs instance types have.
    """

    inventory: Inventory
    telemetry: Telemetry
    ledger: Ledger
    prices: PriceBook
    gpus: GpuBook = field(default_factory=GpuBook)

    @property
    def figures(self) -> Figures:
        """What is known of instance types."""
        return Figures(self.prices, self.gpus)


def plan_fleet(policy: Policy, regions: Sequence[str], fleet: Fleet, now: datetime) -> Plan:
    """Survey regions concurrently and plan what the policy asks for.

    Args:
        policy: The policy.
        regions: The regions to look at.
        fleet: The ports.
        now: The moment to judge for (aware).

    Returns:
        The plan; what could not be read is in its `incomplete`.
    """
    with ThreadPoolExecutor(min(len(regions), MOST_REGIONS_AT_ONCE) or 1) as pool:
        surveys = list(pool.map(lambda region: _surveyed(region, policy, fleet, now), regions))
    return plan_surveys(policy, surveys, fleet, now)


def plan_surveys(policy: Policy, surveys: Sequence[Survey], fleet: Fleet, now: datetime) -> Plan:
    """Plan from what was already collected, judged for a moment."""
    incomplete = [item for seen in surveys for item in seen.incomplete]
    given = [
        fleet.ledger.exemptions(seen.account, seen.region) if seen.account else ()
        for seen in surveys
    ]
    verdicts: list[tuple[Verdict, Mode]] = []
    for rule in policy.swept_rules:
        for seen, exemptions in zip(surveys, given, strict=True):
            spared = exempting(rule, exemptions)
            verdicts += [
                (verdict, rule.scope.mode) for verdict in judge_survey(spared, seen, fleet, now)
            ]
    unread = {ref: moment for seen in surveys for ref, moment in seen.unread.items()}
    refs = (item.ref for seen in surveys for item in seen.resources)
    kinds = Counter(ref.kind for ref in chain(refs, unread))
    account = next((seen.account for seen in surveys if seen.account), None)
    plan = make_plan(verdicts, kinds, policy.limits, incomplete, account, now)
    return replace(plan, unread=unread)


def judge_survey(rule: SweptRule, seen: Survey, fleet: Fleet, now: datetime) -> Iterator[Verdict]:
    """Judge what a rule covers of a region, ordered by name."""
    for resource, verdict in _judged(rule, seen, fleet, now):
        yield described(verdict, resource, rule.scope, now)


def _judged(
    rule: SweptRule, seen: Survey, fleet: Fleet, now: datetime
) -> Iterator[tuple[Resource, Verdict]]:
    if isinstance(rule, NotebookHours | IdleApps):
        yield from _after_hours(rule, seen, fleet, now)
        return
    if isinstance(rule, Guardrail):
        yield from _guarded(rule, seen, fleet, now)
        return
    if isinstance(rule, JudgedRule):
        yield from _by_itself(rule, seen, fleet, now)
        return
    unread = Readings(Window.before(now, rule.window), {})
    readings = seen.readings.get(rule.window, unread)
    for endpoint in sorted(seen.endpoints, key=lambda item: item.ref):
        if rule.scope.covers(endpoint):
            yield endpoint, judge_endpoint(endpoint, rule, readings, fleet.prices, now)


def _after_hours(
    rule: NotebookHours | IdleApps, seen: Survey, fleet: Fleet, now: datetime
) -> Iterator[tuple[Resource, Verdict]]:
    if isinstance(rule, NotebookHours) and ResourceKind.NOTEBOOK_INSTANCE in rule.kinds:
        stops: Mapping[str, datetime] = {}
        if rule.start_again and seen.account:
            stops = fleet.ledger.stopped_by_us(seen.account, seen.region, rule.scope.rule)
        for notebook in sorted(seen.notebooks, key=lambda item: item.ref):
            if rule.scope.covers(notebook):
                stopped = stops.get(notebook.ref.arn)
                yield notebook, judge_notebook(notebook, rule, stopped, fleet.prices, now)
    if ResourceKind.STUDIO_APP in rule.kinds:
        for app in sorted(seen.apps, key=lambda item: item.ref):
            if rule.scope.covers(app):
                yield app, judge_studio_app(app, rule, fleet, now)


def judge_studio_app(
    app: StudioApp, rule: NotebookHours | IdleApps, fleet: Fleet, now: datetime
) -> Verdict:
    """Judge a Studio app by its hours or its use.

    What was done to it before is read only where it would be stopped: its time of creation need
    not tell that somebody started it again.
    """
    from sagewarden.domain.studio_apps import judge_app, judge_idle_app  # noqa: PLC0415 - where there are apps

    def verdict(touched: datetime | None) -> Verdict:
        if isinstance(rule, NotebookHours):
            return judge_app(app, rule, touched, fleet.prices, now)
        return judge_idle_app(app, rule, touched, fleet.prices, now)

    first = verdict(None)
    if first.kind is not VerdictKind.VIOLATION:
        return first
    touched = last_touched(fleet.ledger.history(app.ref.arn))
    return first if touched is None else verdict(touched)


def _by_itself(
    rule: JudgedRule, seen: Survey, fleet: Fleet, now: datetime
) -> Iterator[tuple[Resource, Verdict]]:
    stops: Mapping[str, datetime] = {}
    if rule.starts_again and seen.account:
        stops = fleet.ledger.stopped_by_us(seen.account, seen.region, rule.scope.rule)
    readings = seen.measured.get(rule.scope.rule)
    for kind in rule.kinds:
        for resource in sorted(seen.of_kind(kind), key=lambda item: item.ref):
            if rule.scope.covers(resource):
                facts = Facts(fleet.prices, readings, stops.get(resource.ref.arn))
                yield resource, judge_by_rule(resource, rule, facts, fleet.ledger, now)


def judge_by_rule(
    resource: Resource, rule: JudgedRule, facts: Facts, ledger: Ledger, now: datetime
) -> Verdict:
    """Judge a resource by a rule that judges by itself.

    What was done to it before is read only where something would be done now.
    """
    first = rule.judge(resource, facts, now)
    if first.kind is not VerdictKind.VIOLATION or not rule.remembers:
        return first
    arn = resource.ref.arn
    kept = max(ledger.manifests(arn), key=lambda manifest: manifest.at, default=None)
    touched = last_touched(ledger.history(arn))
    facts = replace(facts, touched=touched, kept=kept.content if kept else None)
    return rule.judge(resource, facts, now)


def _guarded(
    rule: Guardrail, seen: Survey, fleet: Fleet, now: datetime
) -> Iterator[tuple[Resource, Verdict]]:
    for resource in sorted(seen.resources, key=lambda item: item.ref):
        if rule.sweeps(resource.ref.kind) and rule.scope.covers(resource):
            peers = seen.of_kind(resource.ref.kind)
            yield resource, judge_resource(resource, rule, peers, fleet.figures, now)


def _surveyed(region: str, policy: Policy, fleet: Fleet, now: datetime) -> Survey:
    try:
        return survey(region, policy, fleet.inventory, fleet.telemetry, now)
    except UnreadableError as error:
        return Survey(region, incomplete=(Incomplete(error.what, error.why),))

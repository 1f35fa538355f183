"""From a checked model to the rules of the domain."""

import hashlib
import json
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.autoscaling.scaling import Capacity
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.idle_endpoints import IdleEndpoints
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.organization import OrganizationTargets
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Limits
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.rules import Policy, Rule
from sagewarden.domain.schedules.assignment import ScheduleBook
from sagewarden.domain.schedules.calendar import Calendar, Holidays, HolidaySource
from sagewarden.domain.schedules.expression import ExpressionDefaults
from sagewarden.domain.schedules.reading import Schedule
from sagewarden.domain.scope import Mode, Scope, TagMatch
from sagewarden.policy.calendars import CalendarModel
from sagewarden.policy.models import ExemptionModel, GovernancePolicy, OrganizationModel
from sagewarden.policy.problems import Finding
from sagewarden.policy.rule_model import (
    Enforcement,
    IacManaged,
    JudgedRuleModel,
    RuleModel,
    schedules_of,
)
from sagewarden.policy.rule_models import (
    EndpointCapacityRule,
    GuardrailRule,
    IdleAppsRule,
    IdleEndpointsRule,
    NotebookHoursRule,
    ProvisionedConcurrencyRule,
)
from sagewarden.policy.values import ENABLED

_CAUTION = (Mode.OBSERVE, Mode.WARN, Mode.ENFORCE)
"""The modes, the most careful one first."""

_FINGERPRINT_LENGTH = 16


def compile_policy(model: GovernancePolicy, holiday_source: HolidaySource) -> Policy:
    """Turn a policy into the domain's rules.

    Args:
        model: The policy.
        holiday_source: Finds public holidays.

    Raises:
        PolicyError: A calendar observes holidays that the source does not know.
    """
    book = schedule_book(model, holiday_source)
    return Policy(
        fingerprint=fingerprint(model),
        regions=() if ENABLED in model.targets.regions else model.targets.regions,
        rules=tuple(_rule(rule, model, book) for rule in model.rules),
        limits=_limits(model),
        accounts=model.targets.accounts,
        owners=_owners(model, book),
        organization=_organization(model.targets.organization),
        enabled_regions=ENABLED in model.targets.regions,
    )


def _organization(given: OrganizationModel | None) -> OrganizationTargets | None:
    if given is None:
        return None
    return OrganizationTargets(
        units=given.units or (),
        tags=tuple(TagMatch(key, values) for key, values in (given.tags or {}).items()),
        except_accounts=tuple(item for item in given.except_ if item.isdigit()),
        except_units=tuple(item for item in given.except_ if not item.isdigit()),
    )


def _owners(model: GovernancePolicy, book: ScheduleBook) -> Owners:
    given = model.owners
    return Owners(
        tag=given.tag,
        fallback_channel=given.fallback_channel,
        approvers=given.approvers,
        warned_during=book.named[given.warn_during] if given.warn_during else None,
        team_tag=given.team_tag,
        teams=given.teams,
        people=given.people,
    )


def schedule_book(model: GovernancePolicy, holiday_source: HolidaySource) -> ScheduleBook:
    """The schedules of a policy by name, and what an expression means where it holds.

    Raises:
        PolicyError: A calendar observes holidays that the source does not know.
    """
    zone = ZoneInfo(model.timezone)
    return ScheduleBook(
        default=None,
        named={**_calendars(model, holiday_source), **_period_schedules(model)},
        expressions=ExpressionDefaults(zone, holiday_source),
        off_hours=model.custodian.off_hours() if model.custodian else None,
    )


def fingerprint(model: GovernancePolicy) -> str:
    """Identify what a policy says: 16 hex digits, whatever its comments and spelling."""
    canonical = json.dumps(
        model.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:_FINGERPRINT_LENGTH]


def effective_mode(overall: Mode, rule: Mode | None) -> Mode:
    """The more careful of the policy's mode and a rule's own."""
    return min(overall, rule or overall, key=_CAUTION.index)


def _calendars(model: GovernancePolicy, source: HolidaySource) -> Mapping[str, Calendar]:
    calendars: dict[str, Calendar] = {}
    unknown: list[Finding] = []
    for name, calendar in model.calendars.items():
        try:
            holidays = _holidays(calendar, source)
        except ValueError as error:
            remedy = "use ISO codes that have public holidays, such as KR or US-CA"
            unknown.append(Finding(("calendars", name, "holidays"), str(error), remedy))
            continue
        calendars[name] = Calendar(
            name=name,
            zone=ZoneInfo(calendar.timezone or model.timezone),
            weekly=calendar.weekly(),
            holidays=holidays,
            dates=calendar.special_dates(),
        )
    if unknown:
        raise model.refused(tuple(unknown))
    return calendars


def _holidays(calendar: CalendarModel, source: HolidaySource) -> Holidays | None:
    if calendar.holidays is None:
        return None
    return source(calendar.holidays.country, calendar.holidays.subdivision)


def _period_schedules(model: GovernancePolicy) -> Mapping[str, Schedule]:
    block = model.instance_scheduler
    if block is None:
        return {}
    return {name: block.schedule(name, model.timezone) for name in block.schedules}


def _rule(
    rule: NotebookHoursRule
    | IdleAppsRule
    | IdleEndpointsRule
    | ProvisionedConcurrencyRule
    | EndpointCapacityRule
    | GuardrailRule
    | JudgedRuleModel,
    model: GovernancePolicy,
    book: ScheduleBook,
) -> Rule:
    scope = _scope(rule, model)
    if isinstance(rule, JudgedRuleModel):
        return rule.compiled(scope, book)
    if isinstance(rule, GuardrailRule):
        return Guardrail(
            scope=scope,
            kinds=rule.resources,
            conditions=rule.conditions(),
            remedies=rule.action,
            grace=rule.grace,
        )
    if isinstance(rule, ProvisionedConcurrencyRule):
        return _provisioned_concurrency(rule, scope, book)
    if isinstance(rule, EndpointCapacityRule):
        return _endpoint_capacity(rule, scope, book)
    if isinstance(rule, IdleEndpointsRule):
        return IdleEndpoints(
            scope=scope,
            window=rule.idle.window,
            action=ActionKind(rule.action),
            grace=rule.grace,
        )
    if isinstance(rule, IdleAppsRule):
        return IdleApps(scope=scope, window=rule.idle.window, warn=rule.warn)
    return _notebook_hours(rule, scope, book)


def _notebook_hours(rule: NotebookHoursRule, scope: Scope, book: ScheduleBook) -> NotebookHours:
    return NotebookHours(
        scope=scope,
        schedules=schedules_of(rule.outside, rule.schedule_tag, book),
        start_again=rule.start_again,
        strict=rule.enforce is Enforcement.STRICT,
        warn=rule.warn,
        kinds=rule.resources,
    )


def _provisioned_concurrency(
    rule: ProvisionedConcurrencyRule, scope: Scope, book: ScheduleBook
) -> ProvisionedConcurrency:
    wanted = rule.provisioned_concurrency
    schedules = schedules_of(wanted.hours, wanted.schedule_tag, book)
    return ProvisionedConcurrency(
        scope=scope,
        strategy=wanted.strategy,
        bounds=Capacity(*wanted.bounds),
        outside=Capacity(*wanted.outside_hours),
        schedules=schedules if wanted.strategy.keeps_hours else None,
        target_utilization=wanted.target_utilization,
        release_after=wanted.release_when_idle,
        grace=wanted.grace,
        adopt=wanted.adopt,
    )


def _endpoint_capacity(
    rule: EndpointCapacityRule, scope: Scope, book: ScheduleBook
) -> EndpointCapacity:
    wanted = rule.capacity
    hours = schedules_of(wanted.hours, wanted.schedule_tag, book) if wanted.keeps_hours else None
    return EndpointCapacity(
        scope=scope,
        what=rule.resources,
        bounds=Capacity(*(wanted.during or (1, 1))),
        outside=Capacity(*wanted.outside),
        schedules=hours,
        target_value=wanted.target_value,
        sets=wanted.during is not None,
        adopt=wanted.adopt,
    )


def _scope(rule: RuleModel, model: GovernancePolicy) -> Scope:
    conditions = rule.when.tag if rule.when else {}
    return Scope(
        rule=rule.name,
        mode=effective_mode(model.mode, rule.mode),
        names=rule.names,
        except_names=rule.except_names or (),
        when=tuple(TagMatch(key, values) for key, values in conditions.items()),
        protections=tuple(TagMatch(item.tag, item.values or ()) for item in model.protect),
        spare_iac=rule.iac_managed is IacManaged.LEAVE,
        owner_tag=model.owners.tag,
        team_tag=model.owners.team_tag,
        exemptions=exemptions_of(model),
    )


def exemptions_of(model: GovernancePolicy) -> tuple[Exemption, ...]:
    """What a policy file itself leaves alone."""
    return tuple(map(_exemption, model.exemptions))


def _exemption(given: ExemptionModel) -> Exemption:
    return Exemption(
        resources=given.resources,
        until=given.until,
        why=given.why,
        by=given.who,
        rule=given.rule,
        accounts=given.accounts,
    )


def _limits(model: GovernancePolicy) -> Limits:
    if model.limits is None:
        return Limits()
    return Limits(model.limits.actions_per_run, model.limits.percent_of_kind, every_action=True)

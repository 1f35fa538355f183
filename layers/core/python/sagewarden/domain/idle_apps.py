"""The idle apps rule: which Studio app nobody uses, as far as AWS tells."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.money import MonthlyCost, PriceBook
from sagewarden.domain.resources import ResourceKind, StudioApp
from sagewarden.domain.scope import Scope, expired_exemption
from sagewarden.domain.studio_apps import PRICED_AS, began, left_alone
from sagewarden.domain.verdicts import Verdict, VerdictKind

SAME = timedelta(seconds=1)
"""Moments that lie nearer to each other than this are one."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class IdleApps:
    """Stop Studio apps that nobody uses.

    Attributes:
        scope: Which apps.
        window: For how long nobody may have used one.
        warn: How long before a stop its owner is told.
    """

    scope: Scope
    window: timedelta = timedelta(hours=2)
    warn: timedelta = timedelta(minutes=30)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of resource that it speaks of."""
        return (ResourceKind.STUDIO_APP.value,)


def judge_idle_app(
    app: StudioApp,
    rule: IdleApps,
    touched: datetime | None,
    prices: PriceBook,
    now: datetime,
) -> Verdict:
    """Judge whether a Studio app stands idle.

    Args:
        app: The app as it is.
        rule: The rule.
        touched: When this program last stopped it or brought it back.
        prices: List prices, for the saving.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with a stop, or why there is nothing to do. Where AWS does not tell when its user
        was last active it is UNKNOWN: LastUserActivityTimestamp is that of the last health check
        then (API reference, DescribeApp).
    """
    scope = rule.scope
    if verdict := left_alone(app, scope, now):
        return verdict
    if now - began(app, touched) < rule.window:
        reason = f"it has run for less than {_hours(rule.window)}"
        return scope.verdict(app, VerdictKind.TOO_NEW, reason)
    active, checked = app.active, app.checked
    if active is None or checked is None:
        return scope.verdict(app, VerdictKind.UNKNOWN, "when it was last used could not be read")
    if abs(active - checked) < SAME:
        reason = (
            "when it was last used is not known: AWS gives the time of its own health check. "
            "Studio's idle shutdown knows"
        )
        return scope.verdict(app, VerdictKind.UNKNOWN, reason, checked=checked.isoformat())
    since = max(active, began(app, touched))
    told = {"last_used": active.isoformat(), "instance_type": app.instance_type}
    if now - since < rule.window:
        return scope.verdict(
            app, VerdictKind.COMPLIANT, f"it was used at {since.isoformat()}", **told
        )
    reason = f"nobody used it for {_hours(now - since)}"
    if expired := expired_exemption(app.tags, now):
        reason += f"; {expired}"
    action = Action(ActionKind.STOP, app.ref, Precondition.of(app))
    saving = _saving(app, prices)
    return Verdict(scope.rule, app.ref, VerdictKind.VIOLATION, reason, told, action, saving)


def _saving(app: StudioApp, prices: PriceBook) -> MonthlyCost | None:
    component = PRICED_AS.get(app.app_type)
    if component is None or app.instance_type is None:
        return None
    return prices.instances(component, app.ref.region, app.instance_type)


def _hours(length: timedelta) -> str:
    return f"{length / _HOUR:.3g} h"

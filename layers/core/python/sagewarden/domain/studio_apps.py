"""Studio apps: which of them cost anything, and which should not run, by their hours or their use.

An app is stopped by deleting it: its space and what is stored there stay. There is no start, so
nothing is started again; whoever opens the space starts it anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.durations import hours
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.money import PriceBook, PriceComponent
from sagewarden.domain.notebook_hours import NotebookHours, left_running, schedule_of, stop
from sagewarden.domain.resources import SHARED_TYPES, AppStatus, StudioApp, Tags
from sagewarden.domain.schedules.reading import Wanted
from sagewarden.domain.scope import IAC_TAGS, Scope, expired_exemption, spared
from sagewarden.domain.verdicts import Verdict, VerdictKind

FREE = "system"
"""The instance type that costs nothing (ResourceSpec, API reference)."""

PRICED_AS: Mapping[str, PriceComponent] = {"JupyterLab": PriceComponent.STUDIO_JUPYTER_LAB}
"""What the price of an app belongs to, by its type. AWS lists one price for each type of app."""

SAME = timedelta(seconds=1)
"""Moments that lie nearer to each other than this are one."""

_FREE_TYPES = frozenset({"JupyterServer"})
"""These run on ``system`` only (ResourceSpec, API reference)."""

_NOT_RUNNING = {
    AppStatus.PENDING: "it is Pending; judged when it has settled",
    AppStatus.DELETING: "it is being deleted",
    AppStatus.DELETED: "it is deleted",
    AppStatus.FAILED: "it failed and runs nothing",
}


def never_stopped(app: StudioApp) -> str | None:
    """Why an app is left alone whatever its tags say, or None."""
    if app.app_type in SHARED_TYPES:
        return f"{app.app_type} serves a whole domain: it is never stopped"
    if app.app_type in _FREE_TYPES or app.instance_type == FREE:
        return f"a {app.app_type} on {FREE} costs nothing"
    return _NOT_RUNNING.get(app.status)


def left_alone(app: StudioApp, scope: Scope, now: datetime) -> Verdict | None:
    """Say why an app must be left alone whenever it was started and used, or None."""
    if app.status is AppStatus.UNKNOWN:
        return scope.verdict(app, VerdictKind.UNKNOWN, "its status is not one we know")
    if reason := never_stopped(app):
        return scope.verdict(app, VerdictKind.NOT_APPLICABLE, reason)
    return spared(app, scope, now)


def judge_app(
    app: StudioApp,
    rule: NotebookHours,
    touched: datetime | None,
    prices: PriceBook,
    now: datetime,
) -> Verdict:
    """Judge a Studio app against its hours.

    Args:
        app: The app as it is.
        rule: The rule.
        touched: When this program last stopped it or brought it back: if it runs now, somebody
            wanted it since. Its time of creation may not tell.
        prices: List prices, for the saving.
        now: The moment of judgement (aware).

    Returns:
        VIOLATION with a stop, or why there is nothing to do. Unreadable tags, an unreadable
        schedule or status are UNKNOWN.
    """
    scope = rule.scope
    if verdict := left_alone(app, scope, now):
        return verdict
    schedule = schedule_of(app, rule)
    if isinstance(schedule, Verdict):
        return schedule
    reading = schedule.at(now)
    if reading.wanted is not Wanted.STOPPED:
        return scope.verdict(app, VerdictKind.COMPLIANT, reading.reason)
    since, how = began(app, touched), "it was started at"
    if since != app.created:
        how = "it was started again after"
    if verdict := left_running(app, since, rule, schedule, now, how):
        return verdict
    costs = (PRICED_AS.get(app.app_type), prices)
    return stop(app, since, scope, (schedule, reading), costs, now)


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
        reason = f"it has run for less than {hours(rule.window)}"
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
    reason = f"nobody used it for {hours(now - since)}"
    if expired := expired_exemption(app.tags, now):
        reason += f"; {expired}"
    action = Action(ActionKind.STOP, app.ref, Precondition.of(app))
    saving = prices.instances(PRICED_AS.get(app.app_type), app.ref.region, app.instance_type)
    return Verdict(scope.rule, app.ref, VerdictKind.VIOLATION, reason, told, action, saving)


def began(app: StudioApp, touched: datetime | None) -> datetime:
    """The earliest moment at which an app can have begun to run as it does now.

    Args:
        app: The app, which runs.
        touched: When this program last stopped it or brought it back.
    """
    return app.created if touched is None else max(app.created, touched)


def with_tags(app: StudioApp, own: Tags, inherited: Tags) -> StudioApp:
    """An app with its own tags over those of its space and user profile.

    Whatever protects, exempts or owns a space speaks of what runs in it, too. That it is managed
    by infrastructure as code does not: a stop of the app changes nothing of it.

    Args:
        app: The app.
        own: Its own tags.
        inherited: Those of its space over those of the user profile whose it is.
    """
    return replace(app, tags=tags_over(inherited, own))


def tags_over(inherited: Tags, own: Tags) -> Tags:
    """A thing's own tags over those of what it belongs to, but whether that is managed as code."""
    taken = {key: value for key, value in inherited.items() if key.lower() not in IAC_TAGS}
    return {**taken, **own}

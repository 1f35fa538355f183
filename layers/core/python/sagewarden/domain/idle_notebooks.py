"""The idle notebooks rule: stop a notebook instance when its own reports say that nobody uses it.

SageMaker itself does not tell whether a notebook instance is used. A lifecycle configuration
(``sagewarden notebook-activity``) reports every five minutes whether a kernel, a terminal or
anything else on it was at work. Without its reports there is no idle verdict.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sagewarden.domain.actions import Action, ActionKind, Precondition
from sagewarden.domain.durations import hours
from sagewarden.domain.judged import Facts, JudgedRule
from sagewarden.domain.metrics import Series, Window
from sagewarden.domain.money import PriceComponent
from sagewarden.domain.resources import NotebookInstance, NotebookStatus, Resource
from sagewarden.domain.scope import expired_exemption, spared
from sagewarden.domain.verdicts import Verdict, VerdictKind

NAMESPACE = "Sagewarden/Notebooks"
METRIC = "Active"
"""1 in a report of work since the last one, 0 in one of none."""

DIMENSION = "NotebookInstanceName"

REPORTS_EVERY = timedelta(minutes=5)

MAY_BE_MISSING = 2
"""How many of a window's reports may be missing: the newest, and one that was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleNotebooks(JudgedRule):
    """Stop notebook instances on which nothing was at work.

    Attributes:
        idle_for: For how long.
    """

    idle_for: timedelta = timedelta(hours=2)
    grace: timedelta = timedelta(minutes=30)

    @property
    def does(self) -> str:
        """What it does, in the words of ``policy show``."""
        notice = self.grace / timedelta(minutes=1)
        return f"stop after {hours(self.idle_for)} without work, {notice:g} min after the warning"

    def window(self, now: datetime) -> Window:
        """The whole five minutes that it looks back."""
        start = now.astimezone(UTC) - self.idle_for
        start -= (start - datetime.min.replace(tzinfo=UTC)) % REPORTS_EVERY
        return Window(start, now, REPORTS_EVERY)

    def series(self, resource: Resource, now: datetime) -> Iterable[Series]:
        """A notebook's reports, where they decide."""
        if isinstance(resource, NotebookInstance) and self._settled(resource, now) is None:
            return (activity_of(resource.ref.name),)
        return ()

    def judge(self, resource: Resource, facts: Facts, now: datetime) -> Verdict:
        """Judge a notebook instance by its reports.

        Returns:
            VIOLATION with a stop where nearly every report of the time is there, and each says
            that nothing was at work; UNKNOWN where reports are missing.

        Raises:
            TypeError: It is no notebook instance.
        """
        if not isinstance(resource, NotebookInstance):
            raise TypeError(f"{resource.ref.kind} {resource.ref.name} is no notebook instance")
        if settled := self._settled(resource, now):
            return settled
        return self._by_reports(resource, facts, now)

    def _settled(self, notebook: NotebookInstance, now: datetime) -> Verdict | None:
        """What is said of a notebook whatever it reports, or None."""
        scope = self.scope
        if notebook.status is NotebookStatus.UNKNOWN:
            return scope.verdict(notebook, VerdictKind.UNKNOWN, "its status is not one we know")
        if verdict := spared(notebook, scope, now):
            return verdict
        if notebook.status is not NotebookStatus.IN_SERVICE:
            reason = f"it is {notebook.status}: only one InService can be idle"
            return scope.verdict(notebook, VerdictKind.NOT_APPLICABLE, reason)
        if now - notebook.modified < self.idle_for:
            reason = f"it has run for less than {hours(self.idle_for)}"
            return scope.verdict(notebook, VerdictKind.TOO_NEW, reason)
        return None

    def _by_reports(self, notebook: NotebookInstance, facts: Facts, now: datetime) -> Verdict:
        scope, name = self.scope, notebook.ref.name
        reports = facts.readings.of(activity_of(name)) if facts.readings else None
        if reports is None:
            reason = "its activity reports could not be read"
            return scope.verdict(notebook, VerdictKind.UNKNOWN, reason)
        expected = self.idle_for // REPORTS_EVERY
        told = {"reports": len(reports), "reports_expected": expected}
        if any(reports):
            reason = f"something was at work on it within {hours(self.idle_for)}"
            return scope.verdict(notebook, VerdictKind.COMPLIANT, reason, **told)
        if len(reports) < expected - MAY_BE_MISSING:
            reason = (
                f"{len(reports)} of {expected} activity reports came: whether it is used is not "
                "known. Give it the lifecycle configuration of sagewarden notebook-activity"
            )
            return scope.verdict(notebook, VerdictKind.UNKNOWN, reason, **told)
        reason = f"no kernel and no terminal was at work for {hours(self.idle_for)}"
        if expired := expired_exemption(notebook.tags, now):
            reason += f"; {expired}"
        return Verdict(
            scope.rule,
            notebook.ref,
            VerdictKind.VIOLATION,
            reason,
            {**told, "instance_type": notebook.instance_type},
            Action(ActionKind.STOP, notebook.ref, Precondition.of(notebook)),
            facts.prices.instances(
                PriceComponent.NOTEBOOK, notebook.ref.region, notebook.instance_type
            ),
        )


def activity_of(name: str) -> Series:
    """What a notebook instance reports of itself."""
    return Series(NAMESPACE, METRIC, ((DIMENSION, name),), "Maximum")

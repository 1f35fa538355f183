"""Tell owners by SNS: a topic's subscribers get plain text, as an e-mail shows it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sagewarden.adapters.errors import AWS_ERRORS, why
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.outcomes import Outcome
from sagewarden.domain.resources import RUN_ONCE, ResourceRef
from sagewarden.domain.scope import EXEMPT_TAG
from sagewarden.domain.verdicts import Verdict

SUBJECT_LENGTH = 99
"""SNS takes subjects of fewer than 100 ASCII characters (Publish, API reference)."""

_DEEDS = {
    ActionKind.STOP: "stopped",
    ActionKind.START: "started",
    ActionKind.DELETE: "deleted",
    ActionKind.SCALE_TO_ZERO: "scaled to zero",
    ActionKind.RELEASE_PROVISIONED_CONCURRENCY: "released from its provisioned concurrency",
    ActionKind.SET_PROVISIONED_CONCURRENCY: "given other provisioned concurrency",
    ActionKind.SET_CAPACITY: "given other bounds for its instances or copies",
    ActionKind.TAG_OWNER: "tagged with its owner",
    ActionKind.RESTORE: "restored",
}


_KEEPING = (
    f"To keep it, use it, or tag it {EXEMPT_TAG}=<last day>: <why>, for example",
    f"{EXEMPT_TAG}=2027-01-31: migrating",
)


class SnsNotices:
    """The notifier port on an SNS topic, for the length of one run.

    A warning counts as accepted only when somebody could read it: SNS accepts messages to a topic
    without subscribers too, and then nobody was warned.

    Args:
        client: An SNS client.
        topic: The topic's ARN.
        zone: The zone in which times are named.
        run: What correlates what is told with what led to it.
    """

    keeps_hours = False

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - an SNS client, or a stand-in for one
        topic: str,
        zone: ZoneInfo,
        run: str | None = None,
    ) -> None:
        self._client = client
        self._run = run
        self._topic = topic
        self._zone = zone
        self._has_readers: bool | None = None
        self._refused = False
        self._undelivered: list[str] = []

    @property
    def undelivered(self) -> tuple[str, ...]:
        """What could not be told, each with its reason."""
        return tuple(self._undelivered)

    def flush(self) -> None:
        """Nothing waits: everything is published as it is said."""

    def warn(
        self,
        case: Case,
        verdict: Verdict,
        due_at: datetime | None,
        *,
        can_wait: bool = False,  # noqa: ARG002 - the sweep has waited already
    ) -> bool:
        """Warn of an action; whether it was published and the topic has a confirmed subscriber."""
        ref, deed = verdict.ref, _deed(case.action.kind)
        if due_at is None:
            subject = f"{ref.kind} {ref.name} breaks rule {verdict.rule}"
            opening = "Nothing will be done: the rule only warns."
        else:
            when = self._local(due_at)
            subject = f"{ref.kind} {ref.name} will be {deed} at {when}"
            opening = f"It will be {deed} at {when}, unless the reason is gone by then."
        lines = [
            opening,
            "",
            f"Why:        {verdict.reason}",
            *(f"            {key} = {value}" for key, value in sorted(verdict.evidence.items())),
            f"Saves:      {_money(verdict)}",
            *_where(ref, verdict.rule),
            "",
            *_KEEPING,
        ]
        return self._publish(subject, lines)

    def remind(self, case: Case, verdict: Verdict) -> bool:
        """Remind of an action that is due soon."""
        ref, deed = case.ref, _deed(case.action.kind)
        when = self._local(case.due_at) if case.due_at else "its time"
        lines = [
            f"It will be {deed} at {when}, unless the reason is gone by then.",
            "",
            f"Why:        {verdict.reason}",
            f"Saves:      {_money(verdict)}",
            *_where(ref, case.rule),
            "",
            *_KEEPING,
        ]
        return self._publish(f"reminder: {ref.kind} {ref.name} will be {deed} at {when}", lines)

    def tell(self, outcome: Outcome) -> None:
        """Tell what was done, and how to take it back."""
        ref, deed = outcome.action.ref, _deed(outcome.action.kind)
        lines = [
            f"It was {deed} at {self._local(outcome.at)}.",
            "",
            f"What:       {outcome.reason}",
            *([f"Undo:       {outcome.way_back}"] if outcome.way_back else []),
            *_where(ref, outcome.rule),
        ]
        self._publish(f"{ref.kind} {ref.name} was {deed}", lines)

    def resolved(self, case: Case) -> None:
        """Tell that nothing will happen any more."""
        ref, deed = case.ref, _deed(case.action.kind)
        if case.state is CaseState.EXEMPT:
            opening, end = "Nothing will be done: it is exempt now.", "exempt"
        elif case.action.kind is ActionKind.NOTIFY:
            opening, end = "It is as the rule asks now.", "mended"
        else:
            opening, end = f"It will not be {deed}: the reason is gone.", "called off"
        lines = [opening, "", f"Warned of:  {case.reason}", *_where(ref, case.rule)]
        self._publish(f"{ref.kind} {ref.name}: {end}", lines)

    def gave_up(self, case: Case, outcome: Outcome) -> None:
        """Tell that an action failed too often."""
        ref, deed = case.ref, _deed(case.action.kind)
        lines = [
            f"{case.failures} attempts failed. It is not tried again before a new warning.",
            "",
            f"What:       {outcome.reason}",
            *_where(ref, case.rule),
        ]
        self._publish(f"{ref.kind} {ref.name} could not be {deed}", lines)

    def afterwards(self, settle: Callable[[], object]) -> None:
        """At once, unless what was said last was refused: then the next run says it again.

        A topic without readers refuses nothing, and nobody waits for them.
        """
        if not self._refused:
            settle()

    def _publish(self, subject: str, lines: list[str]) -> bool:
        self._refused = False
        try:
            if not self._anybody_reads():
                return self._not_told(subject, f"{self._topic} has no confirmed subscription")
            self._client.publish(
                TopicArn=self._topic,
                Subject=mail_subject(subject),
                Message="\n".join([subject, "", *lines, *self._whence(), ""]),
            )
        except AWS_ERRORS as error:
            self._refused = True
            return self._not_told(subject, why(error))
        return True

    def _whence(self) -> list[str]:
        """The run, as a line of the log names it."""
        return [f"Run:        {self._run}"] if self._run else []

    def _anybody_reads(self) -> bool:
        """Whether the topic has a confirmed subscription; asked once a run."""
        if self._has_readers is None:
            pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(
                TopicArn=self._topic
            )
            # What is not confirmed yet has the text PendingConfirmation in place of an ARN.
            self._has_readers = any(
                item["SubscriptionArn"].startswith("arn:")
                for page in pages
                for item in page["Subscriptions"]
            )
        return self._has_readers

    def _not_told(self, subject: str, reason: str) -> bool:
        self._undelivered.append(f"nobody was told that {subject}: {reason}")
        return False

    def _local(self, moment: datetime) -> str:
        local = moment.astimezone(self._zone)
        return f"{local.isoformat(timespec='minutes')} ({self._zone.key})"


def mail_subject(text: str) -> str:
    """What SNS takes as the subject of a notice."""
    return f"Sagewarden: {text}".encode("ascii", "replace").decode()[:SUBJECT_LENGTH]


def _deed(kind: ActionKind) -> str:
    return _DEEDS.get(kind, f"changed ({kind})")


def _money(verdict: Verdict) -> str:
    saving = verdict.saving
    if saving is None:
        return "not known: there is no list price for it"
    usd = f"${saving.usd:,.2f}"
    amount = f"at most {usd}" if verdict.ref.kind in RUN_ONCE else f"{usd} a month"
    return f"{amount} at list price ({saving.basis}; prices of {saving.as_of})"


def _where(ref: ResourceRef, rule: str) -> list[str]:
    return [
        f"Rule:       {rule}",
        f"Account:    {ref.account}, {ref.region}",
        f"ARN:        {ref.arn}",
    ]

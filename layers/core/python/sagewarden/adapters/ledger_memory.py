"""The ledger in memory: for tests, the demo and a workstation."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import Case
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind

CLAIM_LASTS = timedelta(minutes=15)
"""As long as a Lambda function may run: whoever claimed longer ago has ended or crashed."""


class MemoryLedger:
    """The ledger port in memory; safe to share between threads.

    A subclass may keep what it remembers elsewhere: `_changed` is called after every change.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._halted: str | None = None
        self._claims: dict[str, datetime] = {}
        self._outcomes: list[Outcome] = []
        self._manifests: list[Manifest] = []
        self._cases: dict[str, Case] = {}

    def _changed(self) -> None:
        """What was remembered has changed."""

    def halt(self, why: str | None) -> None:
        """Halt all acting, or resume with None."""
        with self._lock:
            self._halted = why
            self._changed()

    def halted(self) -> str | None:
        """Why all acting is halted, or None."""
        with self._lock:
            return self._halted

    def claim(self, key: str, now: datetime) -> bool:
        """Claim an intent; False while somebody else's claim lasts."""
        with self._lock:
            held = self._claims.get(key)
            if held is not None and now < held + CLAIM_LASTS:
                return False
            self._claims[key] = now
            self._changed()
            return True

    def release(self, key: str, claimed_at: datetime) -> None:
        """Give up the claim made at a moment, unless somebody else holds it by now."""
        with self._lock:
            if self._claims.get(key) == claimed_at:
                del self._claims[key]
                self._changed()

    def record(self, outcome: Outcome) -> None:
        """Append an outcome to the audit trail."""
        with self._lock:
            self._outcomes.append(outcome)
            self._changed()

    def history(self, arn: str) -> Sequence[Outcome]:
        """The outcomes of one resource, oldest first."""
        with self._lock:
            return tuple(item for item in self._outcomes if item.action.ref.arn == arn)

    def stopped_by_us(self, account: str, region: str, rule: str) -> Mapping[str, datetime]:
        """By ARN: when we last stopped for a rule what we have not started since."""
        stopped: dict[str, Outcome] = {}
        with self._lock:
            for outcome in self._outcomes:
                ref = outcome.action.ref
                if outcome.kind is not OutcomeKind.APPLIED or (ref.account, ref.region) != (
                    account,
                    region,
                ):
                    continue
                if outcome.action.kind is ActionKind.STOP:
                    stopped[ref.arn] = outcome
                elif outcome.action.kind is ActionKind.START:
                    stopped.pop(ref.arn, None)
        return {arn: outcome.at for arn, outcome in stopped.items() if outcome.rule == rule}

    def keep(self, manifest: Manifest) -> None:
        """Store a manifest."""
        with self._lock:
            self._manifests.append(manifest)
            self._changed()

    def manifests(self, arn: str) -> Sequence[Manifest]:
        """The manifests of one resource, oldest first."""
        with self._lock:
            return tuple(item for item in self._manifests if item.ref.arn == arn)

    def case(self, case_id: str) -> Case | None:
        """Find a case."""
        with self._lock:
            return self._cases.get(case_id)

    def save(self, case: Case) -> bool:
        """Store a case one version on, unless it was written meanwhile."""
        with self._lock:
            stored = self._cases.get(case.case_id)
            if (stored.version if stored else 0) != case.version:
                return False
            self._cases[case.case_id] = replace(case, version=case.version + 1)
            self._changed()
            return True

    def live_cases(self, account: str, region: str) -> Sequence[Case]:
        """The cases of an account and region that have not ended."""
        with self._lock:
            return tuple(
                case
                for case in self._cases.values()
                if case.state.alive and (case.ref.account, case.ref.region) == (account, region)
            )

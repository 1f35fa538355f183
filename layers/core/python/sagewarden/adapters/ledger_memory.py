"""The ledger in memory: for tests, the demo and a workstation."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening, merged, noted_exemption
from sagewarden.domain.cases import Case
from sagewarden.domain.exemptions import Exemption
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
        self._resumed_at: datetime | None = None
        self._claims: dict[str, datetime] = {}
        self._outcomes: list[Outcome] = []
        self._manifests: list[Manifest] = []
        self._cases: dict[str, Case] = {}
        self._exemptions: list[Exemption] = []
        self._entries: dict[str, list[AuditEntry]] = {}

    def _changed(self) -> None:
        """What was remembered has changed."""

    def halt(self, why: str, by: str, at: datetime) -> None:
        """Halt all acting, and note it."""
        with self._lock:
            self._halted = why
            self._append(AuditEntry(at, EVERYTHING, Happening.HALTED, by, {"why": why}))
            self._changed()

    def resume(self, by: str, at: datetime) -> None:
        """Lift the halt, and note it."""
        with self._lock:
            self._halted, self._resumed_at = None, at
            self._append(AuditEntry(at, EVERYTHING, Happening.RESUMED, by))
            self._changed()

    def halted(self) -> str | None:
        """Why all acting is halted, or None."""
        with self._lock:
            return self._halted

    def resumed_at(self) -> datetime | None:
        """When a halt was last lifted, if ever."""
        with self._lock:
            return self._resumed_at

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
                if outcome.action.kind.stops:
                    stopped[ref.arn] = outcome
                elif outcome.action.kind.undoes:
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

    def undoable(self, account: str, region: str) -> Sequence[Outcome]:
        """What was last done to each resource and can be undone, and was not yet."""
        found: dict[str, Outcome] = {}
        with self._lock:
            for outcome in self._outcomes:
                ref, kind = outcome.action.ref, outcome.action.kind
                if outcome.kind is not OutcomeKind.APPLIED:
                    continue
                if (ref.account, ref.region) == (account, region) and kind.undoable:
                    found[ref.arn] = outcome
                elif kind.undoes:
                    found.pop(ref.arn, None)
        return tuple(found.values())

    def case(self, case_id: str) -> Case | None:
        """Find a case."""
        with self._lock:
            return self._cases.get(case_id)

    def save(self, case: Case, *entries: AuditEntry) -> bool:
        """Store a case one version on with its entries, unless it was written meanwhile."""
        with self._lock:
            stored = self._cases.get(case.case_id)
            if (stored.version if stored else 0) != case.version:
                return False
            self._cases[case.case_id] = replace(case, version=case.version + 1)
            self._append(*entries)
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

    def ended_cases(self, account: str, region: str, since: datetime) -> Sequence[Case]:
        """The cases of an account and region that have ended since a moment, in that order."""
        with self._lock:
            ended = [
                (case.ended_at, case.case_id, case)
                for case in self._cases.values()
                if not case.state.alive
                and case.ended_at is not None
                and case.ended_at >= since
                and (case.ref.account, case.ref.region) == (account, region)
            ]
        return tuple(case for _, _, case in sorted(ended, key=lambda item: item[:2]))

    def places(self) -> Sequence[tuple[str, str]]:
        """The accounts and regions of which there ever was a case, in order."""
        with self._lock:
            found = {(case.ref.account, case.ref.region) for case in self._cases.values()}
        return tuple(sorted(found))

    def exempt(self, exemption: Exemption) -> None:
        """Store an exemption, in place of one for the same resources and rule; and note it."""
        at, by = exemption_time(exemption), exemption.by
        with self._lock:
            self._exemptions = [item for item in self._exemptions if not _same(item, exemption)]
            self._exemptions.append(exemption)
            self._append(noted_exemption(exemption, Happening.EXEMPTED, at, by))
            self._changed()

    def exemptions(self, account: str, region: str) -> Sequence[Exemption]:
        """The exemptions that may cover an account's resources in a region."""
        return tuple(
            item for item in self.all_exemptions() if item.place in {None, (account, region)}
        )

    def all_exemptions(self) -> Sequence[Exemption]:
        """Every exemption, expired ones too, by resources and rule."""
        with self._lock:
            return tuple(sorted(self._exemptions, key=lambda item: (item.resources, item.rule)))

    def lift(self, exemption: Exemption, by: str, at: datetime) -> None:
        """Forget an exemption, and note who did."""
        with self._lock:
            self._exemptions = [item for item in self._exemptions if not _same(item, exemption)]
            self._append(noted_exemption(exemption, Happening.LIFTED, at, by))
            self._changed()

    def note(self, entry: AuditEntry) -> None:
        """Append to the audit trail; the same entry twice is one."""
        with self._lock:
            self._append(entry)
            self._changed()

    def trail(self, arn: str) -> Sequence[AuditEntry]:
        """What happened to a resource, its outcomes among it, oldest first."""
        with self._lock:
            entries = tuple(self._entries.get(arn, ()))
        return merged(entries, self.history(arn))

    def _append(self, *entries: AuditEntry) -> None:
        for entry in entries:
            known = self._entries.setdefault(entry.arn, [])
            if entry not in known:
                known.append(entry)


def exemption_time(exemption: Exemption) -> datetime:
    """When an exemption was given.

    Raises:
        ValueError: It is the policy's, which no ledger stores.
    """
    if exemption.at is None:
        raise ValueError(f"the policy has it, not the ledger: {exemption}")
    return exemption.at


def _same(one: Exemption, other: Exemption) -> bool:
    return (one.resources, one.rule) == (other.resources, other.rule)

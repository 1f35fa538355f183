"""What can be undone: what was done last to a resource, with the manifest that was kept before."""

from dataclasses import dataclass

from sagewarden.application.answers import Answer, restored
from sagewarden.application.ports import Ledger
from sagewarden.domain.cases import Case, CaseRefusedError, CaseState, case_id
from sagewarden.domain.outcomes import Manifest, Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden.domain.verdicts import Verdict, VerdictKind


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be undone.

    Attributes:
        ref: The resource.
        outcome: What was done to it; None when a run did not live to record it.
        manifest: How it was before; None for what needs none, such as a stopped notebook.
    """

    ref: ResourceRef
    outcome: Outcome | None
    manifest: Manifest | None

    @property
    def needs_manifest(self) -> bool:
        """Whether a start alone does not undo it."""
        return self.ref.kind != ResourceKind.NOTEBOOK_INSTANCE


def find_undoing(arn: str, ledger: Ledger) -> Undoing | None:
    """Find what was last done to a resource, whether it was undone since or not.

    An action keeps its manifest at the very moment that its outcome bears; where there is none of
    that moment, the newest counts, since a failed attempt may have had its effect.

    Args:
        arn: The resource's ARN.
        ledger: Remembers.

    Returns:
        None when nothing is known that could be undone.

    Raises:
        UnreadableError: The ledger could not be read.
    """
    done = [item for item in ledger.history(arn) if _was_done(item)]
    kept = sorted(ledger.manifests(arn), key=lambda manifest: manifest.at)
    last = done[-1] if done else None
    then = [item for item in kept if last is not None and item.at == last.at]
    manifest = (then or kept)[-1] if kept else None
    if last is not None:
        return Undoing(last.action.ref, last, manifest)
    return Undoing(manifest.ref, None, manifest) if manifest is not None else None


def case_of(undoing: Undoing, ledger: Ledger) -> Case | None:
    """The case whose action is undone; None when no case led to it, as with ``apply``.

    Raises:
        UnreadableError: The ledger could not be read.
    """
    done = undoing.outcome
    if done is None:
        return None
    verdict = Verdict(
        done.rule, undoing.ref, VerdictKind.VIOLATION, done.reason, action=done.action
    )
    return ledger.case(case_id(verdict))


def end_case(undoing: Undoing, answer: Answer, ledger: Ledger) -> Case | None:
    """End the case of what was undone whole: RESTORED, by whom and when.

    Args:
        undoing: What was undone.
        answer: Who undid it, and when.
        ledger: Remembers cases.

    Returns:
        The case as it stands now; None when no case led to it. One in which nothing was done, as
        far as it knows, or that was ended before, stays as it is.

    Raises:
        ActionFailedError: The ledger could not be written.
    """
    case = case_of(undoing, ledger)
    if case is None or case.state is not CaseState.DONE:
        return case
    try:
        return restored(case.case_id, answer, ledger)
    except CaseRefusedError:  # somebody was faster
        return ledger.case(case.case_id)


def _was_done(outcome: Outcome) -> bool:
    return outcome.kind is OutcomeKind.APPLIED and outcome.action.kind.undoable

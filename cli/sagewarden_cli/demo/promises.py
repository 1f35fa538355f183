"""Count the promises that the week kept: what was protected, warned of first, and undoable."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.verdicts import Verdict, VerdictKind
from sagewarden_cli.demo.portraits import Portrait
from sagewarden_cli.demo.report.data import ActionRow, Promise
from sagewarden_cli.demo.week import Cast, Diary

DAY = timedelta(hours=24)
"""The demo policy's grace for endpoints."""

_MANAGED = "managed by infrastructure as code"
_PROTECTED = "protected by the policy"


def promises_kept(
    cast: Cast,
    diary: Diary,
    actions: Sequence[ActionRow],
    portraits: tuple[Mapping[str, Portrait], Mapping[str, Portrait]],
) -> tuple[Promise, ...]:
    """Count, for each promise, the resources that it held for.

    Args:
        cast: Who took part.
        diary: What happened.
        actions: What was done.
        portraits: What AWS described of whatever must be left alone, before and after.
    """
    before, after = portraits
    last = [
        sighting.last
        for arn, sighting in diary.left_alone.items()
        if arn
        not in {row.outcome.action.ref.arn for row in diary.done if _applied(row.outcome.kind)}
    ]
    gone = [row for row in actions if row.releases_endpoint and _applied(row.outcome)]
    warned = [row for row in gone if row.warned_at is not None and row.at - row.warned_at >= DAY]
    kept = [row for row in gone if row.manifest_kept]
    called_off = {
        case.ref.arn for case in cast.board.called_off if case.ref.kind is ResourceKind.ENDPOINT
    }
    exempt = [verdict for verdict in last if verdict.kind is VerdictKind.EXEMPT]
    protected = _starting(exempt, _PROTECTED)
    managed = _starting(exempt, _MANAGED)
    return (
        Promise(protected, "protected", "carried a tag that the policy protects"),
        Promise(managed, "managed as code", "belong to CloudFormation or Terraform"),
        Promise(
            len(exempt) - protected - managed, "exempt", "were exempted or opted out by their owner"
        ),
        Promise(
            sum(verdict.kind is VerdictKind.UNKNOWN for verdict in last),
            "not certain",
            "had missing data or an unreadable tag: reported, never acted on",
        ),
        Promise(
            len(diary.respected), "left to people", "ran outside their hours: a person started them"
        ),
        Promise(len(called_off), "called off", "were used or replaced after a warning"),
        Promise(
            len(warned),
            "warned first",
            f"of {len(gone)} endpoint deletions, 24 h before",
        ),
        Promise(
            len(kept),
            "undoable",
            f"of {len(gone)} endpoints deleted or released: what restores it was kept",
        ),
        Promise(
            sum(before[name] == after[name] for name in before),
            "as they were",
            f"of {len(before)} that nobody was to touch: AWS describes them as a week before",
        ),
    )


def _starting(verdicts: Sequence[Verdict], beginning: str) -> int:
    return sum(verdict.reason.startswith(beginning) for verdict in verdicts)


def _applied(outcome: str) -> bool:
    return outcome == OutcomeKind.APPLIED

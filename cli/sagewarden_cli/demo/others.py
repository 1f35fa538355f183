"""All kinds together: moving in, portraits of what must be left alone, and rows of the report."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import ResourceRef
from sagewarden.domain.verdicts import Verdict
from sagewarden_cli.demo.portraits import Clients, Portrait
from sagewarden_cli.demo.report.data import RestItem, RestRow, Thing
from sagewarden_cli.demo.rest.kinds import Extra, Kind
from sagewarden_cli.demo.week import Cast, Diary, Done
from sagewarden_cli.sandbox import Sandbox


def settle_in(sandbox: Sandbox, kinds: Iterable[Kind[Any]]) -> Iterator[tuple[str, Extra]]:
    """Put everything into the sandbox.

    Yields:
        Each resource once it is there, with its ARN before it.
    """
    for kind in kinds:
        for extra in kind.extras:
            yield kind.seed(sandbox, extra), extra


def portray(clients: Clients, kinds: Iterable[Kind[Any]]) -> dict[str, Portrait]:
    """What AWS describes of whatever must be left alone, by name."""
    return {
        extra.name: kind.portray(clients, extra)
        for kind in kinds
        for extra in kind.extras
        if extra.trap is not None
    }


def rows_of(
    cast: Cast, diary: Diary, saved: Mapping[str, Decimal], name: Callable[[ResourceRef], Thing]
) -> Sequence[RestRow]:
    """A row for each kind.

    Args:
        cast: Who took part.
        diary: What happened.
        saved: What was saved in the week by ARN, as far as it is metered at a known price.
        name: Names a resource as the report does.
    """
    return [_row(kind, cast, diary, saved, name) for kind in cast.kinds]


def _row(
    kind: Kind[Any],
    cast: Cast,
    diary: Diary,
    saved: Mapping[str, Decimal],
    name: Callable[[ResourceRef], Thing],
) -> RestRow:
    found = sorted({arn for rule, arn in diary.said if rule in kind.rules})
    done = {arn: _done(arn, kind, diary) for arn in found}
    acted = [arn for arn in found if done[arn]]
    told = [arn for arn in found if arn not in acted and _is_told(_last(arn, diary))]
    costs = [extra.monthly(cast.hands.fleet.prices) for extra in kind.extras]
    savings = [_last_saving(done[arn]) for arn in acted]
    return RestRow(
        title=kind.title,
        found=len(found),
        monthly_usd=_known(cost and cost.usd for cost in costs),
        unpriced=costs.count(None),
        saving_usd=_known(savings),
        saving_unknown=savings.count(None),
        saved_usd=_known(saved.get(arn) for arn in acted) if kind.is_metered else None,
        acted=[
            RestItem(name(diary.resources[arn]), _counted(done[arn]), done[arn][-1].verdict.reason)
            for arn in acted
        ],
        told=[_item(arn, diary, name) for arn in told],
        left=[_item(arn, diary, name) for arn in found if arn not in {*acted, *told}],
    )


def _item(arn: str, diary: Diary, name: Callable[[ResourceRef], Thing]) -> RestItem:
    """What was last said of something to which nothing was done."""
    last = _last(arn, diary)
    return RestItem(name(diary.resources[arn]), last.kind, last.reason)


def _last(arn: str, diary: Diary) -> Verdict:
    """The latest verdict on something: one that led to nothing, if there was any."""
    if sighting := diary.left_alone.get(arn):
        return sighting.last
    return next(verdict for (_, other), verdict in diary.said.items() if other == arn)


def _is_told(verdict: Verdict) -> bool:
    """Whether only a person can mend what is wrong, and is told of it."""
    return verdict.action is not None and verdict.action.kind is ActionKind.NOTIFY


def _done(arn: str, kind: Kind[Any], diary: Diary) -> list[Done]:
    """What was done to a resource by a kind's rules, in order."""
    return [
        item
        for item in diary.done
        if item.verdict.ref.arn == arn
        and item.verdict.rule in kind.rules
        and item.outcome.kind is OutcomeKind.APPLIED
    ]


def _last_saving(done: Sequence[Done]) -> Decimal | None:
    """What was done saves a month, as it was last known; None where it never was."""
    savings = [
        item.verdict.saving.usd
        for item in done
        if not item.outcome.action.kind.undoes and item.verdict.saving is not None
    ]
    return savings[-1] if savings else None


def _known(amounts: Iterable[Decimal | None]) -> Decimal:
    return sum((usd for usd in amounts if usd is not None), Decimal(0))


def _counted(done: Sequence[Done]) -> str:
    """What was done, and how often: ``stop 5 times``."""
    counts = Counter(str(item.outcome.action.kind) for item in done)
    return ", ".join(
        kind if number == 1 else f"{kind} {number} times" for kind, number in counts.items()
    )

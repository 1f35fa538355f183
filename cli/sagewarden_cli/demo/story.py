"""Tell the week as report data: the money, the actions, the warnings, and what was left alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sagewarden.domain.cases import Case, CaseState, case_id
from sagewarden.domain.money import HOURS_PER_MONTH, PriceBook, PriceComponent
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.resources import ResourceKind, ResourceRef
from sagewarden_cli.demo.attribution import Attribution, Saved, attribute, end_of
from sagewarden_cli.demo.meter import Draw, Span
from sagewarden_cli.demo.method import HOURS_NOTE, METHOD
from sagewarden_cli.demo.organisation import REGIONS, WEEK, WEEK_BEGINS
from sagewarden_cli.demo.others import rows_of
from sagewarden_cli.demo.portraits import Portrait
from sagewarden_cli.demo.promises import promises_kept
from sagewarden_cli.demo.report.data import (
    RELEASES,
    ActionRow,
    Bill,
    ReportData,
    TeamSavings,
    Thing,
    UntouchedRow,
    WarningRow,
    WeekOfHours,
)
from sagewarden_cli.demo.week import Cast, Diary, Done

ZONE = ZoneInfo("Asia/Seoul")
UNTAGGED = "no team tag"

_PRICE_LISTS = {
    PriceComponent.HOSTING: "endpoints",
    PriceComponent.NOTEBOOK: "notebook instances",
    PriceComponent.PROVISIONED_CONCURRENCY: "provisioned concurrency",
    PriceComponent.STUDIO_JUPYTER_LAB: "Studio apps",
    PriceComponent.EC2: "nodes of EKS",
}
_HOURS_OF_WEEK = Decimal(int(WEEK / timedelta(hours=1)))


@dataclass(frozen=True, slots=True)
class Story:
    """The report's data, and what tests want to know beside it.

    Attributes:
        data: The report's data.
        attribution: Whose doing each saving is.
        portraits: What AWS described of whatever must be left alone, by name: before the week
            and after it.
    """

    data: ReportData
    attribution: Attribution
    portraits: tuple[Mapping[str, Portrait], Mapping[str, Portrait]]


def tell(
    cast: Cast, diary: Diary, portraits: tuple[Mapping[str, Portrait], Mapping[str, Portrait]]
) -> Story:
    """Turn a week that was lived through into the data of its report.

    Args:
        cast: Who took part.
        diary: What happened.
        portraits: What AWS described of whatever must be left alone, before and after.
    """
    things = _Things(cast, diary)
    spans = cast.meter.spans
    applied = [item for item in diary.done if item.outcome.kind is OutcomeKind.APPLIED]
    attribution = attribute(
        spans, [(item.outcome.at, item.outcome.action.ref.arn) for item in applied]
    )
    saved = {id(item): part for item, part in zip(applied, attribution.by_action, strict=True)}
    actions = [_action(item, saved.get(id(item)), cast, things) for item in diary.done]
    before, after = _heat(spans, cast)
    data = ReportData(
        title="One week of machine learning on AWS",
        begins=WEEK_BEGINS,
        ends=WEEK_BEGINS + WEEK,
        zone=ZONE,
        is_simulated=True,
        notebooks=_number(diary, ResourceKind.NOTEBOOK_INSTANCE),
        endpoints=_number(diary, ResourceKind.ENDPOINT),
        regions=REGIONS,
        bill=_bill(cast, applied, attribution, actions, things),
        moments=[end_of(span) for span in spans],
        teams=list(_teams(attribution, things)),
        hours_before=before,
        hours_after=after,
        hours_note=HOURS_NOTE,
        actions=actions,
        untouched=list(_untouched(diary, applied, things)),
        warnings=list(_warnings(cast, applied, things)),
        promises=promises_kept(cast, diary, actions, portraits),
        incomplete=[(item.what, item.why) for item in diary.incomplete],
        method=METHOD,
        rest=rows_of(cast, diary, attribution.cumulative[-1], things.of),
    )
    return Story(data, attribution, portraits)


class _Things:
    """Names resources by their ARN, with the team and owner that their tags tell."""

    def __init__(self, cast: Cast, diary: Diary) -> None:
        organisation = cast.organisation
        self._known = diary.resources
        self.metered = {arn for span in cast.meter.spans for arn in span.actual}
        self._tags: Mapping[tuple[str, str], Mapping[str, str]] = {
            **{(item.region, item.name): item.tags for item in organisation.notebooks},
            **{(item.region, item.name): item.tags for item in organisation.endpoints},
            **{(item.region, item.name): item.tags for item in cast.extras.values()},
        }

    def of(self, ref: ResourceRef) -> Thing:
        return self._thing(ref.kind, ref.name, ref.region)

    def at(self, arn: str) -> Thing:
        if arn in self._known:
            return self.of(self._known[arn])
        _, _, _, region, _, rest = arn.split(":", 5)
        kind, _, name = rest.partition("/")
        return self._thing(kind, name, region)

    def _thing(self, kind: str, name: str, region: str) -> Thing:
        tags = self._tags.get((region, name), {})
        return Thing(kind, name, region, tags.get("Team"), tags.get("Owner"))


def _action(item: Done, saved: Saved | None, cast: Cast, things: _Things) -> ActionRow:
    outcome, verdict = item.outcome, item.verdict
    ref = outcome.action.ref
    failed = outcome.kind is not OutcomeKind.APPLIED
    warnings = [
        warned.at
        for warned in cast.board.warnings
        if warned.case.case_id == case_id(verdict) and warned.at <= outcome.at
    ]
    kept = any(manifest.at == outcome.at for manifest in cast.hands.fleet.ledger.manifests(ref.arn))
    return ActionRow(
        thing=things.of(ref),
        at=outcome.at,
        kind=outcome.action.kind,
        outcome=outcome.kind,
        reason=outcome.reason if failed else verdict.reason,
        evidence=[(key, str(value)) for key, value in verdict.evidence.items()],
        saved_usd=saved.usd if saved else Decimal(0),
        saved_hours=saved.hours if saved else 0.0,
        monthly_usd=verdict.saving.usd if verdict.saving else None,
        warned_at=warnings[-1] if warnings else None,
        undo=outcome.undo,
        manifest_kept=kept,
        is_metered=ref.arn in things.metered,
    )


def _bill(
    cast: Cast,
    applied: Sequence[Done],
    attribution: Attribution,
    actions: Sequence[ActionRow],
    things: _Things,
) -> Bill:
    spans = cast.meter.spans
    spent = _usd((span.minutes, span.actual) for span in spans)
    otherwise = _usd((span.minutes, span.otherwise) for span in spans)
    parts = attribution.by_action
    unpriced = {
        arn
        for span in spans
        for draws in (span.actual, span.otherwise)
        for arn, draw in draws.items()
        if draw.runs and draw.hourly_usd is None
    }
    return Bill(
        spent_usd=spent,
        otherwise_usd=otherwise,
        saved_usd=otherwise - spent,
        monthly_usd=_projected(applied, parts, actions),
        unpriced=[_place(things.at(arn)) for arn in sorted(unpriced)],
        unpriced_saved_hours=sum(part.unpriced_minutes for part in parts) / 60,
        prices_as_of=_dates(cast.meter.prices),
    )


def _projected(
    applied: Sequence[Done], parts: Sequence[Saved], actions: Sequence[ActionRow]
) -> Decimal:
    """What a month would save: endpoints all of it, everything else as in this week."""
    by_hours = sum(
        (
            part.usd_minutes
            for item, part in zip(applied, parts, strict=True)
            if item.outcome.action.ref.kind != ResourceKind.ENDPOINT
            or item.outcome.action.kind not in RELEASES
        ),
        Decimal(0),
    )
    released = sum(
        (
            row.monthly_usd
            for row in actions
            if row.releases_endpoint and row.outcome == OutcomeKind.APPLIED and row.monthly_usd
        ),
        Decimal(0),
    )
    return by_hours / 60 * HOURS_PER_MONTH / _HOURS_OF_WEEK + released


def _usd(spans: Iterable[tuple[int, Mapping[str, Draw]]]) -> Decimal:
    minutes = sum(
        (
            draw.hourly_usd * length
            for length, draws in spans
            for draw in draws.values()
            if draw.runs and draw.hourly_usd is not None
        ),
        Decimal(0),
    )
    return minutes / 60


def _teams(attribution: Attribution, things: _Things) -> Iterator[TeamSavings]:
    """Savings over time by the tag ``Team``; what has no such tag is a line of its own."""
    last = attribution.cumulative[-1] if attribution.cumulative else {}
    team_of = {arn: things.at(arn).team or UNTAGGED for arn in last}
    for team in sorted(set(team_of.values())):
        arns = [arn for arn in last if team_of[arn] == team]
        yield TeamSavings(
            team,
            [
                sum((so_far.get(arn, Decimal(0)) for arn in arns), Decimal(0))
                for so_far in attribution.cumulative
            ],
        )


def _heat(spans: Sequence[Span], cast: Cast) -> tuple[WeekOfHours, WeekOfHours]:
    """Running notebook hours by the weekday and hour of their owners' own clocks."""
    before, after = ([[0.0] * 24 for _ in range(7)] for _ in range(2))
    zones = {
        (notebook.region, notebook.name): notebook.team.zone
        for notebook in cast.organisation.notebooks
    }
    for span in spans:
        for matrix, draws in ((before, span.otherwise), (after, span.actual)):
            for arn, draw in draws.items():
                _, _, _, region, _, rest = arn.split(":", 5)
                zone = zones.get((region, rest.partition("/")[2]))
                if draw.runs and zone is not None and rest.startswith("notebook-instance/"):
                    local = span.start.astimezone(zone)
                    matrix[local.weekday()][local.hour] += span.minutes / 60
    return before, after


def _untouched(diary: Diary, applied: Sequence[Done], things: _Things) -> Iterator[UntouchedRow]:
    touched = {item.outcome.action.ref.arn for item in applied}
    for arn, ref in sorted(diary.resources.items(), key=lambda pair: pair[1]):
        sighting = diary.left_alone.get(arn)
        if arn in touched or sighting is None:
            continue
        earlier = [
            f"{kind}: {reason}"
            for kind, reason in sighting.reasons.items()
            if kind is not sighting.last.kind
        ]
        yield UntouchedRow(things.of(ref), sighting.last.kind, sighting.last.reason, earlier)


def _warnings(cast: Cast, applied: Sequence[Done], things: _Things) -> Iterator[WarningRow]:
    done = {case_id(item.verdict): item.outcome.action.kind for item in applied}
    called_off = {case.case_id for case in cast.board.called_off}
    for warned in cast.board.warnings:
        case = warned.case
        if case.case_id in done:
            ending = f"then {done[case.case_id]}"
        elif case.case_id in called_off:
            ending = "called off"
        else:
            ending = _standing(cast.hands.fleet.ledger.case(case.case_id))
        yield WarningRow(
            things.of(case.ref), warned.at, warned.due_at, warned.verdict.reason, ending
        )


def _standing(case: Case | None) -> str:
    return "still to come" if case is not None and case.state is CaseState.WARNED else "called off"


def _number(diary: Diary, kind: ResourceKind) -> int:
    return Counter(ref.kind for ref in diary.resources.values())[kind]


def _place(thing: Thing) -> str:
    return f"{thing.name} ({thing.region})"


def _dates(prices: PriceBook) -> list[tuple[str, date]]:
    """The day of each price list that the demo uses."""
    days = [(name, prices.oldest(component)) for component, name in _PRICE_LISTS.items()]
    return [(name, day) for name, day in days if day is not None]

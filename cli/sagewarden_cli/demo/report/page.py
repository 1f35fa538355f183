"""Render report data as one HTML page that needs nothing but itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from sagewarden.domain.money import HOURS_PER_MONTH
from sagewarden_cli.demo.report.charts import heat_map, savings_chart
from sagewarden_cli.demo.report.data import ActionRow, ReportData, Thing, UntouchedRow
from sagewarden_cli.savings_plans.chart import curve_chart
from sagewarden_cli.savings_plans.wording import arithmetic, per_hour, percent

_NOTEBOOK, _ENDPOINT = "notebook-instance", "endpoint"

_MOST_ADVICE = 8
"""What somebody reads of a ranked list; ``sagewarden advise`` shows all of it."""

_GROUPS = (
    ("UNKNOWN", "Not certain, so not touched", "Somebody should look at these."),
    ("VIOLATION", "Idle, but no safe action fits", "Only a person can mend these."),
    ("EXEMPT", "Protected or exempt", "By the policy, by their owner, or managed as code."),
    ("TOO_NEW", "Too new to be judged", "Younger than the time that must have been silent."),
    ("NOT_APPLICABLE", "Nothing to gain now", "They cost nothing, or are in mid-change."),
    ("COMPLIANT", "In order", "In use, within their hours, or stopped by their owner."),
)


@dataclass(slots=True)
class NotebookActions:
    """All that was done to one notebook instance.

    Attributes:
        thing: The notebook instance.
        rows: The actions, in order.
    """

    thing: Thing
    rows: list[ActionRow] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many actions of a kind were applied."""
        return sum(row.kind == kind and row.outcome == "APPLIED" for row in self.rows)

    @property
    def saved_usd(self) -> Decimal | None:
        """What they saved together; None when a part has no known price."""
        parts = [row.saved_usd for row in self.rows]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if len(known) == len(parts) else None

    @property
    def saved_hours(self) -> float:
        """Billed hours saved."""
        return sum(row.saved_hours for row in self.rows)


@dataclass(frozen=True, slots=True)
class Group:
    """What was left alone under one verdict."""

    verdict: str
    title: str
    text: str
    rows: Sequence[UntouchedRow]


def render(data: ReportData) -> str:
    """Render the page.

    Args:
        data: What it says. Its texts may hold anything: they are escaped.

    Returns:
        HTML with its styles, charts and script inside; it loads nothing.
    """
    environment = Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("sagewarden_cli.demo.report", "."),
                PackageLoader("sagewarden_cli.savings_plans", "."),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: Mapping[str, Callable[..., str]] = {
        "usd": usd,
        "cents": cents,
        "moment": lambda value: moment(value, data.zone),
        "evidence": lambda value: evidence(value, data.zone),
        "day": day,
        "per_hour": per_hour,
        "percent": percent,
    }
    environment.filters |= filters
    notebooks, others = _split(data.actions)
    advice = data.commitment
    most = max(map(max, data.hours_before), default=0.0)
    return environment.get_template("page.html.j2").render(
        data=data,
        period=_period(data),
        chart=savings_chart(data.teams, data.moments, data.begins, data.zone),
        before=heat_map(data.hours_before, most),
        after=heat_map(data.hours_after, most),
        notebooks=notebooks,
        endpoints=[row for row in others if row.thing.kind == _ENDPOINT],
        rest=[row for row in others if row.thing.kind != _ENDPOINT],
        others_found=_others(data),
        groups=list(_grouped(data.untouched)),
        commitments=[
            (item, curve_chart(item), arithmetic(item)) for item in (advice.best if advice else ())
        ],
        spot=_spot(data),
        best=data.advice.advice[:_MOST_ADVICE] if data.advice else (),
        month=HOURS_PER_MONTH,
        endpoint_warnings=[row for row in data.warnings if row.thing.kind == _ENDPOINT],
        notebook_warnings=[row for row in data.warnings if row.thing.kind == _NOTEBOOK],
        other_warnings=[
            row for row in data.warnings if row.thing.kind not in {_ENDPOINT, _NOTEBOOK}
        ],
        kept_share=_share(data.bill.spent_usd, data.bill.otherwise_usd),
    )


def usd(amount: Decimal | None) -> str:
    """Whole US dollars, or that the price is not known."""
    if amount is None:
        return "price unknown"
    return f"{'−' if round(amount) < 0 else ''}${abs(amount):,.0f}"  # noqa: RUF001 - a true minus


def cents(amount: Decimal | None) -> str:
    """US dollars and cents, or that the price is not known."""
    if amount is None:
        return "price unknown"
    return f"{'−' if round(amount, 2) < 0 else ''}${abs(amount):,.2f}"  # noqa: RUF001 - a true minus


def moment(value: datetime, zone: ZoneInfo) -> str:
    """A moment by the wall clock of a zone: ``Tue 17 Nov 00:00``."""
    local = value.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def evidence(value: str, zone: ZoneInfo) -> str:
    """A figure of evidence; moments among them by the wall clock of a zone."""
    if "T" not in value:
        return value
    try:
        return moment(datetime.fromisoformat(value), zone)
    except ValueError:
        return value


def day(value: date) -> str:
    """A date as people write it: ``20 May 2026``."""
    return f"{value.day} {value:%B %Y}"


def _split(actions: Sequence[ActionRow]) -> tuple[list[NotebookActions], list[ActionRow]]:
    """Gather the many actions on notebooks by notebook; the others stand for themselves."""
    by_name: dict[Thing, NotebookActions] = {}
    others = []
    for row in actions:
        if row.thing.kind == _NOTEBOOK:
            by_name.setdefault(row.thing, NotebookActions(row.thing)).rows.append(row)
        else:
            others.append(row)
    notebooks = sorted(
        by_name.values(),
        key=lambda item: (item.thing.team or "~", -(item.saved_usd or 0), item.thing.name),
    )
    return notebooks, others


def _grouped(rows: Sequence[UntouchedRow]) -> Iterator[Group]:
    for verdict, title, text in _GROUPS:
        members = [row for row in rows if row.verdict == verdict]
        if members:
            yield Group(verdict, title, text, members)


def _others(data: ReportData) -> int:
    """How many resources are neither notebook instances nor endpoints."""
    items = (item for row in data.rest for item in (*row.acted, *row.told, *row.left))
    return sum(item.thing.kind not in {_NOTEBOOK, _ENDPOINT} for item in items)


def _spot(data: ReportData) -> str | None:
    """What managed spot training saved, in a sentence; None where none ended."""
    jobs = data.spot.jobs if data.spot else ()
    known = [
        (job.trained, job.billed)
        for job in jobs
        if job.trained is not None and job.billed is not None
    ]
    if data.spot is None or not known:
        return None
    hour = timedelta(hours=1)
    trained = sum((length for length, _ in known), timedelta(0)) / hour
    billed = sum((length for _, length in known), timedelta(0)) / hour
    worth = f", which saved {usd(data.spot.saved_usd)}" if not data.spot.unknown else ""
    return (
        f"{len(known)} managed spot training jobs ended: they trained {trained:,.0f} h and were "
        f"billed for {billed:,.0f} h{worth}. That is AWS's doing, and in no figure here."
    )


def _period(data: ReportData) -> str:
    """The days from the first to the last: ``16 November to 22 November 2026``."""
    first = data.begins.astimezone(data.zone)
    last = (data.ends - timedelta(microseconds=1)).astimezone(data.zone)
    return f"{first.day} {first:%B} to {day(last)}"


def _share(part: Decimal, whole: Decimal) -> float:
    return round(float(part / whole) * 100, 1) if whole else 100.0

"""What AWS would have billed for the week, and which Savings Plan would cost least for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sagewarden.adapters.cost_explorer import AwsCostExplorer
from sagewarden.adapters.savings_plans import AwsSavingsPlans
from sagewarden.adapters.sessions import Sessions
from sagewarden.application.commitments import HOURLY_DAYS, CommitmentAdvice, advise_commitment
from sagewarden.domain.money import PriceComponent
from sagewarden_cli.demo.meter import Meter, Part
from sagewarden_cli.demo.organisation import SEOUL, VIRGINIA, WEEK, WEEK_BEGINS
from sagewarden_cli.sandbox import Sandbox

_HOUR = timedelta(hours=1)
_PLACES = {VIRGINIA: "USE1", SEOUL: "APN2"}
_METERS = {PriceComponent.HOSTING: "Host", PriceComponent.NOTEBOOK: "Notebk"}

RATES: Mapping[tuple[int, str], Decimal] = {
    (1, "No Upfront"): Decimal("0.80"),
    (1, "Partial Upfront"): Decimal("0.77"),
    (1, "All Upfront"): Decimal("0.75"),
    (3, "No Upfront"): Decimal("0.56"),
    (3, "Partial Upfront"): Decimal("0.53"),
    (3, "All Upfront"): Decimal("0.50"),
}
"""Parts of the list price, made up for the demo: AWS advertises savings of up to 64 %, and tells
the real rates to whoever asks its API, as ``sagewarden savings-plans`` does."""

type _Hours = dict[datetime, Decimal]
"""Instance-hours by the hour of the week."""


def advise_plans(sandbox: Sandbox, meter: Meter) -> CommitmentAdvice:
    """Bill two weeks that went like the one that was metered, and read advice off the bill.

    What ran in vain was stopped in that week: a commitment made before would have paid for it.

    Args:
        sandbox: AWS; its clock is set a week ahead.
        meter: What ran.
    """
    now = WEEK_BEGINS + 2 * WEEK
    sandbox.clock.set(now)
    desk = sandbox.billing()
    desk.enable_hours()
    begins = now.replace(hour=0) - timedelta(days=HOURLY_DAYS)
    moments = [begins + number * _HOUR for number in range((now - begins) // _HOUR)]
    for part, hours in sorted(_usage(meter).items()):
        name, price = _usage_type(part), meter.prices.hourly_usd.get(part)
        if price is None:
            continue
        desk.add_usage(name, begins, [hours.get(_of_week(at), Decimal(0)) for at in moments], price)
        for (years, payment), share in RATES.items():
            desk.add_rate(name, price * share, years=years, payment=payment)
    sessions = Sessions()
    return advise_commitment(AwsCostExplorer(sessions), AwsSavingsPlans(sessions), now)


def _usage(meter: Meter) -> Mapping[Part, _Hours]:
    """What ran of each type of instance, hour by hour; no span reaches beyond an hour."""
    usage: dict[Part, _Hours] = {}
    for span in meter.spans:
        hour = span.start - (span.start - WEEK_BEGINS) % _HOUR
        for draw in span.actual.values():
            for part, count in draw.parts if draw.runs else ():
                hours = usage.setdefault(part, {})
                hours[hour] = hours.get(hour, Decimal(0)) + Decimal(span.minutes * count) / 60
    return usage


def _usage_type(part: Part) -> str:
    return f"{_PLACES[part.region]}-{_METERS[part.component]}:{part.instance_type}"


def _of_week(moment: datetime) -> datetime:
    return WEEK_BEGINS + (moment - WEEK_BEGINS) % WEEK

"""What advice on Savings Plans says in words, the same on a terminal and on the page."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from sagewarden.application.commitments import CommitmentAdvice
from sagewarden.domain.money import HOURS_PER_MONTH
from sagewarden.domain.savings_plans.billed import AwsAdvice
from sagewarden.domain.savings_plans.commitment import Commitment


def usd(amount: Decimal) -> str:
    """US dollars and cents."""
    return f"{'-' if round(amount, 2) < 0 else ''}${abs(amount):,.2f}"


def per_hour(amount: Decimal) -> str:
    """US dollars per hour, with as many digits as AWS sells."""
    exact = f"{amount.quantize(Decimal('0.00001')):,f}".rstrip("0")
    whole, _, digits = exact.partition(".")
    return f"${whole}.{digits:<02}/h"


def recommended(aws: AwsAdvice | None) -> str:
    """What AWS recommends of an offering, if it was read."""
    if aws is None:
        return "not read"
    return per_hour(aws.hourly) if aws.hourly else "none"


def percent(part: Decimal) -> str:
    """A part of 1 in percent."""
    return f"{part * 100:.1f} %"


def heading(advice: CommitmentAdvice) -> str:
    """Which usage was looked at."""
    last = (advice.window.end - timedelta(hours=1)).date()
    days = (last - advice.window.begin.date()).days + 1
    how = "hour by hour" if advice.by_hour else "day by day"
    return f"SageMaker usage of {days} days, {advice.window.begin.date()} to {last} UTC, {how}"


def verdicts(advice: CommitmentAdvice) -> Iterator[str]:
    """What to do, in a sentence per term."""
    if not advice.lines:
        yield "Nothing ran on demand: there is nothing to commit to."
    elif not advice.commitments:
        yield "No Savings Plan rate is known for what ran: nothing can be said about a commitment."
    elif not advice.best:
        yield "No commitment saves anything: usage is not steady enough for its discounts."
    for item in advice.best:
        yield (
            f"{item.offering.label}: commit {per_hour(item.hourly)}, save "
            f"{usd(item.saving * HOURS_PER_MONTH)} a month ({percent(item.saving / item.on_demand)}"
            f"); it saves until usage falls by {percent(item.break_even_fall)}"
        )


def arithmetic(item: Commitment) -> str:
    """How a saving comes about."""
    rest = item.cost - item.hourly
    return (
        f"{per_hour(item.on_demand)} on demand - {per_hour(item.hourly)} committed - "
        f"{per_hour(rest)} left on demand = {per_hour(item.saving)} x {item.offering.hours:,} h = "
        f"{usd(item.saving_over_term)} over the term"
    )


def notes(advice: CommitmentAdvice) -> Iterator[str]:
    """What must be known to read the figures rightly."""
    if advice.left_out:
        hours = int(advice.left_out / timedelta(hours=1))
        yield f"The last {hours} h before midnight UTC are not metered yet, and are left out."
    uncovered = [line for line in advice.lines if not line.is_coverable]
    if uncovered and advice.commitments:
        names = ", ".join(line.meter.usage_type for line in uncovered)
        cost = sum((line.hourly for line in uncovered), Decimal(0))
        yield f"No rate is known for {names} ({per_hour(cost)}): no commitment covers it."
    if advice.elsewise:
        yield (
            f"{per_hour(advice.elsewise)} is not metered in hours (serverless, storage, requests) "
            "and is left out."
        )
    if advice.covered:
        yield (
            f"Owned plans cover {per_hour(advice.covered)} at list price; that is not in these "
            "figures."
        )
    for plan in advice.owned:
        yield (
            f"Owned: {per_hour(plan.commitment)}, {plan.payment}, {plan.state}, until "
            f"{plan.ends.date()}; what it covers is on demand again from then on."
        )
    use = advice.use.utilisation if advice.use else None
    if use is not None:
        yield f"Of the owned commitment {percent(use)} was used."
    if not advice.by_hour:
        yield (
            "Read by the day: each day counts as evenly spread over its hours, so savings are "
            "overstated where usage has its hours. Switch on hourly granularity before buying."
        )
    if advice.commitments:
        yield (
            "Every hour of the term is taken to be like those of the window. List prices; the "
            "interest on what is paid at once is not counted. Stop what is idle before committing: "
            "a commitment is due whether it is used or not. Nothing was bought."
        )

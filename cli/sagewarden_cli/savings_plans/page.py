"""Advice on Savings Plans as one HTML page that needs nothing but itself."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from sagewarden.application.commitments import CommitmentAdvice
from sagewarden.domain.money import HOURS_PER_MONTH
from sagewarden_cli.savings_plans.chart import curve_chart
from sagewarden_cli.savings_plans.wording import (
    arithmetic,
    heading,
    notes,
    per_hour,
    percent,
    recommended,
    usd,
    verdicts,
)


def render(advice: CommitmentAdvice) -> str:
    """Render the page.

    Args:
        advice: What it says. Its texts may hold anything: they are escaped.

    Returns:
        HTML with its styles and charts inside; it loads nothing and runs nothing.
    """
    environment = Environment(
        loader=PackageLoader("sagewarden_cli.savings_plans", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "usd": usd,
        "per_hour": per_hour,
        "percent": percent,
        "recommended": recommended,
    }
    return environment.get_template("page.html.j2").render(
        advice=advice,
        title=heading(advice),
        verdicts=list(verdicts(advice)),
        best=[(item, curve_chart(item), arithmetic(item)) for item in advice.best],
        notes=list(notes(advice)),
        month=HOURS_PER_MONTH,
    )

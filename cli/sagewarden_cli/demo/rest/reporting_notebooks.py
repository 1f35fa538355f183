"""The demo's notebook instances that report their activity: idle ones, and those at work."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sagewarden.domain.idle_notebooks import DIMENSION, METRIC, NAMESPACE, REPORTS_EVERY
from sagewarden.domain.money import PriceComponent
from sagewarden_cli.demo.meter import sagemaker_in
from sagewarden_cli.demo.organisation import WEEK_BEGINS, Habit, Notebook, Team
from sagewarden_cli.demo.portraits import Clients, Portrait, portray_notebook
from sagewarden_cli.demo.rest.kinds import Extra, Kind, Runs, trap
from sagewarden_cli.demo.teams import FORECAST, FRAUD, LANGUAGE, PERSONAL, SEARCH, VISION, tags_of
from sagewarden_cli.sandbox import Sandbox

_LOOKED_BACK = timedelta(hours=2, minutes=30)
"""Longer than the policy's rule looks."""


class _Says(StrEnum):
    """What a notebook instance reports of itself."""

    IDLE = "idle"
    AT_WORK = "at work"
    GAPS = "every other report is lost"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingNotebook(Extra):
    """A notebook instance that may run at night, as long as something works on it.

    Attributes:
        instance_type: What it runs on.
        says: What it reports.
        status: Its state when the week begins.
    """

    instance_type: str
    says: _Says
    status: str = "InService"

    @property
    def notebook(self) -> Notebook:
        """As the organisation's other notebook instances."""
        return Notebook(
            name=self.name,
            region=self.region,
            team=self.team,
            instance_type=self.instance_type,
            habit=Habit.FORGETS,
            tags=self.tags,
            created_at=WEEK_BEGINS - timedelta(days=45),
            modified_at=WEEK_BEGINS - timedelta(days=4, hours=6),
            status=self.status,
        )


def _notebook(name: str, team: Team, instance_type: str, says: _Says) -> ReportingNotebook:
    return ReportingNotebook(
        name=f"{name}-bench",
        team=team,
        tags=tags_of(team, team.owner_of(name), "dev"),
        runs=Runs(PriceComponent.NOTEBOOK, instance_type),
        instance_type=instance_type,
        says=says,
    )


_NOTEBOOKS = (
    _notebook("tokeniser", LANGUAGE, "ml.g5.xlarge", _Says.IDLE),
    _notebook("recall", SEARCH, "ml.m5.4xlarge", _Says.IDLE),
    trap(
        _notebook("overnight", FRAUD, "ml.m5.4xlarge", _Says.AT_WORK),
        "a terminal is at work on it all night",
    ),
    trap(
        _notebook("seasonal", FORECAST, "ml.m5.xlarge", _Says.GAPS),
        "every other report is lost: not known is not idle",
    ),
    trap(
        _notebook("pose", VISION, "ml.g4dn.xlarge", _Says.NOTHING),
        "it reports nothing: not known is not idle",
    ),
    trap(
        _notebook("audit", FRAUD, "ml.m5.xlarge", _Says.IDLE),
        "protected by the policy",
        DoNotDelete="regulator",
    ),
    trap(
        _notebook("sprint", PERSONAL, "ml.m5.xlarge", _Says.IDLE),
        "exempt by its owner",
        SagewardenExempt="2026-12-15: demo day",
    ),
    trap(
        _notebook("pipeline", PERSONAL, "ml.m5.xlarge", _Says.IDLE),
        "managed by Terraform",
        ManagedBy="terraform",
    ),
    trap(
        replace(_notebook("driver", LANGUAGE, "ml.g5.xlarge", _Says.IDLE), status="Updating"),
        "it is Updating",
    ),
)


def reporting_notebooks() -> Iterator[Notebook]:
    """The notebook instances themselves, for the organisation."""
    return (item.notebook for item in _NOTEBOOKS)


def _found(sandbox: Sandbox, notebook: ReportingNotebook) -> str:
    return sagemaker_in(sandbox, notebook.region).notebook_instances[notebook.name].arn


def _portray(clients: Clients, notebook: ReportingNotebook) -> Portrait:
    return portray_notebook(clients, notebook.region, notebook.name)


def _live(sandbox: Sandbox, now: datetime) -> None:
    """What runs has reported its activity every five minutes."""
    for item in _NOTEBOOKS:
        seen = sagemaker_in(sandbox, item.region).notebook_instances[item.name]
        if seen.status == "InService" and item.says is not _Says.NOTHING:
            every = 2 * REPORTS_EVERY if item.says is _Says.GAPS else REPORTS_EVERY
            value = 1.0 if item.says is _Says.AT_WORK else 0.0
            moments = [now - every * number for number in range(1, int(_LOOKED_BACK / every))]
            points = [(moment, value) for moment in moments]
            named = {DIMENSION: item.name}
            sandbox.metrics.load(None, item.region, NAMESPACE, METRIC, named, points)


REPORTING_NOTEBOOKS = Kind(
    title="Notebook instances that report their activity",
    rules=("idle-notebooks",),
    extras=_NOTEBOOKS,
    seed=_found,
    portray=_portray,
    live=_live,
    is_metered=True,
)

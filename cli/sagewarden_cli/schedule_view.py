"""How an explained schedule is shown: a table for people, JSON for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.domain.schedules.reading import Wanted
from sagewarden_cli.printed_text import plain
from sagewarden_cli.schedule_explanation import Explanation

SCHEMA = 1

_STYLES = {Wanted.RUNNING: "green", Wanted.STOPPED: "yellow", Wanted.ANY: ""}


def explanation_table(explained: Explanation) -> Iterator[RenderableType]:
    """An explanation for a terminal, part by part."""
    zone, reading = explained.schedule.zone, explained.reading
    yield plain(explained.text, "bold")
    yield plain(f"At {_local(explained.start, zone)}: {reading.wanted} ({reading.reason})")
    if explained.transitions:
        yield _transition_table(explained)
    else:
        yield plain(f"No change until {_local(explained.end, zone)}.")
    yield plain(_hours(explained))
    yield from _saving_lines(explained)


def explanation_document(explained: Explanation) -> dict[str, Any]:
    """An explanation as JSON values."""
    zone, saving, instance = explained.schedule.zone, explained.saving, explained.instance
    return {
        "schema": SCHEMA,
        "schedule": explained.text,
        "zone": zone.key,
        "from": explained.start.isoformat(),
        "to": explained.end.isoformat(),
        "wanted": explained.reading.wanted.value,
        "reason": explained.reading.reason,
        "transitions": [
            {
                "at": transition.at.astimezone(UTC).isoformat(),
                "local": transition.at.astimezone(zone).isoformat(),
                "wanted": transition.reading.wanted.value,
                "reason": transition.reading.reason,
            }
            for transition in explained.transitions
        ],
        "hours_per_week": {wanted.value: hours for wanted, hours in explained.hours.items()},
        "instance_type": instance.instance_type if instance else None,
        "region": instance.region if instance else None,
        "component": instance.component.value if instance else None,
        "monthly_savings_usd": round(float(saving.usd), 2) if saving else None,
        "savings_basis": saving.basis if saving else None,
        "prices_as_of": saving.as_of.isoformat() if saving else None,
    }


def _transition_table(explained: Explanation) -> Table:
    zone = explained.schedule.zone
    table = Table()
    table.add_column(f"Local time ({zone.key})", no_wrap=True)
    table.add_column("UTC", no_wrap=True)
    table.add_column("Then")
    table.add_column("Why", overflow="fold")
    for transition in explained.transitions:
        wanted = transition.reading.wanted
        table.add_row(
            plain(_local(transition.at, zone)),
            transition.at.astimezone(UTC).strftime("%m-%d %H:%MZ"),
            plain(wanted, _STYLES[wanted]),
            # Each reason repeats the schedule; it stands in full above the table.
            plain(transition.reading.reason.replace(explained.text, "it")),
        )
    return table


def _local(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M} {local.tzname()}"


def _hours(explained: Explanation) -> str:
    hours = explained.hours
    text = f"{hours[Wanted.RUNNING]:g} h a week on, {hours[Wanted.STOPPED]:g} h off"
    if hours[Wanted.ANY]:
        text += f", {hours[Wanted.ANY]:g} h left as it is"
    return f"{text} (average of the next 4 weeks)"


def _saving_lines(explained: Explanation) -> list[Text]:
    instance, saving = explained.instance, explained.saving
    if instance is None:
        return []
    what = f"{instance.instance_type} ({instance.component}) in {instance.region}"
    if saving is None:
        return [plain(f"{what}: price unknown, so the saving is unknown")]
    return [
        plain(f"{what}: saves ${saving.usd:,.2f} a month at the list price of {saving.as_of}"),
        plain(f"({saving.basis})"),
    ]

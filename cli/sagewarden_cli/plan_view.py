"""How a plan is shown to people: tables for a terminal, Markdown for a pull request."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sagewarden.domain.actions import ActionKind
from sagewarden.domain.plans import Plan, PlannedAction
from sagewarden.domain.verdicts import Verdict, VerdictKind
from sagewarden_cli.plan_file import SavedPlan, why_left_alone
from sagewarden_cli.printed_text import in_markdown, plain

MOST_UNKNOWN = 20
"""How many unjudgeable resources are listed one by one before the rest is only counted."""

_STYLES = {
    ActionKind.STOP: "yellow",
    ActionKind.START: "green",
    ActionKind.DELETE: "red",
    ActionKind.SCALE_TO_ZERO: "yellow",
    ActionKind.RELEASE_PROVISIONED_CONCURRENCY: "yellow",
    ActionKind.SET_PROVISIONED_CONCURRENCY: "green",
    ActionKind.SET_CAPACITY: "green",
    ActionKind.TAG_OWNER: "green",
    ActionKind.NOTIFY: "cyan",
    ActionKind.RESTORE: "green",
}


@dataclass(frozen=True, slots=True)
class Savings:
    """What a plan's actions save per month at list price.

    Attributes:
        usd: The sum of the known savings, in US dollars.
        unknown: How many actions save an amount that no price is known for.
        as_of: The day of the oldest price, in ISO 8601; None when no price is known.
    """

    usd: Decimal
    unknown: int
    as_of: str | None

    @classmethod
    def of(cls, actions: Sequence[PlannedAction]) -> "Savings":
        """Add up the savings of actions; a start saves nothing and is not counted."""
        known = [planned.verdict.saving for planned in actions if planned.verdict.saving]
        return cls(
            usd=sum((saving.usd for saving in known), Decimal(0)),
            unknown=sum(_amount(planned.verdict) == "unknown" for planned in actions),
            as_of=min((saving.as_of.isoformat() for saving in known), default=None),
        )

    def __str__(self) -> str:
        parts = []
        if self.as_of:
            parts.append(f"saves ${self.usd:,.2f} a month at list prices of {self.as_of}")
        if self.unknown:
            parts.append(f"{counted(self.unknown, 'saving')} unknown: no price")
        return "; ".join(parts) or "no savings"


def plan_tables(saved: SavedPlan, *, every: bool) -> Iterator[RenderableType]:
    """A plan for a terminal, part by part.

    Args:
        saved: The plan.
        every: Whether each resource that is left alone is listed, not only counted.
    """
    plan = saved.plan
    yield plain(heading(saved), "bold")
    for rule, actions in _by_rule(plan):
        yield Text()
        yield _action_table(rule, actions)
    yield Text()
    yield plain(summary(plan), "bold")
    for reason in plan.exceeded:
        yield plain(f"limit exceeded: {reason}", "bold red")
    if plan.left_alone:
        yield Text()
        yield _left_alone_table(plan.left_alone, every=every)
    for line in () if every else unknown_lines(plan):
        yield plain(line, "yellow")


def plan_markdown(saved: SavedPlan) -> str:
    """A plan as Markdown."""
    return "\n".join(_markdown_lines(saved)) + "\n"


def heading(saved: SavedPlan) -> str:
    """One line that says what the plan is for."""
    plan = saved.plan
    moment = plan.generated_at.isoformat(timespec="seconds")
    return f"Plan for account {plan.account} at {moment} under policy {saved.fingerprint}"


def summary(plan: Plan) -> str:
    """One line that says what the plan would do."""
    if not plan.actions:
        return "Nothing to do in what could be read." if plan.incomplete else "Nothing to do."
    number = counted(len(plan.actions), "action")
    return f"{number}; {Savings.of(plan.actions)}."


def counted(number: int, noun: str) -> str:
    """A number and its noun, for example ``2 actions``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def unknown_lines(plan: Plan) -> Iterator[str]:
    """Name what could not be judged, and is therefore left alone."""
    unknown = [verdict for verdict in plan.left_alone if verdict.kind is VerdictKind.UNKNOWN]
    for verdict in unknown[:MOST_UNKNOWN]:
        yield f"not judged: {verdict.ref.kind} {verdict.ref.name}: {verdict.reason}"
    if len(unknown) > MOST_UNKNOWN:
        yield f"not judged: {len(unknown) - MOST_UNKNOWN} more; --all lists them"


def _by_rule(plan: Plan) -> Iterator[tuple[str, Sequence[PlannedAction]]]:
    for rule, actions in groupby(plan.actions, key=lambda planned: planned.verdict.rule):
        yield rule, list(actions)


def _action_table(rule: str, actions: Sequence[PlannedAction]) -> Table:
    several_regions = len({planned.verdict.ref.region for planned in actions}) > 1
    table = Table(title=plain(f"{rule} ({actions[0].mode})"), title_justify="left", expand=False)
    table.add_column("Action", overflow="fold")
    table.add_column("Resource", overflow="fold")
    if several_regions:
        table.add_column("Region", overflow="fold")
    table.add_column("Why", overflow="fold", ratio=1)
    table.add_column("$/month", justify="right", no_wrap=True)
    for planned in actions:
        verdict = planned.verdict
        row = [
            plain(_action_word(verdict), _style(verdict)),
            plain(verdict.ref.name),
            *([plain(verdict.ref.region)] if several_regions else []),
            plain(verdict.reason),
            plain(_amount(verdict)),
        ]
        table.add_row(*row)
    return table


def _left_alone_table(verdicts: Sequence[Verdict], *, every: bool) -> Table:
    table = Table(title="Left alone", title_justify="left")
    table.add_column("Rule", overflow="fold")
    table.add_column("Verdict", overflow="fold")
    if every:
        table.add_column("Resource", overflow="fold")
        table.add_column("Why", overflow="fold", ratio=1)
        for verdict in verdicts:
            cells = (verdict.rule, verdict.kind.value, verdict.ref.name, why_left_alone(verdict))
            table.add_row(*(plain(cell) for cell in cells))
        return table
    table.add_column("Resources", justify="right")
    for (rule, kind), number in _counts(verdicts):
        table.add_row(plain(rule), plain(kind), str(number))
    return table


def _markdown_lines(saved: SavedPlan) -> Iterator[str]:
    plan = saved.plan
    yield f"## {in_markdown(heading(saved))}"
    yield ""
    for rule, actions in _by_rule(plan):
        yield f"### {in_markdown(rule)} ({actions[0].mode})"
        yield ""
        yield "| Action | Resource | Region | Why | USD/month |"
        yield "|---|---|---|---|---:|"
        for planned in actions:
            verdict = planned.verdict
            ref = verdict.ref
            cells = (_action_word(verdict), ref.name, ref.region, verdict.reason, _amount(verdict))
            yield _markdown_row(cells)
        yield ""
    yield f"**{in_markdown(summary(plan))}**"
    for reason in plan.exceeded:
        yield f"\n**Limit exceeded:** {in_markdown(reason)}"
    for item in plan.incomplete:
        yield f"\n**Not read:** {in_markdown(item.what)}: {in_markdown(item.why)}"
    if plan.left_alone:
        yield ""
        yield "| Left alone by | Verdict | Resources |"
        yield "|---|---|---:|"
        for (rule, kind), number in _counts(plan.left_alone):
            yield _markdown_row((rule, kind, str(number)))
    for line in unknown_lines(plan):
        yield f"\n{in_markdown(line)}"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(in_markdown(cell) for cell in cells) + " |"


def _counts(verdicts: Sequence[Verdict]) -> list[tuple[tuple[str, str], int]]:
    """How many verdicts of each kind each rule gave, in the order of first appearance."""
    return list(Counter((verdict.rule, verdict.kind.value) for verdict in verdicts).items())


def _action_word(verdict: Verdict) -> str:
    return verdict.action.kind.value if verdict.action else ""


def _style(verdict: Verdict) -> str:
    return _STYLES[verdict.action.kind] if verdict.action else ""


def _amount(verdict: Verdict) -> str:
    if verdict.saving is not None:
        return f"{verdict.saving.usd:,.2f}"
    costs_nothing = {ActionKind.START, ActionKind.TAG_OWNER}
    return "-" if verdict.action and verdict.action.kind in costs_nothing else "unknown"

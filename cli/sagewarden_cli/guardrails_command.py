"""``sagewarden guardrails``: say what the guardrails make of an event."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from sagewarden.adapters.sagemaker_paths import gpu_book, request_shapes
from sagewarden.application.judge_event import judge_event
from sagewarden.bootstrap import read_policy
from sagewarden.domain.guardrails.call import Call, read_event
from sagewarden.domain.guardrails.conditions import Figures
from sagewarden.domain.guardrails.event_fields import EventError
from sagewarden.domain.guardrails.rules import CallVerdict
from sagewarden.domain.rules import Policy
from sagewarden_cli.console import note, show, show_json
from sagewarden_cli.exit_codes import ExitCode
from sagewarden_cli.located_values import UnreadableFileError, read_json_file
from sagewarden_cli.options import Output, PolicyFile, TableOrJson
from sagewarden_cli.policy_place import find_policy
from sagewarden_cli.price_place import workstation_prices
from sagewarden_cli.printed_text import plain

SCHEMA = 1

guardrails = typer.Typer(
    name="guardrails", no_args_is_help=True, help="Try the guardrails of a policy on an event."
)


@guardrails.callback()
def _group() -> None:
    """Try the guardrails of a policy on an event."""


@guardrails.command("check")
def check(
    event: Annotated[
        Path,
        typer.Argument(
            metavar="EVENT.json",
            help="An EventBridge event, a CloudTrail record, or a SageMaker state change.",
        ),
    ],
    *,
    policy: PolicyFile = None,
    output: Output = TableOrJson.TABLE,
) -> None:
    """Say who did what, what the policy says of it, and what would follow. AWS is not asked.

    Exit code 0: no violation. 2: a violation with actions. 1: an error.
    """
    call = _read(event)
    chosen = read_policy(find_policy(policy))
    verdicts = judge_event(call, chosen, Figures(workstation_prices(), gpu_book()))
    if output is TableOrJson.JSON:
        show_json(_document(call, verdicts, chosen))
    else:
        show(*_tables(call, verdicts, chosen))
    if not verdicts:
        note("the policy has no guardrails: see docs/bots/guardrails.md")
    acts = any(verdict.steps for verdict in verdicts)
    raise typer.Exit(ExitCode.ACTIONS_PLANNED if acts else ExitCode.NOTHING_TO_DO)


def _read(path: Path) -> Call:
    try:
        return read_event(read_json_file(path).value, request_shapes())
    except EventError as error:
        raise UnreadableFileError(f"{path}: {error}") from error


def _document(call: Call, verdicts: Sequence[CallVerdict], policy: Policy) -> dict[str, Any]:
    subject = call.subject
    return {
        "schema": SCHEMA,
        "operation": call.operation,
        "time": call.time.isoformat(),
        "who": call.identity.who,
        "who_kind": call.identity.kind.value,
        "resource": {
            "kind": subject.kind,
            "name": subject.name,
            "arn": subject.arn,
            "account": call.account,
            "region": subject.region,
        },
        "instance_types": list(call.named_types),
        "tags": None if subject.tags is None else dict(subject.tags),
        "verdicts": [
            {"rule": item.rule, "verdict": item.kind.value, "reason": item.reason}
            for item in verdicts
        ],
        "actions": list(_actions(verdicts, policy)),
    }


def _actions(verdicts: Sequence[CallVerdict], policy: Policy) -> Iterator[dict[str, Any]]:
    modes = {rule.scope.rule: rule.scope.mode.value for rule in policy.rules}
    for verdict in verdicts:
        for step in verdict.steps:
            action: dict[str, Any] = {
                "rule": verdict.rule,
                "mode": modes[verdict.rule],
                "action": step.remedy.value,
                "reason": step.reason,
            }
            if step.tag is not None:
                action["tag"] = {"key": step.tag[0], "value": step.tag[1]}
            yield action


def _tables(
    call: Call, verdicts: Sequence[CallVerdict], policy: Policy
) -> Iterator[RenderableType]:
    subject = call.subject
    who = call.identity.who or "nobody"
    yield plain(f"{call.operation} by {who} ({call.identity.kind})", "bold")
    name = subject.name or "without a name in the event"
    yield plain(f"{subject.kind} {name} in {call.account} {subject.region}")
    yield plain(f"instance types: {', '.join(call.named_types) or 'none'}")
    yield plain(f"tags: {_spelled(call)}")
    yield _table(
        "Verdicts", ("Rule", "Verdict", "Reason"), [(v.rule, v.kind, v.reason) for v in verdicts]
    )
    actions = [
        (item["rule"], item["mode"], item["action"], _detail(item))
        for item in _actions(verdicts, policy)
    ]
    if actions:
        yield _table("What would follow", ("Rule", "Mode", "Action", "How"), actions)


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(plain, row))
    return table


def _detail(action: dict[str, Any]) -> str:
    tag = action.get("tag")
    return f"{tag['key']}={tag['value']}, {action['reason']}" if tag else str(action["reason"])


def _spelled(call: Call) -> str:
    tags = call.subject.tags
    if tags is None:
        return "not told"
    return ", ".join(f"{key}={value}" for key, value in tags.items()) or "none"

"""``sagewarden policy``: check a policy, show it, and publish its schema."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from sagewarden.adapters.clock import SystemClock
from sagewarden.bootstrap import compile_policy_file, read_policy
from sagewarden.domain.endpoint_capacity.rule import EndpointCapacity
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.idle_apps import IdleApps
from sagewarden.domain.judged import JudgedRule
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.provisioned_concurrency.rule import ProvisionedConcurrency
from sagewarden.domain.resources import ResourceKind
from sagewarden.domain.rules import Policy, Rule
from sagewarden.policy import json_schema
from sagewarden_cli.console import show, show_json
from sagewarden_cli.local_ledger import replace_file
from sagewarden_cli.options import BadOptionError, Output, TableOrJson
from sagewarden_cli.plan_view import counted
from sagewarden_cli.policy_place import find_policy
from sagewarden_cli.printed_text import plain

SCHEMA = 1

policy = typer.Typer(
    name="policy", no_args_is_help=True, help="Check a policy, show it, or print its schema."
)

PolicyArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        help="The policy. Default: layers/policy/governance.yaml here, else the packaged one.",
    ),
]


@policy.command("validate")
def validate(file: PolicyArgument = None) -> None:
    """Check a policy. Exit code 1: it is not valid; every problem is printed with its place."""
    path = find_policy(file)
    found = read_policy(path)
    show(plain(f"{path}: valid, {counted(len(found.rules), 'rule')}, {found.fingerprint}"))


@policy.command("compile")
def compile_file(
    *,
    file: PolicyArgument = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Default: the policy's name with .json."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 when it is not up to date.")
    ] = False,
) -> None:
    """Compile a policy to the JSON that the deployed functions read.

    It knows the public holidays of the policy's calendars for this year and the ten that follow.
    """
    path = find_policy(file)
    target = output or path.with_suffix(".json")
    this_year = SystemClock().now().year
    text = compile_policy_file(path, range(this_year - 1, this_year + 11))
    if not check:
        replace_file(target, text, for_all=True)
        show(plain(f"{target}: compiled"))
    elif not target.exists() or target.read_text(encoding="utf-8") != text:
        raise BadOptionError(f"{target} is not what {path} compiles to: run policy compile")


@policy.command("schema")
def schema() -> None:
    """Print the JSON Schema of a policy, for editors."""
    show_json(json_schema())


@policy.command("show")
def show_policy(*, file: PolicyArgument = None, output: Output = TableOrJson.TABLE) -> None:
    """Show a policy as it takes effect: its rules, their modes, its limits, its fingerprint."""
    path = find_policy(file)
    found = read_policy(path)
    if output is TableOrJson.JSON:
        show_json(_document(path, found))
    else:
        show(*_tables(path, found))


def _tables(path: Path, found: Policy) -> Iterator[RenderableType]:
    table = Table(title="Rules", title_justify="left")
    for heading in ("Rule", "Mode", "Resources", "Names", "Does"):
        table.add_column(heading, overflow="fold")
    for rule in found.rules:
        document = _rule_document(rule)
        names = ", ".join(document["names"])
        if document["except_names"]:
            names += f" but not {', '.join(document['except_names'])}"
        cells = (document["rule"], document["mode"], document["resources"], names, document["does"])
        table.add_row(*(plain(cell) for cell in cells))
    limits = found.limits
    counts = "every action counts" if limits.every_action else "starts and stops do not count"
    yield plain(f"{path} ({found.fingerprint})", "bold")
    yield plain(f"regions: {', '.join(found.regions) or 'the one your AWS settings name'}")
    yield plain(
        f"limits of a run: {limits.actions_per_run} actions, "
        f"{limits.percent_of_kind:g} % of a kind; {counts}"
    )
    yield table


def _document(path: Path, found: Policy) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "file": str(path),
        "policy_fingerprint": found.fingerprint,
        "regions": list(found.regions),
        "limits": {
            "actions_per_run": found.limits.actions_per_run,
            "percent_of_kind": found.limits.percent_of_kind,
            "every_action": found.limits.every_action,
        },
        "rules": [_rule_document(rule) for rule in found.rules],
    }


def _rule_document(rule: Rule) -> dict[str, Any]:
    scope = rule.scope
    return {
        "rule": scope.rule,
        "mode": scope.mode.value,
        "resources": _resources(rule),
        "names": list(scope.names),
        "except_names": list(scope.except_names),
        "when": [str(condition) for condition in scope.when],
        "protected": [str(protection) for protection in scope.protections],
        "does": _does(rule),
    }


def _resources(rule: Rule) -> str:
    if isinstance(rule, Guardrail):
        return ", ".join(rule.kinds)
    if isinstance(rule, NotebookHours | IdleApps | JudgedRule):
        return ", ".join(rule.kinds)
    return rule.what.value if isinstance(rule, EndpointCapacity) else ResourceKind.ENDPOINT.value


def _does(rule: Rule) -> str:
    if isinstance(rule, NotebookHours):
        again = ", start again what was stopped" if rule.start_again else ""
        tag = f", hours by tag {rule.schedules.tag}" if rule.schedules.tag else ""
        return f"stop outside hours{again}{tag}"
    if isinstance(rule, ProvisionedConcurrency):
        return f"provisioned concurrency {rule.bounds} by {rule.strategy}"
    if isinstance(rule, Guardrail):
        return f"{', '.join(rule.remedies)} unless: {'; '.join(map(str, rule.conditions))}"
    if isinstance(rule, JudgedRule | EndpointCapacity):
        return rule.does
    hours = rule.window / timedelta(hours=1)
    if isinstance(rule, IdleApps):
        notice = rule.warn / timedelta(minutes=1)
        return f"stop after {hours:g} h without use, {notice:g} min after the warning"
    grace = rule.grace / timedelta(hours=1)
    return f"{rule.action} after {hours:g} h without use, {grace:g} h after the warning"

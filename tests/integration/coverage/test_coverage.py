"""The coverage table, cell by cell, on the emulator: what it says, the command line does."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner, Result

from sagewarden.policy.guardrails import KINDS
from sagewarden.policy.rule_model import RuleModel
from sagewarden.policy.rule_models import RULE_KINDS
from sagewarden_cli.app import main
from sagewarden_cli.pages.coverage import ASPECTS, ROWS, Row
from sagewarden_cli.sandbox import Sandbox
from tests.integration.coverage.specimens import SPECIMENS, Specimen

pytestmark = pytest.mark.aws

ROOT = Path(__file__).parents[3]
HEAD = """
version: 1
mode: enforce
calendars:
  closed: {{weekdays: {day}, from: "09:00", to: "09:01", timezone: UTC}}
rules:
"""
BY_KIND = {specimen.kind: specimen for specimen in SPECIMENS}
SETTINGS_AND_SPELLINGS = {
    *("studio-domain", "studio-user-profile", "*"),
    *("serverless-endpoint", "real-time-endpoint", "async-endpoint"),
}
"""What rules may say of settings, which bill nothing, and of endpoints by the way they serve."""


@dataclass
class Journey:
    """What became of one specimen.

    Attributes:
        verdicts: What each rule said of it, by its aspect.
        priced: Whether some verdict on it had a price.
        looks: How it was: before, after it was acted on, after that was undone.
        undo: What the restore said.
        advice: The kinds of what something was advised of.
    """

    verdicts: dict[str, str] = field(default_factory=dict)
    priced: bool = False
    looks: list[object] = field(default_factory=list)
    undo: str = ""
    advice: list[str] = field(default_factory=list)


class Desk:
    """A workstation: a policy of one specimen's rules, and the command line."""

    def __init__(self, folder: Path, now: datetime) -> None:
        self.policy = folder / "policy.yaml"
        self.plan = folder / "plan.json"
        self._head = HEAD.format(day=(now + timedelta(days=3)).strftime("%a").lower())

    def rules(self, rules: dict[str, str]) -> None:
        """Write the policy."""
        lines = (f"  - {{name: {name}, {rule}}}\n" for name, rule in rules.items())
        self.policy.write_text(self._head + "".join(lines), encoding="utf-8")

    def run(self, *arguments: object) -> Result:
        """Run a command."""
        return CliRunner(env={"COLUMNS": "200"}).invoke(main, [*map(str, arguments)])

    def planned(self, rule: str) -> list[dict[str, object]]:
        """What a rule says of everything."""
        command = ("plan", "--policy", self.policy, "--rule", rule, "--output", "json")
        document = json.loads(self.run(*command).stdout)
        return [*document["actions"], *document["left_alone"]]


@pytest.fixture(scope="module", params=SPECIMENS, ids=lambda specimen: specimen.kind)
def journey(
    request: pytest.FixtureRequest, served: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Specimen, Journey]]:
    specimen: Specimen = request.param
    folder = tmp_path_factory.mktemp("coverage")
    with pytest.MonkeyPatch.context() as patch:
        now = datetime.now(UTC)  # noqa: TID251 - the command line reads the machine's clock
        served.reset(now=None)
        served.transition_times.set_all(timedelta(0))
        for name, value in served.environment(region="us-east-1").items():
            patch.setenv(name, value)
        patch.setenv("SAGEWARDEN_STATE_DIR", str(folder / "state"))
        patch.setenv("SAGEWARDEN_CACHE_DIR", str(folder / "cache"))
        patch.chdir(folder)
        specimen.seed(served, now)
        desk = Desk(folder, now)
        for component, usage in specimen.prices.items():
            name = usage.rpartition(":")[2]
            said = {"component": component, "instanceName": name, **specimen.listed}
            served.prices.add(usage, "2.5", **said)
            desk.run("prices", "refresh", "--region", "us-east-1", "--component", component)
        yield specimen, travelled(specimen, served, desk)


def travelled(specimen: Specimen, sandbox: Sandbox, desk: Desk) -> Journey:
    """Plan by each rule, act by one of them, undo it."""
    journey = Journey()
    desk.rules(specimen.rules)
    for aspect in specimen.rules:
        for said in desk.planned(aspect):
            resource = said["resource"]
            assert isinstance(resource, dict)
            if (resource["kind"], resource["name"]) == (specimen.kind, specimen.name):
                journey.verdicts[aspect] = str(said.get("verdict", "VIOLATION"))
                evidence = said["evidence"]
                assert isinstance(evidence, dict)
                journey.priced |= said.get("monthly_savings_usd") is not None
                journey.priced |= "month_at_list_price_usd" in evidence
    if specimen.looks is not None and specimen.acts is not None:
        journey.looks.append(specimen.looks(sandbox))
        command = ("--policy", desk.policy, "--rule", specimen.acts, "--save", desk.plan)
        desk.run("plan", *command)
        desk.run("apply", desk.plan, "--policy", desk.policy)
        journey.looks.append(specimen.looks(sandbox))
        journey.undo = desk.run("restore", specimen.name, "--wait").output
        journey.looks.append(specimen.looks(sandbox))
    advised = json.loads(desk.run("advise", "--all", "--output", "json").stdout)
    journey.advice = [item["resource"]["kind"] for item in advised["advice"]]
    return journey


def kinds_of(model: type[RuleModel]) -> Iterator[str]:
    """The kinds that a rule may name."""
    parts: list[object] = [model.model_fields["resources"].annotation]
    while parts:
        part = parts.pop()
        if isinstance(part, str):
            yield str(part)
        elif isinstance(part, type) and issubclass(part, StrEnum):
            parts += list(part)
        else:
            parts += get_args(part)


def test_every_kind_of_the_table_has_a_specimen() -> None:
    assert {row.kind for row in ROWS} == set(BY_KIND)


def test_every_kind_of_which_a_rule_speaks_is_in_the_table() -> None:
    spoken_of = {kind for model in RULE_KINDS.values() for kind in kinds_of(model)}

    assert spoken_of - {row.kind for row in ROWS} == SETTINGS_AND_SPELLINGS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.kind)
def test_guardrails_speak_of_exactly_the_kinds_whose_policy_is_covered(row: Row) -> None:
    assert (row.kind in KINDS) == (row.cells["policy"] is True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.kind)
def test_an_empty_cell_is_one_of_the_table_and_says_why(row: Row) -> None:
    assert set(row.empty) <= set(ASPECTS)
    assert all(len(why) > 10 for why in row.empty.values())


def test_it_does_what_its_row_says(journey: tuple[Specimen, Journey]) -> None:
    specimen, seen = journey
    (row,) = (row for row in ROWS if row.kind == specimen.kind)
    shown = {
        "found": bool(seen.verdicts),
        "priced": seen.priced,
        "idle": seen.verdicts.get("idle") == "VIOLATION",
        "hours": seen.verdicts.get("hours") == "VIOLATION",
        "policy": seen.verdicts.get("policy") == "VIOLATION",
        "acted on": len(seen.looks) == 3 and seen.looks[0] != seen.looks[1],
        "undone": len(seen.looks) == 3 and seen.looks[0] == seen.looks[2] != seen.looks[1],
        "advised": specimen.kind in seen.advice,
    }
    shown |= {aspect: bool(list(ROOT.glob(place))) for aspect, place in specimen.elsewhere.items()}
    said = {aspect: row.cells[aspect] is True for aspect in shown}
    assert shown == said, seen

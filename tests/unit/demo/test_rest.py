"""The demo's other kinds of resource: some to act on, some traps, all told of in the docs."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sagewarden.domain.scope import Mode
from sagewarden_cli.demo.demo_command import demo_policy
from sagewarden_cli.demo.generator import make_organisation
from sagewarden_cli.demo.organisation import WEEK, WEEK_BEGINS
from sagewarden_cli.demo.rest.all_kinds import KINDS
from sagewarden_cli.demo.rest.kinds import Kind
from sagewarden_cli.demo.teams import TEAMS
from sagewarden_cli.demo.week import steps_of

DOCS = Path(__file__).parents[3] / "docs" / "demo.md"


def documented(kinds: tuple[Kind[Any], ...]) -> Iterator[str]:
    """The table that docs/demo.md has of the kinds."""
    yield "| kind | acted on | left alone, though a careless tool would not |"
    yield "|---|---|---|"
    for kind in kinds:
        wasted = ", ".join(f"`{item.name}`" for item in kind.extras if item.trap is None)
        traps = "; ".join(f"`{item.name}`: {item.trap}" for item in kind.extras if item.trap)
        yield f"| {kind.title} | {wasted} | {traps} |"


def test_the_docs_list_every_resource_with_the_reason_why_it_is_left_alone() -> None:
    written = DOCS.read_text(encoding="utf-8")
    block = written.partition("<!-- kinds: begin -->\n")[2].partition("<!-- kinds: end -->")[0]

    assert block.splitlines() == list(documented(KINDS))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.title))
def test_a_kind_has_waste_and_traps_and_rules_that_enforce(kind: Kind[Any]) -> None:
    rules = {rule.scope.rule: rule for rule in demo_policy().rules}

    assert any(extra.trap is None for extra in kind.extras)
    assert any(extra.trap for extra in kind.extras)
    assert all(rules[name].scope.mode is Mode.ENFORCE for name in kind.rules)


def test_names_are_unique_and_tags_name_a_team_and_an_owner() -> None:
    organisation = make_organisation()
    extras = [extra for kind in KINDS for extra in kind.extras]
    taken = Counter(extra.name for extra in extras)
    taken.update(item.name for item in organisation.endpoints)

    assert set(taken.values()) == {1}
    assert all(extra.tags["Team"] in {team.name for team in TEAMS} for extra in extras)
    assert all(extra.tags["Owner"] for extra in extras)


def test_each_kind_is_swept_by_itself_and_within_the_week() -> None:
    steps = steps_of(make_organisation(), demo_policy(), KINDS)
    alone = {name for kind in KINDS for name in kind.rules}

    for kind in KINDS:
        moments = [step.at for step in steps if kind in step.kinds]
        assert len(moments) >= WEEK / kind.every
        assert all(WEEK_BEGINS <= at < WEEK_BEGINS + WEEK for at in moments)
    together = {rule.scope.rule for step in steps if step.rules for rule in step.rules.rules}
    assert not together & alone

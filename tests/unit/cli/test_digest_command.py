"""The week's digest from the command line, over a ledger in a file."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.clock import SystemClock
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import CaseState
from sagewarden.domain.digest import last_week
from sagewarden_cli.app import main
from sagewarden_cli.local_ledger import writing
from tests.support.builders import SEOUL
from tests.support.digests import a_case, an_outcome

NOW = SystemClock().now()
WEEK = last_week(NOW, SEOUL)
DAY = timedelta(days=1)

POLICY = """\
version: 1
timezone: Asia/Seoul
exemptions: [{resources: "demo-*", until: UNTIL, why: "a demo", who: "mina"}]
rules: []
"""

type Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    policy, place = tmp_path / "governance.yaml", tmp_path / "ledger.json"
    until = (NOW + 3 * DAY).date().isoformat()
    policy.write_text(POLICY.replace("UNTIL", until), encoding="utf-8")
    at = WEEK.begin + DAY
    with writing(place) as ledger:
        done = a_case("gone", CaseState.DONE, ActionKind.DELETE, team="Vision", ended_at=at)
        ledger.save(done)
        ledger.record(an_outcome(at, ActionKind.DELETE, "gone"))
        ledger.save(a_case("nb[1]", warned_at=at, due_at=NOW + DAY, owner="\x1b[31mtom"))
    runner = CliRunner(env={"COLUMNS": "250"})
    places = ("--policy", str(policy), "--ledger", f"file:{place}")
    return lambda *arguments: runner.invoke(main, ["digest", *arguments, *places])


def test_it_tells_of_the_last_whole_week_as_the_reporter_does(run: Run) -> None:
    result = run()

    assert result.exit_code == 0
    begin, end = WEEK.begin.date(), (WEEK.end - DAY).date()
    assert f"SageMaker, {begin} to {end}: 1 done, saves $36.50 a month" in result.stdout
    assert "Done: 1 deleted" in result.stdout
    assert "• nb[1] will be stopped" in result.stdout
    assert "demo-* ends on" in result.stdout
    assert "\x1b[31m" not in result.stdout


def test_a_team_sees_what_belongs_to_it(run: Run) -> None:
    theirs, others = run("--team", "vision"), run("--team", "search")

    assert "vision: SageMaker" in theirs.stdout
    assert "nb[1]" not in theirs.stdout
    assert "nothing was done" in others.stdout


def test_since_tells_of_a_time_until_now(run: Run) -> None:
    document = json.loads(run("--since", "1h", "--output", "json").stdout)

    assert document["done"] == {}
    assert document["last_day"] == NOW.astimezone(SEOUL).date().isoformat()
    assert document["pending"]["count"] == 1


def test_for_programs_it_is_json_with_money_as_exact_texts(run: Run) -> None:
    document = json.loads(run("--output", "json").stdout)

    assert document["schema"] == 1
    assert document["team"] is None
    assert document["done"] == {"delete": 1}
    assert document["projected"] == {
        "usd": "36.5",
        "known": 1,
        "unknown": 0,
        "as_of": "2026-05-21",
    }
    assert document["exemptions"]["shown"][0]["resources"] == "demo-*"


def test_a_length_that_is_none_is_refused(run: Run) -> None:
    result = run("--since", "soon")

    assert result.exit_code == 1
    assert "--since: 'soon' is no length of time" in result.output

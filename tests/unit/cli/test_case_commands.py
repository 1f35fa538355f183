"""Cases, their story, exemptions and halts, from the command line over a ledger in a file."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sagewarden.adapters.clock import SystemClock
from sagewarden.application.answers import Answer, snooze
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.audit import EVERYTHING, Happening, noted
from sagewarden.domain.cases import Case, CaseState, open_case
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.resources import ResourceKind
from sagewarden_cli.app import main
from sagewarden_cli.local_ledger import LocalLedger, writing
from tests.support.builders import a_ref, a_violation

NOW = SystemClock().now()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

type Run = Callable[..., Result]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.json"


@pytest.fixture
def ledger(path: Path) -> Iterator[LocalLedger]:
    with writing(path) as opened:
        yield opened


@pytest.fixture
def run(path: Path) -> Run:
    runner = CliRunner(env={"COLUMNS": "250", "TZ": "UTC"})
    place = f"file:{path}"

    def invoke(*arguments: str) -> Result:
        return runner.invoke(main, [*arguments, "--ledger", place])

    return invoke


def told(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def a_case(name: str = "ep", rule: str = "idle", owner: str = "mina", region: str = "x") -> Case:
    ref = a_ref(name, ResourceKind.ENDPOINT, region=region)
    return replace(open_case(a_violation(ref, rule=rule), NOW - 3 * HOUR), owner=owner)


def warned(ledger: LocalLedger, case: Case, due_in: timedelta = HOUR) -> Case:
    """A case whose owner was warned two hours ago."""
    at = NOW - 2 * HOUR
    changed = case.warned(at, NOW + due_in)
    entries = noted(case, Happening.OPENED, at), noted(case, Happening.WARNED, at, due=NOW)
    assert ledger.save(changed, *entries)
    found = ledger.case(case.case_id)
    assert found is not None
    return found


class TestCases:
    def test_they_are_listed_with_the_one_that_is_due_first_at_the_top(
        self, ledger: LocalLedger, run: Run
    ) -> None:
        warned(ledger, a_case("later"), DAY)
        warned(ledger, a_case("overdue", region="eu-west-1"), -HOUR)

        listed = run("cases")
        document = told(run("cases", "--output", "json"))

        assert listed.exit_code == 0
        assert "2 cases" in listed.stdout
        found = [(case["resource"]["name"], case["state"]) for case in document["cases"]]
        assert found == [("overdue", "DUE"), ("later", "WARNED")]

    @pytest.mark.parametrize(
        ("option", "value", "found"),
        [
            ("--state", "SNOOZED", ["asleep"]),
            ("--state", "due", ["due"]),
            ("--state", "RESOLVED", ["over"]),
            ("--rule", "hours", ["asleep"]),
            ("--rule", "*", ["due", "asleep"]),
            ("--owner", "min*", ["due", "asleep"]),
            ("--owner", "jun", []),
        ],
    )
    def test_some_of_them_can_be_asked_for(
        self, ledger: LocalLedger, run: Run, option: str, value: str, found: list[str]
    ) -> None:
        warned(ledger, a_case("due"), -HOUR)
        asleep = warned(ledger, a_case("asleep", rule="hours"))
        snooze(asleep.case_id, NOW + DAY, Answer("mina", NOW), ledger)
        over = warned(ledger, a_case("over"))
        ledger.save(over.ended(CaseState.RESOLVED, NOW))

        document = told(run("cases", option, value, "--output", "json"))

        assert [case["resource"]["name"] for case in document["cases"]] == found

    def test_those_that_ended_long_ago_are_left_out(self, ledger: LocalLedger, run: Run) -> None:
        over = warned(ledger, a_case("over"))
        ledger.save(over.ended(CaseState.RESOLVED, NOW - 40 * DAY))

        recent = told(run("cases", "--state", "resolved", "--output", "json"))
        further = told(run("cases", "--state", "resolved", "--since", "60d", "--output", "json"))

        assert recent["cases"] == []
        assert len(further["cases"]) == 1

    def test_an_empty_ledger_has_none(self, run: Run) -> None:
        assert run("cases").stdout == "0 cases\n"


class TestExplain:
    def test_it_tells_who_did_what_and_why_in_order(self, ledger: LocalLedger, run: Run) -> None:
        case = warned(ledger, a_case())
        snooze(case.case_id, NOW + DAY, Answer("mina", NOW - HOUR), ledger)
        ledger.halt("incident 42", "ops", NOW - HOUR / 2)
        done = Outcome("idle", case.action, OutcomeKind.APPLIED, "delete: done", NOW, "undo it")
        ledger.record(done)

        for name in ("ep", case.ref.arn, case.case_id):
            document = told(run("explain", name, "--output", "json"))
            shown = run("explain", name)

            assert document["arn"] == case.ref.arn
            assert [(entry["what"], entry["by"]) for entry in document["trail"]] == [
                ("case opened", "sagewarden"),
                ("warned", "sagewarden"),
                ("snoozed", "mina"),
                ("halted", "ops"),
                ("outcome", "sagewarden"),
            ]
            assert shown.exit_code == 0
            assert "halted everywhere" in shown.stdout
            assert "outcome: APPLIED; action: delete; reason: delete: done" in shown.stdout
            assert f"SNOOZED case {case.case_id}" in shown.stdout

    def test_what_leaves_it_alone_is_told(self, ledger: LocalLedger, run: Run) -> None:
        warned(ledger, a_case())
        ledger.exempt(Exemption("e*", date(2099, 1, 31), "tests", "mina", NOW))

        document = told(run("explain", "ep", "--output", "json"))

        assert [given["resources"] for given in document["exemptions"]] == ["e*"]
        assert "exempt from * until 2099-01-31" in run("explain", "ep").stdout

    def test_what_nobody_knows_is_an_error(self, ledger: LocalLedger, run: Run) -> None:
        warned(ledger, a_case())

        unknown = run("explain", "nothing")
        no_arn = run("explain", "arn:aws:sagemaker:nothing")

        assert unknown.exit_code == no_arn.exit_code == 1
        assert "the ledger has no case of nothing" in unknown.stderr
        assert "knows nothing of arn:aws:sagemaker:nothing" in no_arn.stderr

    def test_a_name_of_two_resources_is_no_answer(self, ledger: LocalLedger, run: Run) -> None:
        warned(ledger, a_case(region="us-east-1"))
        warned(ledger, a_case(region="eu-west-1"))

        result = run("explain", "ep")

        assert result.exit_code == 1
        assert "2 resources are called ep; give an ARN: arn:" in result.stderr


class TestExempt:
    def test_one_is_added_listed_and_removed(self, path: Path, run: Run) -> None:
        added = run("exempt", "add", "train-*", "--until", "2099-01-31", "--why", "migrating",
                    "--by", "mina", "--rule", "idle", "--account", "111122223333")  # fmt: skip
        listed = told(run("exempt", "list", "--output", "json"))
        shown = run("exempt", "list")
        removed = run("exempt", "remove", "train-*", "--rule", "idle", "--by", "ops")

        assert added.stdout == "exempt train-* until 2099-01-31 by mina: migrating\n"
        [given] = listed["exemptions"]
        assert given["accounts"] == ["111122223333"]
        assert given["in_force"] is True
        assert "2099-01-31" in shown.stdout
        assert "lifted: train-*" in removed.stdout
        assert run("exempt", "list").stdout == "no exemptions\n"
        trail = LocalLedger(path).trail("train-*")
        assert [(entry.what, entry.by) for entry in trail] == [
            (Happening.EXEMPTED, "mina"),
            (Happening.LIFTED, "ops"),
        ]

    def test_one_that_ran_out_is_listed_as_such(self, ledger: LocalLedger, run: Run) -> None:
        ledger.exempt(Exemption("z", date(2020, 1, 1), "old", "mina", NOW))

        listed = run("exempt", "list").stdout

        assert "2020-01-01 (ran out)" in listed

    def test_those_of_the_policy_are_listed_too(
        self, ledger: LocalLedger, run: Run, tmp_path: Path
    ) -> None:
        ledger.exempt(Exemption("mine", date(2099, 1, 31), "old", "mina", NOW))
        policy = tmp_path / "governance.yaml"
        policy.write_text(
            "version: 1\nrules: []\n"
            "exemptions: [{resources: 'theirs-*', until: 2099-01-31, why: w, who: o}]\n"
        )

        listed = told(run("exempt", "list", "--policy", str(policy), "--output", "json"))

        assert [(item["resources"], item["at"] is None) for item in listed["exemptions"]] == [
            ("theirs-*", True),
            ("mine", False),
        ]

    def test_without_an_end_only_where_the_policy_allows_it(self, run: Run) -> None:
        result = run("exempt", "add", "x", "--permanent", "--why", "tests")

        assert result.exit_code == 1
        assert "governance.yaml does not allow it" in result.stderr
        assert run("exempt", "list").stdout == "no exemptions\n"

    def test_programs_are_told_what_was_done(self, run: Run, tmp_path: Path) -> None:
        policy = tmp_path / "governance.yaml"
        policy.write_text("version: 1\nrules: []\nexemptions_may_be_permanent: true\n")
        allowed = ("--permanent", "--policy", str(policy))
        added = run("exempt", "add", "x", *allowed, "--why", "tests", "--output", "json")
        removed = run("exempt", "remove", "x", "--output", "json")

        assert told(added)["exempted"]["until"] is None
        assert told(removed)["lifted"]["resources"] == "x"

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["--why", "w"], "give either --until and a last day, or --permanent"),
            (["--why", "w", "--until", "2099-01-31", "--permanent"], "give either --until"),
            (["--why", "w", "--until", "31.1.2099"], "'31.1.2099' is no day"),
            (["--why", "w", "--until", "2020-01-31"], "2020-01-31 has passed already"),
            (["--why", " ", "--until", "2099-01-31"], "neither may be empty"),
        ],
    )
    def test_nothing_is_exempt_without_an_end_and_a_reason(
        self, run: Run, arguments: list[str], complaint: str
    ) -> None:
        result = run("exempt", "add", "x", *arguments)

        assert result.exit_code == 1
        assert complaint in result.stderr

    def test_what_is_not_exempt_cannot_be_removed(self, run: Run) -> None:
        result = run("exempt", "remove", "x")

        assert result.exit_code == 1
        assert "there is no exemption of x from rule *" in result.stderr


class TestHalting:
    def test_a_halt_holds_until_the_resume_and_both_are_noted(self, path: Path, run: Run) -> None:
        halted = run("halt", "--why", "incident 42", "--by", "ops")
        during = LocalLedger(path).halted()
        resumed = run("resume", "--by", "mina")
        again = run("resume")

        assert "halted: incident 42" in halted.stdout
        assert during == "incident 42"
        assert "resumed; it was halted: incident 42" in resumed.stdout
        assert again.stdout == "nothing was halted\n"
        trail = LocalLedger(path).trail(EVERYTHING)
        assert [(entry.what, entry.by) for entry in trail] == [
            (Happening.HALTED, "ops"),
            (Happening.RESUMED, "mina"),
        ]

    def test_programs_are_told_when(self, run: Run) -> None:
        halted = told(run("halt", "--why", "incident 42", "--output", "json"))
        resumed = told(run("resume", "--output", "json"))
        again = told(run("resume", "--output", "json"))

        assert halted["halted"] == resumed["was_halted"] == "incident 42"
        assert resumed["resumed_at"]
        assert (again["was_halted"], again["resumed_at"]) == (None, None)

    def test_nobody_halts_without_a_reason(self, run: Run) -> None:
        assert run("halt", "--why", " ").exit_code == 1


def test_what_only_watches_or_failed_is_shown_too(ledger: LocalLedger, run: Run) -> None:
    watched = a_case("watched")
    ledger.save(watched.warned(NOW - HOUR, None))
    ledger.save(a_case("unsaid"))
    tagged = open_case(a_violation(a_ref("nb"), action=ActionKind.STOP), NOW)
    ledger.save(tagged)

    shown = run("cases")

    assert shown.exit_code == 0
    assert "3 cases" in shown.stdout
    assert "warned" in shown.stdout

"""From what a ledger remembers to what a digest says, and that nobody gets one twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.answers import Answer, exempt, restored, snooze
from sagewarden.application.digests import Known, digests, gather
from sagewarden.application.letters import publish_once, was_sent
from sagewarden.application.ports import ActionFailedError
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cases import CaseState
from sagewarden.domain.digest import Digest, Records, digest_of, last_week
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.scope import Mode
from tests.support.builders import (
    ACCOUNT,
    REGION,
    SEOUL,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    an_endpoint,
    an_endpoint_rule,
)
from tests.support.digests import MONDAY_AFTER, WEEK, ZONE, a_case, an_action, an_outcome
from tests.support.scenario import Scenario

VISION = {"Team": "Vision", "Owner": "mina"}


def digest_after(scenario: Scenario, team: str | None = None) -> Digest:
    """The digest of the week before a scenario's present moment."""
    now = scenario.clock.now()
    span = last_week(now, SEOUL)
    return digest_of(gather(scenario.ledger, span, now), span, now, SEOUL, team)


def a_week_of_a_notebook() -> Scenario:
    """Stopped at each closing, started at each opening; the first stop is Monday's."""
    rule = a_notebook_rule(start_again=True)
    scenario = Scenario(a_policy(rule), a_notebook("nb", tags=VISION))
    for day in ("Mon", "Tue", "Wed", "Thu", "Fri"):
        scenario.at(f"{day} 09:00").sweep()
        scenario.at(f"{day} 17:40").sweep()
        scenario.at(f"{day} 18:00").sweep()
    scenario.at("Mon 09:00")
    return scenario


class TestAWeek:
    def test_of_business_hours_is_counted_and_priced(self) -> None:
        found = digest_after(a_week_of_a_notebook())

        assert found.done == {ActionKind.STOP: 5, ActionKind.START: 4}
        assert (found.projected.known, found.projected.unknown) == (1, 0)
        assert found.hours == 60
        assert found.realised.usd == Decimal("3.0")

    def test_is_its_teams_too_and_no_other_ones(self) -> None:
        scenario = a_week_of_a_notebook()

        theirs, others = digest_after(scenario, "vision"), digest_after(scenario, "search")

        assert theirs.done == {ActionKind.STOP: 5, ActionKind.START: 4}
        assert theirs.hours == 60
        assert others.is_empty

    def test_tells_the_weekend_when_it_is_over(self) -> None:
        scenario = a_week_of_a_notebook()
        scenario.sweep()

        scenario.at("Tue 09:00").at("Mon 09:00")

        assert digest_after(scenario).hours == 63

    def test_of_a_person_who_starts_by_hand_counts_what_stood_still_until_then(self) -> None:
        scenario = Scenario(a_policy(a_notebook_rule()), a_notebook("nb"))
        for day in ("Mon", "Tue"):
            scenario.at(f"{day} 17:40").sweep()
            scenario.at(f"{day} 18:00").sweep()
            if day == "Mon":
                scenario.at("Tue 10:00").human_restarts("nb")

        scenario.at("Mon 09:00")

        assert digest_after(scenario).hours == 16

    def test_of_a_deletion_and_its_restore(self) -> None:
        scenario = Scenario(
            a_policy(an_endpoint_rule(grace=timedelta(hours=24))), an_endpoint("ep", tags=VISION)
        )
        scenario.telemetry.calls("ep", ZEROS)
        scenario.at("Mon 10:00").sweep()
        scenario.at("Tue 11:00").sweep()
        [case] = scenario.ledger.ended_cases(ACCOUNT, REGION, WEEK.begin)
        scenario.at("Tue 17:00")
        undone = scenario.clock.now()
        restored(case.case_id, Answer("tom", undone), scenario.ledger)
        action = an_action("ep", ActionKind.RESTORE)
        scenario.ledger.record(Outcome(case.rule, action, OutcomeKind.APPLIED, "back", undone))

        scenario.at("Mon 09:00")
        found = digest_after(scenario, "vision")

        assert found.done == {ActionKind.DELETE: 1}
        assert found.projected.known == 0
        assert found.hours == 6
        assert [(one.name, one.by) for one in found.restored.shown] == [("ep", "tom")]

    def test_of_what_was_applied_by_hand_counts_for_everybody_and_no_team(self) -> None:
        scenario = Scenario(a_policy(an_endpoint_rule()), an_endpoint("ep", tags=VISION))
        scenario.telemetry.calls("ep", ZEROS)
        scenario.at("Mon 10:00")
        scenario.ledger.save(a_case("other"))  # so that the region is known
        scenario.apply(scenario.plan())

        scenario.at("Mon 09:00")

        assert digest_after(scenario).done == {ActionKind.DELETE: 1}
        assert digest_after(scenario, "vision").done == {}

    def test_of_a_rule_that_only_warns_has_nothing_but_unanswered_warnings(self) -> None:
        rule = an_endpoint_rule(mode=Mode.WARN)
        scenario = Scenario(a_policy(rule), an_endpoint("ep", tags=VISION))
        scenario.telemetry.calls("ep", ZEROS)
        scenario.at("Wed 10:00").sweep()

        scenario.at("Mon 09:00")
        found = digest_after(scenario, "VISION")

        [entry] = found.unanswered.shown
        assert (entry.name, entry.owner, (found.at - entry.at).days) == ("ep", "mina", 4)  # type: ignore[operator]  # it was warned of
        assert found.pending.count == 0

    def test_of_answers_tells_what_was_put_off_and_exempted(self) -> None:
        rule = an_endpoint_rule(grace=timedelta(days=30))
        scenario = Scenario(a_policy(rule), an_endpoint("a", tags=VISION), an_endpoint("b"))
        for name in "ab":
            scenario.telemetry.calls(name, ZEROS)
        scenario.at("Wed 10:00").sweep()
        now = scenario.clock.now()
        first, second = sorted(
            scenario.ledger.live_cases(ACCOUNT, REGION), key=lambda case: case.ref.name
        )
        until = (now + timedelta(days=10)).date()
        exempt(first.case_id, until, "a demo", Answer("mina", now), scenario.ledger)
        snooze(second.case_id, now + timedelta(days=7), Answer("tom", now), scenario.ledger)

        scenario.at("Mon 09:00")
        ops, team = digest_after(scenario), digest_after(scenario, "vision")

        assert (ops.exempted, ops.snoozed.count, ops.exemptions.count) == (1, 1, 1)
        assert (team.exempted, team.snoozed.count) == (1, 0)
        assert [(one.until, one.by) for one in team.exemptions.shown] == [(until, "mina")]


def test_exemptions_of_the_policy_that_run_out_are_told_to_ops_only() -> None:
    given = Exemption("demo-*", MONDAY_AFTER.date() + timedelta(days=3), "a demo", "policy")
    records = gather(MemoryLedger(), WEEK, MONDAY_AFTER, Known((given, given), places=4))

    [ops] = digests(records, WEEK, MONDAY_AFTER, ZONE, ["vision"])

    assert [one.resources for one in ops.exemptions.shown] == ["demo-*"]
    assert ops.places == 4


def test_a_halt_is_told_in_every_digest() -> None:
    ledger = MemoryLedger()
    ledger.halt("the bill looks wrong", "ops", MONDAY_AFTER)
    ledger.save(a_case("nb", team="vision", warned_at=MONDAY_AFTER))
    records = gather(ledger, WEEK, MONDAY_AFTER)

    found = list(digests(records, WEEK, MONDAY_AFTER, ZONE, ["vision", "search"]))

    assert [(one.team, one.halted) for one in found] == [
        (None, "the bill looks wrong"),
        ("vision", "the bill looks wrong"),
    ]


def test_what_ended_after_the_week_is_not_of_it_but_ends_what_stood_still() -> None:
    ledger = MemoryLedger()
    ended = a_case("ep", CaseState.DONE, ActionKind.DELETE, ended_at=MONDAY_AFTER)
    ledger.save(ended)
    ledger.record(an_outcome("2026-11-08 00:00", ActionKind.DELETE, "ep"))
    ledger.record(an_outcome(MONDAY_AFTER, ActionKind.DELETE, "late"))
    ledger.record(an_outcome("2026-09-01 00:00", ActionKind.DELETE, "old"))
    records = gather(ledger, WEEK, MONDAY_AFTER)

    found = digest_of(records, WEEK, MONDAY_AFTER, ZONE)

    assert list(records.ended) == []
    assert found.done == {ActionKind.DELETE: 1}
    assert found.hours == 24


class Printer:
    """An outbox that may be out of paper."""

    def __init__(self) -> None:
        self.broken = False
        self.printed: list[Digest] = []

    def put(self, digest: Digest) -> None:
        """Print a digest."""
        if self.broken:
            raise ActionFailedError("no paper")
        self.printed.append(digest)


class TestPublishing:
    def test_a_digest_is_published_once_however_often_it_is_made(self) -> None:
        ledger, printer = MemoryLedger(), Printer()
        first = digest_of(Records(), WEEK, MONDAY_AFTER, ZONE)
        later = MONDAY_AFTER + timedelta(days=2)
        again = digest_of(Records(halted="news"), WEEK, later, ZONE)

        sent = publish_once(first, printer, ledger, MONDAY_AFTER)
        sent_again = publish_once(again, printer, ledger, later)

        assert (sent, sent_again, printer.printed) == (True, False, [first])
        assert was_sent(again, ledger)

    def test_one_that_another_run_is_sending_is_left_to_it(self) -> None:
        ledger, printer = MemoryLedger(), Printer()
        digest = digest_of(Records(), WEEK, MONDAY_AFTER, ZONE)
        ledger.claim(f"digest:{digest.key}:publish", MONDAY_AFTER)

        assert not publish_once(digest, printer, ledger, MONDAY_AFTER + timedelta(minutes=2))
        assert printer.printed == []

    def test_one_that_was_not_taken_is_tried_again_at_once(self) -> None:
        ledger, printer = MemoryLedger(), Printer()
        digest = digest_of(Records(), WEEK, MONDAY_AFTER, ZONE)
        printer.broken = True
        with pytest.raises(ActionFailedError, match="no paper"):
            publish_once(digest, printer, ledger, MONDAY_AFTER)
        printer.broken = False

        assert publish_once(digest, printer, ledger, MONDAY_AFTER)

    def test_the_next_weeks_is_another_one(self) -> None:
        ledger, printer = MemoryLedger(), Printer()
        later = MONDAY_AFTER + timedelta(days=7)
        first = digest_of(Records(), WEEK, MONDAY_AFTER, ZONE)
        second = digest_of(Records(), last_week(later, ZONE), later, ZONE)

        for digest in (first, second):
            publish_once(digest, printer, ledger, digest.at)

        assert [one.first_day for one in printer.printed] == [date(2026, 11, 2), date(2026, 11, 9)]

"""What remains when a run ends in the middle, two run at once, or the policy changes between."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sagewarden.application.sweep import sweep
from sagewarden.domain.cases import CaseState
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from sagewarden.domain.scope import Mode
from tests.support.builders import (
    ACCOUNT,
    REGION,
    a_notebook,
    a_notebook_rule,
    a_policy,
    an_endpoint,
    an_endpoint_rule,
)
from tests.support.scenario import Scenario

HOUR = timedelta(hours=1)
QUIET = (0.0,) * 48


class PowerCut(BaseException):
    """The process is gone: nothing of ours catches this."""


def dies(_: object) -> str:
    """End the process."""
    raise PowerCut


def an_idle_endpoint(mode: Mode = Mode.ENFORCE) -> Scenario:
    scenario = Scenario(a_policy(an_endpoint_rule(mode=mode)), an_endpoint("ep"))
    scenario.telemetry.calls("ep", QUIET)
    return scenario


def cut(monkeypatch: pytest.MonkeyPatch, scenario: Scenario, after: str) -> None:
    """End the process right after a step of acting, until the patch is undone."""

    def dies(_: Outcome) -> None:
        raise PowerCut

    if after == "the call":
        monkeypatch.setattr(scenario.ledger, "record", dies)
    else:
        monkeypatch.setattr(scenario.notifier, "tell", dies)


def test_a_delete_whose_run_died_after_the_call_is_reported_as_done_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 20:00").sweep()
    cut(monkeypatch, scenario.at("Tue 21:00"), "the call")
    with pytest.raises(PowerCut):
        scenario.sweep()
    monkeypatch.undo()

    report = sweep(scenario.policy, REGION, scenario.hands, scenario.notifier, ACCOUNT)

    assert report.resolved == ()
    assert scenario.notifier.called_off == []
    assert [told.action.ref.name for told in scenario.notifier.told] == ["ep"]
    assert scenario.ledger.live_cases(ACCOUNT, REGION) == ()
    [outcome] = scenario.ledger.history(scenario.notifier.told[0].action.ref.arn)
    assert outcome.kind is OutcomeKind.APPLIED
    assert outcome.saving is not None
    assert outcome.saving.hourly_usd == Decimal("0.10")


def test_a_notebook_whose_stop_was_not_reported_is_started_again_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule = a_notebook_rule(start_again=True)
    scenario = Scenario(a_policy(rule), a_notebook("nb"))
    scenario.at("Mon 17:40").sweep()
    cut(monkeypatch, scenario.at("Mon 18:00"), "the call")
    with pytest.raises(PowerCut):
        scenario.sweep()
    monkeypatch.undo()
    scenario.at("Mon 18:05").sweep()

    scenario.at("Tue 09:00").sweep()

    assert scenario.status("nb") == "InService"
    assert scenario.executor.done == [("stop", "nb"), ("start", "nb")]


def test_a_run_that_died_before_it_told_anybody_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 20:00").sweep()
    cut(monkeypatch, scenario.at("Tue 21:00"), "the record")
    with pytest.raises(PowerCut):
        scenario.sweep()
    monkeypatch.undo()

    scenario.after(HOUR).sweep(ACCOUNT)

    assert scenario.executor.done == [("delete", "ep")]
    assert scenario.ledger.live_cases(ACCOUNT, REGION) == ()
    assert [outcome.action.ref.name for outcome in scenario.notifier.told] == ["ep"]


def test_of_two_runs_at_once_one_warns() -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 20:00")
    case_seen: list[str] = []

    def second_run(case: object, verdict: object, due_at: object, *, can_wait: bool) -> bool:
        """Let a second run sweep while the first one is posting its warning."""
        case_seen.append(str((case, verdict, due_at, can_wait)))
        if len(case_seen) == 1:
            scenario.sweep()
        return True

    scenario.notifier.warn = second_run  # type: ignore[method-assign, assignment]  # a slow Slack

    scenario.sweep()

    assert len(case_seen) == 1
    [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
    assert case.state is CaseState.WARNED


def test_what_was_done_is_done_though_another_run_took_it_up_meanwhile_and_let_go_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 20:00").sweep()
    scenario.at("Tue 21:00")
    tell, ledger = scenario.notifier.tell, scenario.ledger

    def told_after_another_run(outcome: Outcome) -> None:
        [acting] = ledger.live_cases(ACCOUNT, REGION)
        assert ledger.save(acting.not_acted())
        tell(outcome)

    monkeypatch.setattr(scenario.notifier, "tell", told_after_another_run)
    scenario.sweep()

    [ended] = ledger.ended_cases(ACCOUNT, REGION, scenario.clock.now() - HOUR)
    assert scenario.executor.done == [("delete", "ep")]
    assert ledger.live_cases(ACCOUNT, REGION) == ()
    assert ended.state is CaseState.DONE


def test_switching_from_warn_to_enforce_warns_anew_before_anything_happens() -> None:
    scenario = an_idle_endpoint(Mode.WARN)
    scenario.at("Mon 20:00").sweep()
    scenario.policy = a_policy(an_endpoint_rule(mode=Mode.ENFORCE))

    scenario.at("Wed 20:00").sweep()
    right_after = scenario.status("ep")
    scenario.at("Thu 20:00").sweep()

    assert right_after == "InService"
    followed = [due_at is not None for _, _, due_at in scenario.notifier.warnings]
    assert followed == [False, True]
    assert scenario.status("ep") == "gone"


def test_a_closing_that_was_announced_by_a_rule_that_only_warned_is_no_notice() -> None:
    policies = {mode: a_policy(a_notebook_rule(mode=mode)) for mode in Mode}
    scenario = Scenario(policies[Mode.WARN], a_notebook("nb"))
    scenario.at("Mon 17:30").sweep()
    ahead = list(scenario.notifier.warnings)
    scenario.at("Mon 18:00").sweep()
    scenario.policy = policies[Mode.ENFORCE]

    scenario.at("Mon 20:00").sweep()
    right_after = scenario.status("nb")
    scenario.at("Mon 20:30").sweep()

    assert ahead == []
    assert [due_at is not None for _, _, due_at in scenario.notifier.warnings] == [False, True]
    assert (right_after, scenario.status("nb")) == ("InService", "Stopped")


def test_a_run_that_died_before_the_call_does_not_count_as_done_when_the_endpoint_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 20:00").sweep()
    monkeypatch.setattr(scenario.executor, "execute", dies)
    with pytest.raises(PowerCut):
        scenario.at("Tue 21:00").sweep()
    monkeypatch.undo()
    scenario.telemetry.calls("ep", (*QUIET[1:], 1.0))

    report = scenario.after(HOUR).sweep()

    assert [case.state for case in report.resolved] == [CaseState.RESOLVED]
    assert scenario.notifier.told == []
    assert [case.ref.name for case in scenario.notifier.called_off] == ["ep"]


def test_cases_end_in_a_region_that_has_become_empty_when_the_account_is_known() -> None:
    scenario = an_idle_endpoint()
    scenario.at("Mon 20:00").sweep()
    scenario.inventory.remove("ep")

    report = sweep(scenario.policy, REGION, scenario.hands, scenario.notifier, ACCOUNT)

    assert [case.ref.name for case in report.resolved] == ["ep"]
    assert scenario.ledger.live_cases(ACCOUNT, REGION) == ()


def test_a_rule_that_only_watches_does_not_stand_in_the_way_of_one_that_acts() -> None:
    watching = an_endpoint_rule("watching", mode=Mode.OBSERVE)
    acting = an_endpoint_rule("acting")
    scenario = Scenario(a_policy(watching, acting), an_endpoint("ep"))
    scenario.telemetry.calls("ep", QUIET)

    plan = scenario.at("Mon 20:00").plan()

    assert [item.verdict.rule for item in plan.actions] == ["acting"]
    assert [item.rule for item in plan.left_alone] == ["watching"]


def test_a_policy_for_another_account_sees_nothing_and_says_so() -> None:
    scenario = an_idle_endpoint()
    policy = a_policy(an_endpoint_rule(), a_notebook_rule())
    scenario.policy = type(policy)(
        policy.fingerprint, policy.regions, policy.rules, policy.limits, ("999999999999",)
    )

    plan = scenario.at("Mon 20:00").plan()

    assert plan.actions == ()
    assert plan.left_alone == ()
    assert [item.what for item in plan.incomplete] == [f"account {ACCOUNT}"]

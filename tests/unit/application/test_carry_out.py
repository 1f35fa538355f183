from datetime import datetime, timedelta

import pytest

from sagewarden.application.carry_out import carry_out
from sagewarden.application.ports import ActionFailedError
from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.cases import case_id
from sagewarden.domain.outcomes import OutcomeKind
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import Endpoint
from sagewarden.domain.rules import Rule
from sagewarden.domain.scope import EXEMPT_TAG
from sagewarden.domain.verdicts import Verdict
from tests.support.builders import (
    ACCOUNT,
    LONG_AGO,
    REGION,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_ref,
    a_scope,
    a_serverless_variant,
    a_variant,
    a_violation,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
)
from tests.support.scenario import Scenario

HOURS = a_notebook_rule()
IDLE = an_endpoint_rule()
QUARTER = timedelta(minutes=15)


def an_idle_endpoint() -> tuple[Scenario, Verdict]:
    """A scenario with an idle endpoint, a busy one, and the verdict on the idle one."""
    scenario = Scenario(a_policy(IDLE), an_endpoint("idle"), an_endpoint("busy"))
    scenario.telemetry.calls("idle", ZEROS)
    scenario.telemetry.calls("busy", (1.0,))
    scenario.at("Mon 20:00")
    return scenario, scenario.plan().actions[0].verdict


def a_running_notebook() -> tuple[Scenario, Verdict]:
    scenario = Scenario(a_policy(HOURS), a_notebook("nb"), a_notebook("other")).at("Mon 20:00")
    return scenario, scenario.plan().actions[0].verdict


class TestWhatIsDone:
    def test_exactly_the_named_endpoint_is_deleted(self) -> None:
        scenario, verdict = an_idle_endpoint()

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.APPLIED
        assert scenario.inventory.names == {"busy"}
        assert scenario.executor.done == [("delete", "idle")]

    def test_exactly_the_named_notebook_is_stopped(self) -> None:
        scenario, verdict = a_running_notebook()

        outcome = carry_out(verdict, HOURS, scenario.hands)

        assert outcome.kind is OutcomeKind.APPLIED
        assert (scenario.status("nb"), scenario.status("other")) == ("Stopped", "InService")
        assert outcome.undo == "aws sagemaker start-notebook-instance --notebook-instance-name nb"

    def test_it_is_recorded_with_the_time_the_money_and_the_way_back(self) -> None:
        scenario, verdict = a_running_notebook()

        outcome = carry_out(verdict, HOURS, scenario.hands)

        assert list(scenario.ledger.history(verdict.ref.arn)) == [outcome]
        assert outcome.at == scenario.clock.now()
        assert (outcome.rule, outcome.action) == (HOURS.scope.rule, verdict.action)
        assert verdict.saving is not None
        assert outcome.saving == verdict.saving

    @pytest.mark.parametrize(
        ("endpoint", "kind"),
        [
            (an_endpoint_of_components("ep", "llama"), ActionKind.SCALE_TO_ZERO),
            (
                an_endpoint("ep", a_serverless_variant()),
                ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
            ),
        ],
    )
    def test_a_manifest_precedes_whatever_changes_an_endpoint(
        self, endpoint: Endpoint, kind: ActionKind
    ) -> None:
        scenario = Scenario(a_policy(IDLE), endpoint).at("Mon 20:00")
        scenario.telemetry.component_calls("llama", ZEROS)
        scenario.telemetry.calls("ep", ZEROS)
        verdict = scenario.plan().actions[0].verdict

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.APPLIED
        assert scenario.executor.deeds == [("manifest", "ep"), (kind.value, "ep")]
        assert len(scenario.ledger.manifests(verdict.ref.arn)) == 1

    def test_a_stop_needs_none(self) -> None:
        scenario, verdict = a_running_notebook()

        carry_out(verdict, HOURS, scenario.hands)

        assert scenario.executor.deeds == [("stop", "nb")]


class TestASecondLook:
    def test_a_call_since_the_plan_saves_an_endpoint(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.telemetry.calls("idle", (*ZEROS[1:], 1.0))

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert outcome.reason.startswith("COMPLIANT now: in use")
        assert scenario.executor.deeds == []

    def test_metrics_that_can_no_longer_be_read_save_it_too_and_that_is_said(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.telemetry.calls("idle", None)

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.FAILED
        assert outcome.reason == (
            "nothing was done: could not read the metrics of idle: CloudWatch gave no data"
        )
        assert scenario.executor.deeds == []

    def test_the_metrics_are_those_up_to_this_very_moment(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.after(timedelta(hours=3))
        scenario.telemetry.windows.clear()

        carry_out(verdict, IDLE, scenario.hands)

        assert [window.end for window in scenario.telemetry.windows] == [scenario.clock.now()]

    @pytest.mark.parametrize(
        ("tags", "reason"),
        [
            ({EXEMPT_TAG: "2027-01-31: migrating"}, "EXEMPT now: exempt by its owner"),
            ({"terraform": "yes"}, "EXEMPT now: managed by infrastructure as code"),
            ({EXEMPT_TAG: "next year"}, "UNKNOWN now: its exemption cannot be read"),
        ],
    )
    def test_a_tag_since_the_plan_saves_it(self, tags: dict[str, str], reason: str) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.human_tags("idle", **tags)

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert outcome.reason.startswith(reason)
        assert scenario.status("idle") == "InService"

    @pytest.mark.parametrize(
        ("now", "reason"),
        [
            (
                an_endpoint("idle", created=LONG_AGO + QUARTER),
                "it was created anew at 2026-09-01T00:15:00+00:00",
            ),
            (an_endpoint("idle", status="Updating"), "it is Updating now, no longer InService"),
            (
                an_endpoint("idle", config_name="config-2"),
                "it runs endpoint config config-2 now, not config-1",
            ),
            (
                an_endpoint("idle", modified=LONG_AGO + QUARTER),
                "it was modified at 2026-09-01T00:15:00+00:00, after the plan was made",
            ),
        ],
    )
    def test_another_state_than_the_plans_is_left_alone(self, now: Endpoint, reason: str) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.inventory.put(now)

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert (outcome.kind, outcome.reason) == (OutcomeKind.STALE, reason)
        assert scenario.executor.deeds == []

    def test_what_is_gone_is_left_alone(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.inventory.remove("idle")

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert (outcome.kind, outcome.reason) == (OutcomeKind.STALE, "it is gone")

    def test_what_the_rule_no_longer_covers_is_left_alone(self) -> None:
        scenario, verdict = an_idle_endpoint()
        narrowed = an_endpoint_rule(scope=a_scope(names=("other-*",)))

        outcome = carry_out(verdict, narrowed, scenario.hands)

        assert (outcome.kind, outcome.reason) == (
            OutcomeKind.STALE,
            "the rule no longer covers it",
        )

    def test_another_action_than_the_planned_one_is_not_taken_instead(self) -> None:
        scenario, verdict = an_idle_endpoint()
        serverless = an_endpoint("idle", a_serverless_variant())
        scenario.inventory.put(serverless)

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.executor.deeds == []

    def test_a_notebook_is_not_stopped_once_its_hours_have_begun(self) -> None:
        scenario, verdict = a_running_notebook()
        scenario.at("Tue 09:00")

        outcome = carry_out(verdict, HOURS, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.status("nb") == "InService"

    def test_a_notebook_that_a_human_restarted_meanwhile_is_not_stopped(self) -> None:
        scenario, verdict = a_running_notebook()
        scenario.human_restarts("nb")

        outcome = carry_out(verdict, HOURS, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.status("nb") == "InService"

    def test_variants_that_came_meanwhile_are_read_too(self) -> None:
        scenario, verdict = an_idle_endpoint()
        two = an_endpoint("idle", a_variant("AllTraffic"), a_variant("canary"))
        scenario.inventory.put(two)

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert "idle/canary has 0 of 48" in outcome.reason

    def test_an_endpoint_that_can_no_longer_be_described_is_left_alone(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.inventory.put(an_endpoint("idle", described=False))

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.STALE
        assert scenario.executor.deeds == []


class TestFailures:
    def test_what_cannot_be_read_again_is_not_touched(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.inventory.unreadable = {"idle"}

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.FAILED
        assert outcome.reason.startswith("nothing was done: could not read idle")
        assert scenario.executor.deeds == []

    def test_without_a_manifest_nothing_is_deleted(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.executor.no_manifest = {"idle"}

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.FAILED
        assert scenario.executor.done == []
        assert scenario.status("idle") == "InService"

    def test_a_refused_call_is_recorded_with_what_aws_said(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.executor.failing = {"idle"}

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.FAILED
        assert outcome.reason == "delete of idle: ThrottlingException"
        assert list(scenario.ledger.history(verdict.ref.arn)) == [outcome]
        assert len(scenario.ledger.manifests(verdict.ref.arn)) == 1


class TestLostAnswers:
    def test_what_is_gone_after_its_deletion_was_not_answered_was_deleted(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.executor.losing_answers = {"idle"}

        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.kind is OutcomeKind.APPLIED
        assert outcome.reason == (
            "delete: done, though AWS's answer was lost (delete of idle: ReadTimeout)"
        )
        assert outcome.way_back == f"sagewarden restore {verdict.ref.arn}"

    def test_what_is_stopped_after_its_stop_was_not_answered_was_stopped(self) -> None:
        scenario, verdict = a_running_notebook()
        scenario.executor.losing_answers = {"nb"}

        outcome = carry_out(verdict, HOURS, scenario.hands)

        assert outcome.kind is OutcomeKind.APPLIED
        stopped = scenario.ledger.stopped_by_us(ACCOUNT, REGION, HOURS.scope.rule)
        assert verdict.ref.arn in stopped

    def test_what_is_as_it_was_was_not_touched(self) -> None:
        scenario, verdict = an_idle_endpoint()

        def lost(action: Action) -> str | None:
            raise ActionFailedError(f"{action.kind}: ConnectionClosed", in_doubt=True)

        scenario.executor.execute = lost  # type: ignore[method-assign]  # it never arrives
        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, "delete: ConnectionClosed")

    def test_what_cannot_be_looked_at_either_is_a_failure(self) -> None:
        scenario, verdict = an_idle_endpoint()

        def lost(action: Action) -> str | None:
            scenario.inventory.unreadable = {"idle"}
            raise ActionFailedError(f"{action.kind}: ReadTimeout", in_doubt=True)

        scenario.executor.execute = lost  # type: ignore[method-assign]  # AWS is down
        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert (outcome.kind, outcome.reason) == (OutcomeKind.FAILED, "delete: ReadTimeout")


class TestClaims:
    def test_a_claim_that_cannot_be_given_up_hides_nothing_of_what_was_done(self) -> None:
        scenario, verdict = an_idle_endpoint()
        scenario.executor.failing = {"idle"}

        def refuse(key: str, claimed_at: datetime) -> None:
            raise ActionFailedError(f"{key} at {claimed_at}: throttled")

        scenario.ledger.release = refuse  # type: ignore[method-assign]  # the ledger is throttled
        outcome = carry_out(verdict, IDLE, scenario.hands)

        assert outcome.reason == "delete of idle: ThrottlingException"

    def test_a_duplicate_does_nothing(self) -> None:
        scenario, verdict = a_running_notebook()

        first = carry_out(verdict, HOURS, scenario.hands)
        second = carry_out(verdict, HOURS, scenario.hands)

        assert [first.kind, second.kind] == [OutcomeKind.APPLIED, OutcomeKind.SKIPPED]
        assert second.reason == "already claimed by this or another run"
        assert scenario.executor.done == [("stop", "nb")]
        assert list(scenario.ledger.history(verdict.ref.arn)) == [first]

    def test_a_late_duplicate_finds_that_it_is_done(self) -> None:
        scenario, verdict = a_running_notebook()

        carry_out(verdict, HOURS, scenario.hands)
        scenario.after(timedelta(hours=1))
        late = carry_out(verdict, HOURS, scenario.hands)

        assert late.kind is OutcomeKind.STALE
        assert late.reason == "it is Stopped now, no longer InService"
        assert scenario.executor.done == [("stop", "nb")]

    def test_what_did_not_succeed_may_be_tried_again_at_once(self) -> None:
        scenario, verdict = a_running_notebook()
        scenario.executor.failing = {"nb"}

        failed = carry_out(verdict, HOURS, scenario.hands)
        scenario.executor.failing = set()
        again = carry_out(verdict, HOURS, scenario.hands)

        assert [failed.kind, again.kind] == [OutcomeKind.FAILED, OutcomeKind.APPLIED]
        assert list(scenario.ledger.history(verdict.ref.arn)) == [failed, again]

    def test_a_claim_of_a_run_that_crashed_lapses(self) -> None:
        scenario, verdict = a_running_notebook()
        scenario.ledger.claim(case_id(verdict), scenario.clock.now())

        scenario.after(QUARTER - timedelta(seconds=1))
        held = carry_out(verdict, HOURS, scenario.hands)
        scenario.after(timedelta(seconds=1))
        lapsed = carry_out(verdict, HOURS, scenario.hands)

        assert [held.kind, lapsed.kind] == [OutcomeKind.SKIPPED, OutcomeKind.APPLIED]


class TestHalt:
    def test_a_halt_stops_everything_and_leaves_no_claim(self) -> None:
        scenario, verdict = a_running_notebook()
        scenario.ledger.halt("incident 42", "ops", scenario.clock.now())

        halted = carry_out(verdict, HOURS, scenario.hands)
        scenario.ledger.resume("ops", scenario.clock.now())
        resumed = carry_out(verdict, HOURS, scenario.hands)

        assert (halted.kind, halted.reason) == (OutcomeKind.SKIPPED, "halted: incident 42")
        assert resumed.kind is OutcomeKind.APPLIED


class TestMisuse:
    def test_a_verdict_without_an_action_is_refused(self) -> None:
        scenario, _ = a_running_notebook()
        fine = a_scope().verdict(a_notebook(), a_violation().kind, "it is fine")

        with pytest.raises(ValueError, match="no action for nb: it is fine"):
            carry_out(fine, HOURS, scenario.hands)

    @pytest.mark.parametrize(("rule", "name"), [(IDLE, "nb"), (HOURS, "ep")])
    def test_a_rule_of_another_kind_is_refused(self, rule: Rule, name: str) -> None:
        scenario = Scenario(a_policy(HOURS, IDLE), a_notebook("nb"), an_endpoint("ep"))
        scenario.telemetry.calls("ep", ZEROS)
        scenario.at("Mon 20:00")
        verdict = next(
            planned.verdict
            for planned in scenario.plan().actions
            if planned.verdict.ref.name == name
        )

        with pytest.raises(ValueError, match="does not speak of"):
            carry_out(verdict, rule, scenario.hands)

        assert scenario.executor.deeds == []


def test_a_part_that_was_unread_elsewhere_does_not_matter_here() -> None:
    scenario, verdict = a_running_notebook()
    scenario.inventory.incomplete = (Incomplete("tags of other notebooks", "throttled"),)

    outcome = carry_out(verdict, HOURS, scenario.hands)

    assert outcome.kind is OutcomeKind.APPLIED
    assert scenario.inventory.reread_names == [a_ref("nb").name]

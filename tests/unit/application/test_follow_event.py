"""Events lead to a look, a tag and a warning; only a sweep stops and deletes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.application.ports import UnreadableError
from sagewarden.domain.cases import CaseState
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.guardrails.conditions import AllowedValue, RequiredTags
from sagewarden.domain.guardrails.identity import NOBODY
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import Guardrail
from sagewarden.domain.notebook_hours import NotebookHours
from sagewarden.domain.resources import NotebookStatus
from sagewarden.domain.scope import Mode, TagMatch
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    ACCOUNT,
    REGION,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_scope,
    a_training_job,
    a_variant,
    an_endpoint,
)
from tests.support.events import a_call, a_guardrail, a_notebook_call, a_role
from tests.support.scenario import Scenario

P4 = "ml.p4d.24xlarge"
HOUR = timedelta(hours=1)
STUDIO = a_role("SageMaker")
PROFILE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/lee"
CONFIG = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/config"


def stopping(mode: Mode = Mode.ENFORCE) -> Guardrail:
    scope = a_scope("guard", mode=mode)
    return a_guardrail(remedies=(Remedy.STOP, Remedy.DELETE), scope=scope, grace=HOUR)


def tagging(mode: Mode = Mode.ENFORCE, *more: Remedy) -> Guardrail:
    return a_guardrail(
        RequiredTags({"Owner": AllowedValue()}),
        remedies=(Remedy.TAG_OWNER, *more),
        scope=a_scope("owned", mode=mode),
        grace=HOUR,
    )


def a_config_call(**more: Any) -> Call:
    request = {
        "endpointConfigName": "config",
        "productionVariants": [{"variantName": "A", "instanceType": P4}],
    }
    return a_call(
        "CreateEndpointConfig", request, responseElements={"endpointConfigArn": CONFIG}, **more
    )


def a_state_change(status: str) -> Call:
    call = a_notebook_call(P4)
    subject = replace(call.subject, tags=None)
    return replace(call, operation=f"it is {status}", subject=subject)


class TestWarning:
    def test_a_forbidden_type_is_warned_of_at_once_and_stopped_by_a_sweep(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_notebook("nb", instance_type=P4))

        report = scenario.at("Mon 10:00").event(a_notebook_call(P4))
        warned = scenario.notifier.warned
        scenario.at("Mon 10:59").sweep()
        before = scenario.status("nb")
        scenario.at("Mon 11:00").sweep()

        assert [case.ref.name for case in report.warned] == warned == ["nb"]
        assert (before, scenario.status("nb")) == ("InService", "Stopped")

    def test_an_event_alone_stops_nothing_however_late_it_comes(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_notebook("nb", instance_type=P4))
        scenario.at("Mon 10:00").event(a_notebook_call(P4))

        report = scenario.at("Tue 10:00").event(a_notebook_call(P4))

        assert (report.outcomes, scenario.executor.deeds) == ((), [])
        assert scenario.notifier.warned == ["nb"]

    def test_a_notebook_still_pending_is_warned_of_when_it_is_in_service(self) -> None:
        pending = a_notebook("nb", instance_type=P4, status="Pending")
        scenario = Scenario(a_policy(stopping()), pending)
        scenario.event(a_notebook_call(P4))
        nobody = list(scenario.notifier.warned)

        scenario.inventory.put(replace(pending, status=NotebookStatus.IN_SERVICE))
        scenario.event(a_state_change("InService"))

        assert (nobody, scenario.notifier.warned) == ([], ["nb"])

    def test_the_same_event_twice_warns_once(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_notebook("nb", instance_type=P4))

        for _ in range(2):
            scenario.event(a_notebook_call(P4))

        assert scenario.notifier.warned == ["nb"]

    def test_what_the_resource_is_now_counts_not_what_the_event_told(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_notebook("nb", instance_type="ml.t3.medium"))

        report = scenario.event(a_notebook_call(P4))

        assert [item.kind for item in report.plan.left_alone] == [VerdictKind.COMPLIANT]
        assert scenario.notifier.warned == []

    def test_an_endpoint_is_judged_by_its_config(self) -> None:
        endpoint = an_endpoint("ep", a_variant(instance_types=(P4,)))
        scenario = Scenario(a_policy(stopping()), endpoint)

        scenario.event(a_call("CreateEndpoint", {"endpointName": "ep", "endpointConfigName": "c"}))
        scenario.after(HOUR).sweep()

        assert scenario.notifier.warned == ["ep"]
        assert scenario.executor.deeds == [("manifest", "ep"), ("delete", "ep")]

    def test_a_training_job_is_stopped_after_its_definition_was_stored(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_training_job(instance_types=(P4,)))
        request = {"trainingJobName": "job", "resourceConfig": {"instanceType": P4}}

        scenario.event(a_call("CreateTrainingJob", request))
        scenario.after(HOUR).sweep()

        assert scenario.notifier.warned == ["job"]
        assert scenario.executor.deeds == [("manifest", "job"), ("stop", "job")]

    def test_what_is_gone_is_left_alone(self) -> None:
        scenario = Scenario(a_policy(stopping()))

        report = scenario.event(a_notebook_call(P4))

        assert (report.plan.actions, report.plan.left_alone) == ((), ())

    def test_what_cannot_be_read_must_be_followed_up_later(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_notebook("nb", instance_type=P4))
        scenario.inventory.unreadable.add("nb")

        with pytest.raises(UnreadableError, match="nb"):
            scenario.event(a_notebook_call(P4))

    def test_what_is_compliant_by_the_event_costs_no_call(self) -> None:
        scenario = Scenario(a_policy(stopping(), tagging()), a_notebook("nb"))

        report = scenario.event(a_notebook_call(tags={"Owner": "kim"}))

        assert [item.kind for item in report.plan.left_alone] == [VerdictKind.COMPLIANT] * 2
        assert scenario.inventory.reread_names == []

    def test_a_rule_that_observes_tells_nobody(self) -> None:
        scenario = Scenario(a_policy(stopping(Mode.OBSERVE)), a_notebook("nb", instance_type=P4))

        scenario.event(a_notebook_call(P4))

        assert scenario.notifier.warned == []

    def test_a_rule_that_warns_announces_no_deed(self) -> None:
        scenario = Scenario(a_policy(stopping(Mode.WARN)), a_notebook("nb", instance_type=P4))

        scenario.event(a_notebook_call(P4))

        assert [due for _, _, due in scenario.notifier.warnings] == [None]

    def test_what_the_ledger_exempts_is_left_alone_with_or_without_a_snapshot(self) -> None:
        scenario = Scenario(a_policy(stopping()), a_notebook("nb", instance_type=P4))
        scenario.inventory.other_tags[CONFIG] = {}
        for name in ("nb", "config"):
            scenario.ledger.exempt(Exemption(name, None, "a trial", "mina", scenario.clock.now()))

        for call in (a_notebook_call(P4), a_config_call()):
            report = scenario.event(call)
            assert [item.kind for item in report.plan.left_alone] == [VerdictKind.EXEMPT]

        assert scenario.notifier.warnings == []

    def test_a_protected_resource_is_left_alone(self) -> None:
        rule = replace(stopping(), scope=a_scope("guard", protections=(TagMatch("Keep"),)))
        scenario = Scenario(
            a_policy(rule), a_notebook("nb", instance_type=P4, tags={"Keep": "yes"})
        )

        report = scenario.event(a_notebook_call(P4))

        assert [item.kind for item in report.plan.left_alone] == [VerdictKind.EXEMPT]


class TestTheOwnersTag:
    def test_who_called_becomes_the_owner_at_once(self) -> None:
        scenario = Scenario(a_policy(tagging()), a_notebook("nb"))

        report = scenario.event(a_notebook_call())

        assert scenario.inventory.named("nb").tags == {"Owner": "kim"}
        assert [outcome.kind for outcome in report.outcomes] == ["APPLIED"]
        assert [item.kind for item in report.plan.left_alone] == [VerdictKind.COMPLIANT]
        assert (scenario.notifier.warned, len(scenario.notifier.told)) == ([], 1)

    def test_what_else_is_wrong_is_told_to_the_owner_who_was_just_named(self) -> None:
        demands = RequiredTags({"Owner": AllowedValue(), "CostCenter": AllowedValue()})
        rule = replace(tagging(Mode.ENFORCE, Remedy.NOTIFY), conditions=(demands,))
        scenario = Scenario(a_policy(rule), a_notebook("nb"))

        scenario.event(a_notebook_call())

        [(case, verdict, due)] = scenario.notifier.warnings
        assert (case.ref.name, verdict.reason, due) == ("nb", "tag CostCenter is missing", None)

    def test_a_case_that_an_event_opens_knows_its_team(self) -> None:
        notebook = a_notebook("nb", tags={"Team": "vision"})
        rule = replace(tagging(), remedies=(Remedy.NOTIFY,))
        scenario = Scenario(a_policy(rule), notebook)

        scenario.event(a_notebook_call())

        [(case, _, _)] = scenario.notifier.warnings
        assert (case.owner, case.team) == ("kim", "vision")

    def test_a_call_from_studio_is_its_profiles_owners(self) -> None:
        notebook = a_notebook("nb", tags={"sagemaker:user-profile-arn": PROFILE})
        scenario = Scenario(a_policy(tagging()), notebook)
        scenario.inventory.other_tags[PROFILE] = {"Owner": "lee@example.com"}

        scenario.event(a_notebook_call(identity=STUDIO))

        tags = scenario.inventory.named("nb").tags or {}
        assert tags["Owner"] == "lee@example.com"

    def test_without_an_owners_tag_the_profile_itself_names_the_owner(self) -> None:
        notebook = a_notebook("nb", tags={"sagemaker:user-profile-arn": PROFILE})
        scenario = Scenario(a_policy(tagging()), notebook)
        scenario.inventory.other_tags[PROFILE] = {}

        scenario.event(a_notebook_call(identity=STUDIO))

        tags = scenario.inventory.named("nb").tags or {}
        assert tags["Owner"] == "lee"

    def test_a_tag_that_points_into_another_account_is_not_believed(self) -> None:
        elsewhere = PROFILE.replace(ACCOUNT, "999999999999")
        notebook = a_notebook("nb", tags={"sagemaker:space-arn": elsewhere})
        scenario = Scenario(a_policy(tagging()), notebook)
        scenario.inventory.other_tags[elsewhere] = {"Owner": "mallory"}

        scenario.event(a_notebook_call(identity=STUDIO))

        assert scenario.inventory.tags_read == []
        assert "Owner" not in (scenario.inventory.named("nb").tags or {})

    def test_where_nobody_is_named_it_is_told_and_not_guessed(self) -> None:
        scenario = Scenario(a_policy(tagging()), a_notebook("nb"))

        scenario.event(a_notebook_call(identity=STUDIO))

        assert scenario.executor.deeds == []
        assert scenario.notifier.warned == ["nb"]

    def test_a_change_of_state_that_comes_before_the_call_accuses_nobody(self) -> None:
        scenario = Scenario(a_policy(tagging(Mode.ENFORCE, Remedy.NOTIFY)), a_notebook("nb"))

        scenario.event(replace(a_state_change("InService"), identity=NOBODY))
        before = list(scenario.notifier.warned)
        scenario.event(a_notebook_call())

        assert (before, scenario.notifier.warned) == ([], [])
        assert scenario.inventory.named("nb").tags == {"Owner": "kim"}

    def test_a_rule_that_warns_tells_and_writes_no_tag(self) -> None:
        scenario = Scenario(a_policy(tagging(Mode.WARN)), a_notebook("nb"))

        scenario.event(a_notebook_call())

        assert (scenario.executor.deeds, scenario.notifier.warned) == ([], ["nb"])

    def test_a_halt_writes_no_tag(self, monkeypatch: pytest.MonkeyPatch) -> None:
        scenario = Scenario(a_policy(tagging()), a_notebook("nb"))
        monkeypatch.setattr(scenario.ledger, "halted", lambda: "incident")

        scenario.event(a_notebook_call())

        assert scenario.executor.deeds == []


class TestWhatHasNoSnapshot:
    def test_a_config_is_tagged_with_its_owner(self) -> None:
        scenario = Scenario(a_policy(tagging()))
        scenario.inventory.other_tags[CONFIG] = {}

        scenario.event(a_config_call())
        scenario.event(a_config_call())

        assert scenario.inventory.other_tags[CONFIG] == {"Owner": "kim"}
        assert scenario.executor.deeds == [("tag-owner", "config")]

    def test_its_owner_is_told_once_and_no_sweep_calls_it_off(self) -> None:
        scenario = Scenario(a_policy(stopping()))
        scenario.inventory.other_tags[CONFIG] = {"Owner": "kim"}

        scenario.event(a_config_call())
        scenario.event(a_config_call())
        scenario.after(HOUR).sweep()

        [(case, _, due)] = scenario.notifier.warnings
        stored = scenario.ledger.case(case.case_id)
        assert (case.ref.name, due) == ("config", None)
        assert stored is not None
        assert stored.state is CaseState.DONE
        assert scenario.notifier.called_off == []

    def test_a_notice_that_nobody_accepted_is_given_again(self) -> None:
        scenario = Scenario(a_policy(stopping()))
        scenario.inventory.other_tags[CONFIG] = {"Owner": "kim"}
        scenario.notifier.accepting = False
        scenario.event(a_config_call())
        scenario.sweep()

        scenario.notifier.accepting = True
        scenario.event(a_config_call())

        assert scenario.notifier.warned == ["config"]

    def test_a_config_that_is_gone_is_left_alone(self) -> None:
        scenario = Scenario(a_policy(stopping()))

        scenario.event(a_config_call())

        assert scenario.notifier.warned == []


class TestInASweep:
    def test_an_owner_is_told_once_of_what_stays_wrong_and_once_when_it_is_mended(self) -> None:
        scenario = Scenario(a_policy(tagging(Mode.ENFORCE, Remedy.NOTIFY)), a_notebook("nb"))

        for day in ("Mon 10:00", "Tue 10:00", "Wed 10:00"):
            scenario.at(day).sweep()
            scenario.human_stops("nb")
            scenario.human_restarts("nb")
        told = list(scenario.notifier.warned)
        scenario.human_tags("nb", Owner="kim")
        scenario.at("Thu 10:00").sweep()

        assert told == ["nb"]
        assert [case.ref.name for case in scenario.notifier.called_off] == ["nb"]

    def test_a_notebook_stopped_by_a_guardrail_does_not_start_in_the_morning(self) -> None:
        hours: NotebookHours = a_notebook_rule(start_again=True)
        scenario = Scenario(
            a_policy(stopping(), hours), a_notebook("nb", instance_type=P4), a_notebook("small")
        )
        scenario.at("Mon 10:00").sweep()
        scenario.at("Mon 11:00").sweep()
        for minutes in ("17:45", "18:15", "18:30"):
            scenario.at(f"Mon {minutes}").sweep()
        evening = (scenario.status("nb"), scenario.status("small"))

        scenario.at("Tue 09:05").sweep()

        assert evening == ("Stopped", "Stopped")
        assert (scenario.status("nb"), scenario.status("small")) == ("Stopped", "InService")

    def test_the_owner_named_by_studio_is_written_in_a_sweep_too(self) -> None:
        notebook = a_notebook("nb", tags={"sagemaker:user-profile-arn": PROFILE})
        scenario = Scenario(a_policy(tagging()), notebook)

        scenario.sweep()

        assert (scenario.inventory.named("nb").tags or {})["Owner"] == "lee"

    def test_a_notice_takes_no_place_from_a_stop_nor_from_the_bounds(self) -> None:
        notebooks = [a_notebook(f"nb{number}", instance_type=P4) for number in range(30)]
        rules = (tagging(Mode.ENFORCE, Remedy.NOTIFY), stopping())

        plan = Scenario(a_policy(*rules), *notebooks).plan()

        assert [item.verdict.rule for item in plan.actions] == ["guard"] * 30
        assert plan.exceeded == ()

from dataclasses import replace
from typing import Any

import pytest

from sagewarden.application.judge_event import judge_event
from sagewarden.domain.guardrails.call import Call
from sagewarden.domain.guardrails.conditions import (
    AllowedValue,
    CountCap,
    DeniedTypes,
    Figures,
    RequiredTags,
    VolumeCeiling,
)
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import (
    CallVerdict,
    Guardrail,
    Step,
    judge_call,
)
from sagewarden.domain.scope import TagMatch
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import ACCOUNT, REGION, a_notebook_rule, a_policy, a_scope
from tests.support.events import KIM, a_call, a_guardrail, a_notebook_call, a_role

P4 = "ml.p4d.24xlarge"
OWNED = {"Owner": "kim"}
NEEDS_OWNER = RequiredTags({"Owner": AllowedValue()})
PROFILE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/d-1/lee"


def judge(call: Call, rule: Guardrail | None = None) -> CallVerdict:
    return judge_call(call, rule or a_guardrail(), Figures())


def remedies(verdict: CallVerdict) -> list[Remedy]:
    return [step.remedy for step in verdict.steps]


class TestVerdicts:
    def test_a_denied_type_is_a_violation_and_its_owner_is_told(self) -> None:
        found = judge(a_notebook_call(P4, OWNED))

        assert found == CallVerdict(
            "guard",
            VerdictKind.VIOLATION,
            f"{P4} is denied (ml.p4*)",
            (Step(Remedy.NOTIFY, "its owner is told"),),
        )

    def test_another_type_is_compliant_and_nothing_follows(self) -> None:
        found = judge(a_notebook_call("ml.t3.medium"))

        assert (found.kind, found.steps) == (VerdictKind.COMPLIANT, ())

    def test_a_call_that_failed_enforces_nothing(self) -> None:
        found = judge(a_notebook_call(P4, errorCode="ResourceLimitExceeded"))

        assert (found.kind, found.steps) == (VerdictKind.NOT_APPLICABLE, ())
        assert "ResourceLimitExceeded" in found.reason

    def test_a_rule_for_others_does_not_apply(self) -> None:
        found = judge(a_notebook_call(P4), a_guardrail(kinds=("endpoint", "training-job")))

        assert found.kind is VerdictKind.NOT_APPLICABLE
        assert found.reason == "the rule does not speak of a notebook-instance"

    @pytest.mark.parametrize(
        ("operation", "request_", "kinds"),
        [
            (
                "CreateEndpointConfig",
                {"productionVariants": [{"instanceType": P4}]},
                ("endpoint",),
            ),
            (
                "CreateInferenceComponent",
                {"specification": {"instanceType": P4}},
                ("endpoint",),
            ),
            (
                "CreateHyperParameterTuningJob",
                {"trainingJobDefinition": {"resourceConfig": {"instanceType": P4}}},
                ("training-job",),
            ),
        ],
    )
    def test_what_decides_on_the_instances_of_another_kind_is_judged_for_it(
        self, operation: str, request_: Any, kinds: tuple[str, ...]
    ) -> None:
        call = a_call(operation, request_)

        types = judge(call, a_guardrail(kinds=kinds))
        tags = judge(call, a_guardrail(NEEDS_OWNER, kinds=kinds))

        assert types.kind is VerdictKind.VIOLATION
        assert tags.kind is VerdictKind.NOT_APPLICABLE

    @pytest.mark.parametrize(
        ("operation", "request_"),
        [
            ("UpdateNotebookInstance", {"notebookInstanceName": "nb", "instanceType": P4}),
            ("StartNotebookInstance", {"notebookInstanceName": "nb"}),
            ("AddTags", {"resourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/ep"}),
            ("CreateNotebookInstance", None),
        ],
    )
    def test_a_call_that_does_not_tell_the_tags_leaves_it_to_a_look_at_the_resource(
        self, operation: str, request_: Any
    ) -> None:
        found = judge(a_call(operation, request_))

        assert (found.kind, found.steps) == (VerdictKind.UNKNOWN, ())
        assert "looked at" in found.reason

    def test_an_endpoints_instances_are_unknown_when_it_is_created(self) -> None:
        found = judge(a_call("CreateEndpoint", {"endpointName": "ep", "tags": []}))

        assert found.kind is VerdictKind.UNKNOWN

    def test_how_many_run_beside_it_no_call_tells(self) -> None:
        found = judge(a_notebook_call(), a_guardrail(CountCap(3)))

        assert found.kind is VerdictKind.UNKNOWN

    def test_volumes_are_judged_when_they_are_asked_for(self) -> None:
        call = a_call("CreateTrainingJob", {"resourceConfig": {"volumeSizeInGB": 2000}})

        found = judge(call, a_guardrail(VolumeCeiling(500)))

        assert found.reason == "a volume has 2000 GB, more than 500"

    def test_types_that_nothing_runs_on_are_no_violation(self) -> None:
        call = a_call(
            "CreateUserProfile",
            {"userSettings": {"studioWebPortalSettings": {"hiddenInstanceTypes": [P4]}}},
        )

        found = judge(call)

        assert call.named_types == (P4,)
        assert found.kind is VerdictKind.COMPLIANT


class TestReach:
    def test_a_rule_for_a_stage_spares_the_others(self) -> None:
        rule = a_guardrail(scope=a_scope("guard", when=(TagMatch("Stage", ("dev",)),)))

        assert judge(a_notebook_call(P4, {"Stage": "dev"}), rule).kind is VerdictKind.VIOLATION
        assert judge(a_notebook_call(P4, {"Stage": "x"}), rule).kind is VerdictKind.NOT_APPLICABLE
        assert judge(a_notebook_call(P4), rule).kind is VerdictKind.NOT_APPLICABLE

    def test_a_rule_for_some_names_spares_the_others_and_needs_to_know_the_name(self) -> None:
        rule = a_guardrail(scope=a_scope("guard", names=("team-*",)))

        assert judge(a_notebook_call(P4), rule).kind is VerdictKind.NOT_APPLICABLE
        nameless = a_call("CreateNotebookInstance", {"instanceType": P4})
        assert judge(nameless, rule).kind is VerdictKind.UNKNOWN

    @pytest.mark.parametrize(
        ("tags", "kind"),
        [
            ({"DoNotDelete": "x"}, VerdictKind.EXEMPT),
            ({"SagewardenExempt": "2099-01-31: study"}, VerdictKind.EXEMPT),
            ({"SagewardenExempt": "please"}, VerdictKind.UNKNOWN),
            ({"SagewardenExempt": "2020-01-31: over"}, VerdictKind.VIOLATION),
            ({"aws:cloudformation:stack-name": "s"}, VerdictKind.EXEMPT),
        ],
    )
    def test_protections_and_exemptions_hold(self, tags: dict[str, str], kind: VerdictKind) -> None:
        rule = a_guardrail(scope=a_scope("guard", protections=(TagMatch("DoNotDelete"),)))

        assert judge(a_notebook_call(P4, tags), rule).kind is kind


class TestWhatFollows:
    def test_a_stop_is_for_notebooks_and_training_jobs_and_a_delete_for_endpoints(self) -> None:
        rule = a_guardrail(
            RequiredTags({"X": AllowedValue()}), remedies=(Remedy.STOP, Remedy.DELETE)
        )

        assert remedies(judge(a_notebook_call(), rule)) == [Remedy.STOP]
        assert remedies(judge(a_call("CreateTrainingJob", {}), rule)) == [Remedy.STOP]
        assert remedies(judge(a_call("CreateEndpoint", {}), rule)) == [Remedy.DELETE]

    def test_where_nothing_else_is_possible_the_owner_is_told(self) -> None:
        rule = a_guardrail(remedies=(Remedy.STOP,))
        call = a_call("CreateEndpointConfig", {"productionVariants": [{"instanceType": P4}]})

        [step] = judge(call, rule).steps

        assert step == Step(Remedy.NOTIFY, "stop is not possible here: its owner is told")

    @pytest.mark.parametrize(
        ("identity", "tags", "value"),
        [
            (KIM, {}, "kim"),
            (a_role("kim@example.com"), {}, "kim@example.com"),
            (a_role("SageMaker"), {"sagemaker:user-profile-arn": PROFILE}, "lee"),
        ],
    )
    def test_an_owner_who_is_not_named_is_tagged_from_who_made_the_call(
        self, identity: dict[str, Any], tags: dict[str, str], value: str
    ) -> None:
        rule = a_guardrail(NEEDS_OWNER, remedies=(Remedy.TAG_OWNER, Remedy.NOTIFY))

        tagging, notice = judge(a_notebook_call(tags=tags, identity=identity), rule).steps

        assert tagging.tag == ("Owner", value)
        assert notice.remedy is Remedy.NOTIFY

    @pytest.mark.parametrize(
        ("identity", "tags", "allowed"),
        [
            (a_role("SageMaker"), {}, AllowedValue()),
            (a_role("SageMaker"), {"sagemaker:user-profile-arn": "x"}, AllowedValue()),
            (KIM, {"Owner": ""}, AllowedValue()),
            (KIM, {}, AllowedValue(pattern="[^@]+@example[.]com")),
            ({**KIM, "userName": "kim,lee"}, {}, AllowedValue()),
        ],
    )
    def test_no_owner_is_made_up_overwritten_or_written_against_the_rule(
        self, identity: dict[str, Any], tags: dict[str, str], allowed: AllowedValue
    ) -> None:
        rule = a_guardrail(RequiredTags({"Owner": allowed}), remedies=(Remedy.TAG_OWNER,))

        found = judge(a_notebook_call(tags=tags, identity=identity), rule)

        assert found.kind is VerdictKind.VIOLATION
        assert remedies(found) == [Remedy.NOTIFY]

    def test_what_takes_no_tags_gets_none(self) -> None:
        rule = a_guardrail(
            NEEDS_OWNER, DeniedTypes(("*",)), remedies=(Remedy.TAG_OWNER, Remedy.NOTIFY)
        )

        found = judge(a_call("CreatePresignedDomainUrl", {"domainId": "d"}), rule)

        assert (found.kind, found.steps) == (VerdictKind.NOT_APPLICABLE, ())


class TestPolicies:
    def test_each_guardrail_of_a_policy_speaks_in_its_order(self) -> None:
        other = a_guardrail(NEEDS_OWNER, scope=a_scope("tags"))
        policy = a_policy(a_guardrail(), a_notebook_rule(), other)

        found = judge_event(a_notebook_call(P4), policy, Figures())

        assert [(item.rule, item.kind) for item in found] == [
            ("guard", VerdictKind.VIOLATION),
            ("tags", VerdictKind.VIOLATION),
        ]

    def test_what_happens_elsewhere_is_not_judged(self) -> None:
        here = a_policy(a_guardrail())
        there = a_policy(a_guardrail(), regions="us-east-1")

        [found] = judge_event(a_notebook_call(P4), there, Figures())
        [foreign] = judge_event(
            a_notebook_call(P4, recipientAccountId="444455556666"),
            replace(a_policy(a_guardrail()), accounts=(ACCOUNT,)),
            Figures(),
        )

        assert judge_event(a_notebook_call(P4), here, Figures())[0].steps
        assert found.reason == f"the policy's targets do not name {REGION}"
        assert foreign.reason == "the policy's targets do not name account 444455556666"
        assert {found.kind, foreign.kind} == {VerdictKind.NOT_APPLICABLE}

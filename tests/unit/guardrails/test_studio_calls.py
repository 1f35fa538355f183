"""Calls that create and change Studio's domains and user profiles, and notebooks' scripts."""

from datetime import timedelta
from typing import Any

import pytest

from sagewarden.adapters.sagemaker_paths import request_shapes
from sagewarden.domain.guardrails.call import read_event
from sagewarden.domain.guardrails.conditions import Figures
from sagewarden.domain.guardrails.idle_conditions import (
    RequiredIdleShutdown,
    RequiredLifecycleConfig,
)
from sagewarden.domain.guardrails.remedies import Remedy
from sagewarden.domain.guardrails.rules import judge_call
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import ACCOUNT, REGION, a_scope
from tests.support.events import a_call, a_domain_call, a_guardrail, an_event, idle_settings

IDLE = RequiredIdleShutdown(timedelta(hours=1))
SCRIPT = RequiredLifecycleConfig()
STUDIO = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:"


def kind_of(call: Any, *conditions: Any, **more: Any) -> VerdictKind:
    return judge_call(call, a_guardrail(*conditions, **more), Figures()).kind


class TestCreation:
    def test_a_domain_is_judged_by_the_settings_that_it_is_created_with(self) -> None:
        assert kind_of(a_domain_call(), IDLE) is VerdictKind.VIOLATION
        assert kind_of(a_domain_call(idle_settings(60)), IDLE) is VerdictKind.COMPLIANT
        assert kind_of(a_domain_call(idle_settings(61)), IDLE) is VerdictKind.VIOLATION

    def test_settings_that_the_event_does_not_tell_are_not_known(self) -> None:
        call = a_call("CreateDomain", {"domainName": "research"})

        assert kind_of(call, IDLE) is VerdictKind.UNKNOWN
        assert kind_of(call, SCRIPT) is VerdictKind.UNKNOWN

    def test_a_user_profile_is_judged_by_what_it_overrides(self) -> None:
        request: dict[str, Any] = {"domainId": "d-1", "userProfileName": "lee"}
        late = {**request, "userSettings": idle_settings(600)}

        assert kind_of(a_call("CreateUserProfile", request), IDLE) is VerdictKind.COMPLIANT
        assert kind_of(a_call("CreateUserProfile", late), IDLE) is VerdictKind.VIOLATION

    @pytest.mark.parametrize(
        ("more", "kind"),
        [({}, VerdictKind.VIOLATION), ({"lifecycleConfigName": "x"}, VerdictKind.COMPLIANT)],
    )
    def test_a_notebook_is_judged_by_the_configuration_that_it_is_created_with(
        self, more: dict[str, str], kind: VerdictKind
    ) -> None:
        call = a_call("CreateNotebookInstance", {"notebookInstanceName": "nb", **more})

        assert kind_of(call, SCRIPT) is kind

    def test_a_change_of_a_notebooks_state_does_not_tell_its_configuration(self) -> None:
        detail = {"NotebookInstanceName": "nb", "NotebookInstanceStatus": "InService", "Tags": {}}
        event = an_event(detail, "SageMaker Notebook Instance State Change")

        call = read_event(event, request_shapes())

        assert kind_of(call, SCRIPT) is VerdictKind.UNKNOWN

    def test_a_domain_is_neither_stopped_nor_deleted(self) -> None:
        rule = a_guardrail(IDLE, remedies=(Remedy.STOP, Remedy.DELETE))

        [step] = judge_call(a_domain_call(), rule, Figures()).steps

        assert step.remedy is Remedy.NOTIFY

    def test_other_kinds_are_not_concerned(self) -> None:
        call = a_call("CreateEndpoint", {"endpointName": "ep"})

        assert kind_of(call, IDLE) is VerdictKind.NOT_APPLICABLE
        assert kind_of(call, SCRIPT) is VerdictKind.NOT_APPLICABLE


class TestNames:
    def test_the_policys_words_stand_for_those_of_the_api(self) -> None:
        assert a_domain_call().subject.kind == "studio-domain"
        assert kind_of(a_domain_call(), IDLE, kinds=("studio-domain",)) is VerdictKind.VIOLATION
        assert kind_of(a_domain_call(), IDLE, kinds=("endpoint",)) is VerdictKind.NOT_APPLICABLE

    def test_an_id_is_no_name(self) -> None:
        rule = a_guardrail(IDLE, scope=a_scope("guard", names=("research*",)))
        arn = {"domainArn": f"{STUDIO}domain/d-1"}

        update = a_call("UpdateDomain", {"domainId": "d-1"}, responseElements=arn)

        assert (update.subject.name, update.subject.arn) == (None, arn["domainArn"])
        assert judge_call(update, rule, Figures()).kind is VerdictKind.UNKNOWN
        assert judge_call(a_domain_call(), rule, Figures()).kind is VerdictKind.VIOLATION

    @pytest.mark.parametrize(
        ("arn", "kind", "name"),
        [
            ("domain/d-1", "studio-domain", None),
            ("user-profile/d-1/lee", "studio-user-profile", "lee"),
            ("space/d-1/lab", "studio-space", "lab"),
            ("endpoint/ep", "endpoint", "ep"),
        ],
    )
    def test_tagging_names_what_is_tagged(self, arn: str, kind: str, name: str | None) -> None:
        subject = a_call("AddTags", {"resourceArn": STUDIO + arn}).subject

        assert (subject.kind, subject.name, subject.arn) == (kind, name, STUDIO + arn)

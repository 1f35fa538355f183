from datetime import timedelta
from typing import Any

import pytest

from sagewarden.domain.guardrails.answers import Answer
from sagewarden.domain.guardrails.conditions import Figures
from sagewarden.domain.guardrails.event_fields import Fields
from sagewarden.domain.guardrails.idle_conditions import (
    RequiredIdleShutdown,
    RequiredLifecycleConfig,
)
from sagewarden.domain.guardrails.studio_members import studio_settings
from sagewarden.domain.guardrails.subject import Subject, subject_of
from sagewarden.domain.resources import Resource
from sagewarden.domain.studio_settings import IdleShutdown
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    NOTHING_SET,
    REGION,
    a_domain,
    a_notebook,
    a_scope,
    a_training_job,
    a_user_profile,
    an_endpoint,
    idle_after,
)

HOUR = timedelta(hours=1)
WITHIN_TWO_HOURS = RequiredIdleShutdown(2 * HOUR)
AUTO_STOP = RequiredLifecycleConfig(("auto-stop-*", "on-start"))
CONFIG = f"arn:aws:sagemaker:{REGION}:111122223333:studio-lifecycle-config/"


def answer(condition: RequiredIdleShutdown | RequiredLifecycleConfig, resource: Resource) -> Answer:
    return condition.answer(subject_of(resource, a_scope(), None), Figures())


class TestIdleShutdown:
    def test_a_domain_that_sets_nothing_lets_idle_apps_run(self) -> None:
        found = answer(WITHIN_TWO_HOURS, a_domain(settings=NOTHING_SET))

        assert found == Answer(
            VerdictKind.VIOLATION,
            "JupyterLab: idle shutdown is not enabled; CodeEditor: idle shutdown is not enabled",
        )

    @pytest.mark.parametrize("timeout", [HOUR, 2 * HOUR])
    def test_a_domain_that_shuts_down_early_enough_is_compliant(self, timeout: timedelta) -> None:
        found = answer(WITHIN_TWO_HOURS, a_domain(settings=idle_after(timeout, longest=2 * HOUR)))

        assert found == Answer(VerdictKind.COMPLIANT, "its idle apps are shut down within 2 h")

    def test_what_is_disabled_too_late_or_left_to_users_is_named(self) -> None:
        disabled = answer(WITHIN_TWO_HOURS, a_domain(settings=idle_after(enabled=False)))
        unset = answer(WITHIN_TWO_HOURS, a_domain(settings=idle_after(None)))
        late = answer(
            WITHIN_TWO_HOURS,
            a_domain(settings=idle_after(timedelta(minutes=121), longest=8 * HOUR)),
        )

        assert disabled.reason.startswith("JupyterLab: idle shutdown is not enabled")
        assert unset.reason.startswith("JupyterLab: no idle timeout is set; 2 h is the most")
        assert late.reason.startswith(
            "JupyterLab: idle apps run for 121 min, more than 2 h; "
            "JupyterLab: users may choose up to 8 h, more than 2 h"
        )
        assert {item.kind for item in (disabled, unset, late)} == {VerdictKind.VIOLATION}

    def test_a_user_profile_is_judged_by_what_it_overrides(self) -> None:
        inherits = answer(WITHIN_TWO_HOURS, a_user_profile(settings=NOTHING_SET))
        disables = answer(WITHIN_TWO_HOURS, a_user_profile(settings=idle_after(enabled=False)))
        delays = answer(
            WITHIN_TWO_HOURS, a_user_profile(settings=idle_after(9 * HOUR, enabled=None))
        )

        assert inherits == Answer(
            VerdictKind.COMPLIANT, "it overrides no idle shutdown for the worse"
        )
        assert {disables.kind, delays.kind} == {VerdictKind.VIOLATION}

    def test_what_cannot_be_read_is_no_violation(self) -> None:
        assert answer(WITHIN_TWO_HOURS, a_domain(settings=None)).kind is VerdictKind.UNKNOWN

    def test_other_kinds_have_none(self) -> None:
        for resource in (a_notebook(), an_endpoint(), a_training_job()):
            found = answer(WITHIN_TWO_HOURS, resource)

            assert found.kind is VerdictKind.NOT_APPLICABLE


class TestLifecycleConfigs:
    def test_a_notebook_without_one_is_a_violation(self) -> None:
        found = answer(AUTO_STOP, a_notebook())

        assert found == Answer(
            VerdictKind.VIOLATION, "it has no lifecycle configuration auto-stop-* or on-start"
        )

    @pytest.mark.parametrize("name", ["auto-stop-1h", "AUTO-STOP-2h", "on-start"])
    def test_one_that_is_allowed_is_compliant_in_any_letter_case(self, name: str) -> None:
        assert answer(AUTO_STOP, a_notebook(lifecycle_config=name)).kind is VerdictKind.COMPLIANT

    def test_another_one_is_named(self) -> None:
        found = answer(AUTO_STOP, a_notebook(lifecycle_config="mine"))

        assert found.kind is VerdictKind.VIOLATION
        assert found.reason.endswith("it has mine")
        anything = answer(RequiredLifecycleConfig(), a_notebook(lifecycle_config="mine"))
        assert anything.kind is VerdictKind.COMPLIANT

    def test_a_domain_must_name_one_of_those_allowed(self) -> None:
        both = a_domain(settings=idle_after(lifecycle_configs=("mine", "auto-stop-1h")))
        other = a_domain(settings=idle_after(lifecycle_configs=("mine",)))

        assert answer(AUTO_STOP, both).kind is VerdictKind.COMPLIANT
        assert answer(AUTO_STOP, other).kind is VerdictKind.VIOLATION
        assert answer(RequiredLifecycleConfig(), a_domain()).kind is VerdictKind.VIOLATION

    def test_a_user_profile_that_names_none_has_its_domains(self) -> None:
        other = a_user_profile(settings=idle_after(lifecycle_configs=("mine",)))

        assert answer(AUTO_STOP, a_user_profile()).kind is VerdictKind.COMPLIANT
        assert answer(AUTO_STOP, other).kind is VerdictKind.VIOLATION

    def test_what_is_not_known_or_not_possible_is_no_violation(self) -> None:
        unread = a_notebook(lifecycle_config=None)

        assert answer(AUTO_STOP, unread).kind is VerdictKind.UNKNOWN
        assert answer(AUTO_STOP, a_domain(settings=None)).kind is VerdictKind.UNKNOWN
        assert answer(AUTO_STOP, an_endpoint()).kind is VerdictKind.NOT_APPLICABLE


class TestReading:
    def test_settings_are_read_in_either_spelling(self) -> None:
        idle = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 90}
        told = {
            "DefaultUserSettings": {
                "JupyterLabAppSettings": {"AppLifecycleManagement": {"IdleSettings": idle}},
                "codeEditorAppSettings": {
                    "appLifecycleManagement": {"idleSettings": {"maxIdleTimeoutInMinutes": 600}}
                },
                "JupyterServerAppSettings": {"LifecycleConfigArns": [f"{CONFIG}a", "None"]},
                "kernelGatewayAppSettings": {"lifecycleConfigArns": [f"{CONFIG}a", f"{CONFIG}b"]},
            }
        }

        found = studio_settings("studio-domain", Fields(told))

        assert found is not None
        assert found.lifecycle_configs == ("a", "b")
        assert found.idle_shutdown == (
            IdleShutdown("JupyterLab", enabled=True, timeout=timedelta(minutes=90)),
            IdleShutdown("CodeEditor", longest=timedelta(hours=10)),
        )

    def test_a_profile_without_settings_sets_nothing_and_a_domain_without_them_is_not_told(
        self,
    ) -> None:
        assert studio_settings("studio-user-profile", Fields({})) == NOTHING_SET
        assert studio_settings("studio-domain", Fields({})) is None

    @pytest.mark.parametrize(
        "settings",
        [
            "HIDDEN_DUE_TO_SECURITY_REASONS",
            {"JupyterLabAppSettings": []},
            {"JupyterLabAppSettings": {"LifecycleConfigArns": "x"}},
            {"JupyterLabAppSettings": {"LifecycleConfigArns": [None]}},
            {
                "JupyterLabAppSettings": {
                    "AppLifecycleManagement": {"IdleSettings": {"LifecycleManagement": "PAUSED"}}
                }
            },
            {
                "CodeEditorAppSettings": {
                    "AppLifecycleManagement": {"IdleSettings": {"IdleTimeoutInMinutes": "60"}}
                }
            },
        ],
    )
    def test_what_has_another_form_is_not_known(self, settings: Any) -> None:
        assert studio_settings("studio-domain", Fields({"DefaultUserSettings": settings})) is None


def test_a_subject_that_nobody_told_of_is_not_judged() -> None:
    subject = Subject("studio-domain", "research", None, REGION)

    assert WITHIN_TWO_HOURS.answer(subject, Figures()).kind is VerdictKind.UNKNOWN
    assert AUTO_STOP.answer(subject, Figures()).kind is VerdictKind.UNKNOWN


def test_demands_are_spelled_for_people() -> None:
    assert str(AUTO_STOP) == "a lifecycle configuration auto-stop-* or on-start"
    assert str(RequiredLifecycleConfig()) == "a lifecycle configuration"
    assert str(RequiredIdleShutdown(timedelta(minutes=90))) == "idle shutdown within 90 min"

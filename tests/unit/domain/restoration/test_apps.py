from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.domain.restoration.apps import plan_app
from sagewarden.domain.restoration.steps import StepKind

NAME = "space/lab/JupyterLab/default"
SPACE = {"DomainId": "d-1", "SpaceName": "lab", "CreationTime": "2026-10-01T00:00:00+00:00"}
texts = st.text(min_size=1, max_size=8)
apps = st.fixed_dictionaries(
    {
        "AppType": st.sampled_from(["JupyterLab", "CodeEditor"]),
        "AppName": texts,
        "SpaceName": st.just("lab"),
        "ResourceSpec": st.dictionaries(
            st.sampled_from(["InstanceType", "SageMakerImageArn", "LifecycleConfigArn"]), texts
        ),
        "Status": st.just("InService"),
        "CreationTime": texts,
        "LastUserActivityTimestamp": texts,
    }
)
tags = st.dictionaries(texts, texts, max_size=3)


def manifest(app: dict[str, Any], its: dict[str, str], **space: str) -> dict[str, Any]:
    return {"app": app, "tags": its, "space": {**SPACE, **space}}


@given(app=apps, its=tags)
def test_an_app_that_is_as_it_was_needs_nothing(app: dict[str, Any], its: dict[str, str]) -> None:
    now = {**app, "CreationTime": "later", "LastUserActivityTimestamp": "later"}

    plan = plan_app(NAME, manifest(app, its), manifest(now, its))

    assert (plan.steps, plan.refused, plan.differences, plan.waiting) == ((), (), (), None)


@given(app=apps, its=tags)
def test_one_that_is_gone_is_created_with_all_that_it_was(
    app: dict[str, Any], its: dict[str, str]
) -> None:
    was = manifest(app, {**its, "aws:createdBy": "somebody"})

    plan = plan_app(NAME, was, {"app": None, "tags": {}, "space": SPACE})

    (step,) = plan.ready
    assert (step.kind, step.described) == (StepKind.CREATE_APP, app)
    assert step.tags == {key: value for key, value in its.items() if not key.startswith("aws:")}


@given(app=apps, key=texts, value=texts)
def test_a_tag_that_is_missing_is_named(app: dict[str, Any], key: str, value: str) -> None:
    plan = plan_app(NAME, manifest(app, {key: value}), manifest(app, {}))

    if not key.startswith("aws:"):
        assert [item.where for item in plan.differences] == [f"app {NAME}: tag {key}"]


@pytest.mark.parametrize("spec", [{}, {"InstanceType": "ml.p4d.24xlarge"}])
def test_one_on_another_instance_is_somebody_elses(spec: dict[str, str]) -> None:
    was = {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": "ml.t3.medium"}}
    now = {**was, "ResourceSpec": spec, "Status": "InService"}

    plan = plan_app(NAME, manifest(was, {}), manifest(now, {}))

    assert plan.steps == ()
    assert "ResourceSpec: InstanceType was 'ml.t3.medium'" in plan.refused[0].why

"""Lifecycle configurations, of Studio and of notebook instances."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox

ARN = "arn:aws:sagemaker:us-east-1:123456789012"
SCRIPT = "IyEvYmluL2Jhc2g="
HOUR = timedelta(hours=1)

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def create_studio(sagemaker: Client, name: str = "Idle", app_type: str = "JupyterLab") -> str:
    answer = sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName=name,
        StudioLifecycleConfigContent=SCRIPT,
        StudioLifecycleConfigAppType=app_type,
    )
    return str(answer["StudioLifecycleConfigArn"])


def create_notebook(sagemaker: Client, name: str = "Idle", **scripts: object) -> str:
    answer = sagemaker.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name, **scripts
    )
    return str(answer["NotebookInstanceLifecycleConfigArn"])


def studio_names(answer: dict[str, Any]) -> list[str]:
    return [found["StudioLifecycleConfigName"] for found in answer["StudioLifecycleConfigs"]]


def notebook_names(answer: dict[str, Any]) -> list[str]:
    return [
        found["NotebookInstanceLifecycleConfigName"]
        for found in answer["NotebookInstanceLifecycleConfigs"]
    ]


def test_a_studio_configuration_is_created_shown_and_deleted(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    arn = create_studio(sagemaker)

    found = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="Idle")
    twice = refusal(create_studio, sagemaker=sagemaker)
    sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName="Idle")
    gone = refusal(sagemaker.describe_studio_lifecycle_config, StudioLifecycleConfigName="Idle")

    assert arn == f"{ARN}:studio-lifecycle-config/idle"
    assert found["StudioLifecycleConfigContent"] == SCRIPT
    assert found["CreationTime"] == sandbox.clock.now()
    assert twice == ("ResourceInUse", f"StudioLifecycleConfig [{arn}] already exists.")
    assert gone == ("ResourceNotFound", f"StudioLifecycleConfig [{arn}] does not exist.")


@pytest.mark.parametrize("user", ["domain", "user profile", "space", "app", "deleted app"])
def test_a_studio_configuration_in_use_is_not_deleted(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal, user: str
) -> None:
    fleet = sandbox.sagemaker()
    arn = create_studio(sagemaker)
    spec = {"LifecycleConfigArn": arn}
    settings = {"JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    space_settings = {"JupyterLabAppSettings": {"DefaultResourceSpec": spec}}
    place: dict[str, Any] = {"domain": "d-one", "space": "lab"}
    adders: dict[str, Callable[[], str]] = {
        "domain": lambda: fleet.add_domain("d-one", DefaultUserSettings=settings),
        "user profile": lambda: fleet.add_user_profile(
            "mina", domain="d-one", UserSettings=settings
        ),
        "space": lambda: fleet.add_space("lab", domain="d-one", SpaceSettings=space_settings),
        "app": lambda: fleet.add_app(**place, ResourceSpec=spec),
        "deleted app": lambda: fleet.add_app(**place, status="Deleted", ResourceSpec=spec),
    }
    user_arn = adders[user]()

    if user == "deleted app":
        sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName="Idle")
        assert sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"] == []
    else:
        code, message = refusal(
            sagemaker.delete_studio_lifecycle_config, StudioLifecycleConfigName="Idle"
        )
        assert code == "ResourceInUse"
        assert message.endswith(f"used by {user_arn}.")


def test_studio_configurations_are_filtered_sorted_and_paged(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    start = sandbox.clock.now()
    for name, app_type in (("a", "JupyterLab"), ("b", "CodeEditor"), ("ab", "JupyterLab")):
        create_studio(sagemaker, name, app_type)
        sandbox.clock.advance(HOUR)
    listing = sagemaker.list_studio_lifecycle_configs

    pages = sagemaker.get_paginator("list_studio_lifecycle_configs").paginate(MaxResults=2)

    assert [studio_names(page) for page in pages] == [["ab", "b"], ["a"]]
    assert studio_names(listing(NameContains="b", SortBy="Name")) == ["b", "ab"]
    assert studio_names(listing(AppTypeEquals="CodeEditor")) == ["b"]
    assert studio_names(listing(ModifiedTimeBefore=start + HOUR)) == ["a"]


def test_a_notebook_configuration_is_created_changed_and_deleted(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    created = sandbox.clock.now()
    arn = create_notebook(sagemaker, OnStart=[{"Content": SCRIPT}])
    one = {"NotebookInstanceLifecycleConfigName": "Idle"}
    sandbox.clock.advance(HOUR)

    sagemaker.update_notebook_instance_lifecycle_config(**one, OnCreate=[{"Content": SCRIPT}])
    found = sagemaker.describe_notebook_instance_lifecycle_config(**one)
    twice = refusal(create_notebook, sagemaker=sagemaker)
    sagemaker.delete_notebook_instance_lifecycle_config(**one)
    gone = refusal(sagemaker.delete_notebook_instance_lifecycle_config, **one)

    assert arn == f"{ARN}:notebook-instance-lifecycle-config/idle"
    assert found["OnCreate"] == found["OnStart"] == [{"Content": SCRIPT}]
    assert (found["CreationTime"], found["LastModifiedTime"]) == (created, created + HOUR)
    noun = "Notebook Instance Lifecycle Config"
    assert twice == (
        "ValidationException",
        f"Unable to create {noun} '{arn}'. (Details: {noun} already exists.)",
    )
    assert gone == (
        "ValidationException",
        f"Unable to delete {noun} '{arn}'. (Details: {noun} does not exist.)",
    )


def test_notebook_configurations_are_filtered_sorted_and_paged(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    start = sandbox.clock.now()
    for name in ("a", "b", "ab"):
        create_notebook(sagemaker, name)
        sandbox.clock.advance(HOUR)
    listing = sagemaker.list_notebook_instance_lifecycle_configs

    pages = sagemaker.get_paginator("list_notebook_instance_lifecycle_configs").paginate(
        MaxResults=2
    )

    assert [notebook_names(page) for page in pages] == [["ab", "b"], ["a"]]
    assert notebook_names(listing(NameContains="b", SortBy="Name")) == ["b", "ab"]
    assert notebook_names(listing(LastModifiedTimeBefore=start + HOUR)) == ["a"]


def test_a_notebook_shows_its_configuration(sandbox: Sandbox, sagemaker: Client) -> None:
    del sandbox
    create_notebook(sagemaker)

    sagemaker.create_notebook_instance(
        NotebookInstanceName="nb",
        InstanceType="ml.t3.medium",
        RoleArn="arn:aws:iam::123456789012:role/notebooks",
        LifecycleConfigName="Idle",
    )
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")

    assert found["NotebookInstanceLifecycleConfigName"] == "Idle"

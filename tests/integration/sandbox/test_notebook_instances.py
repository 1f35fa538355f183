"""Notebook instances: states, timings, refusals and listings as on AWS."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sagewarden_cli.sandbox import Sandbox
from sagewarden_cli.sandbox.shapes import service_model

ROLE = "arn:aws:iam::123456789012:role/notebooks"
STATUSES = service_model("sagemaker").shape_for("NotebookInstanceStatus").metadata["enum"]

type Client = Any  # boto3 makes its clients at run time
type Refusal = Callable[..., tuple[str, str]]


def create(sagemaker: Client, name: str = "nb", **more: object) -> str:
    answer = sagemaker.create_notebook_instance(
        NotebookInstanceName=name,
        InstanceType="ml.g6.2xlarge",
        RoleArn=ROLE,
        **more,
    )
    return str(answer["NotebookInstanceArn"])


def status(sagemaker: Client, name: str = "nb") -> str:
    found = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    return str(found["NotebookInstanceStatus"])


def names(answer: dict[str, Any]) -> list[str]:
    return [found["NotebookInstanceName"] for found in answer["NotebookInstances"]]


def test_a_notebook_goes_through_its_whole_life(sandbox: Sandbox, sagemaker: Client) -> None:
    create(sagemaker)
    seen = [status(sagemaker)]

    for step in ("start", "stop", "start", "stop", "delete"):
        if len(seen) > 1:
            getattr(sagemaker, f"{step}_notebook_instance")(NotebookInstanceName="nb")
            seen.append(status(sagemaker))
        sandbox.clock.advance(timedelta(minutes=3))
        if step != "delete":
            seen.append(status(sagemaker))

    assert seen == [
        *("Pending", "InService"),
        *("Stopping", "Stopped"),
        *("Pending", "InService"),
        *("Stopping", "Stopped"),
        "Deleting",
    ]
    assert names(sagemaker.list_notebook_instances()) == []


def test_a_change_of_state_happens_when_it_is_due_and_not_when_somebody_looks(
    sandbox: Sandbox,
    sagemaker: Client,
) -> None:
    create(sagemaker)
    created = sandbox.clock.now()

    sandbox.clock.advance(timedelta(minutes=2, seconds=59))
    before = status(sagemaker)
    sandbox.clock.advance(timedelta(days=7))
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")

    assert before == "Pending"
    assert found["NotebookInstanceStatus"] == "InService"
    assert found["CreationTime"] == created
    assert found["LastModifiedTime"] == created + timedelta(minutes=3)


@pytest.mark.parametrize("state", sorted(set(STATUSES) - {"InService"}))
def test_only_a_notebook_in_service_can_be_stopped(
    sandbox: Sandbox,
    sagemaker: Client,
    refusal: Refusal,
    state: str,
) -> None:
    arn = sandbox.sagemaker().add_notebook_instance("nb", status=state)

    code, message = refusal(sagemaker.stop_notebook_instance, NotebookInstanceName="nb")

    assert code == "ValidationException"
    assert message == (
        f"Status ({state}) not in ([InService]). "
        f"Unable to transition to (Stopping) for Notebook Instance ({arn})"
    )


@pytest.mark.parametrize("call", ["start", "delete", "update"])
@pytest.mark.parametrize("state", STATUSES)
def test_a_notebook_is_started_updated_and_deleted_only_at_rest(
    sandbox: Sandbox,
    sagemaker: Client,
    refusal: Refusal,
    call: str,
    state: str,
) -> None:
    sandbox.sagemaker().add_notebook_instance("nb", status=state)
    method = getattr(sagemaker, f"{call}_notebook_instance")

    if state in {"Stopped", "Failed"}:
        method(NotebookInstanceName="nb")
        after = status(sagemaker)
    else:
        _, after = refusal(method, NotebookInstanceName="nb")

    transient = {"start": "Pending", "delete": "Deleting", "update": "Updating"}[call]
    if state in {"Stopped", "Failed"}:
        assert after == transient
    else:
        assert f"Status ({state}) not in ([Stopped, Failed])" in after


@pytest.mark.parametrize("call", ["describe", "start", "stop", "delete", "update"])
def test_a_missing_notebook_is_a_validation_exception(
    sagemaker: Client, refusal: Refusal, call: str
) -> None:
    method = getattr(sagemaker, f"{call}_notebook_instance")

    answer = refusal(method, NotebookInstanceName="nobody")

    assert answer == ("ValidationException", "RecordNotFound")


@pytest.mark.parametrize("state", STATUSES)
def test_every_status_can_be_forced_and_stays(
    sandbox: Sandbox, sagemaker: Client, state: str
) -> None:
    create(sagemaker)

    sandbox.sagemaker().force_status("notebook-instance", "nb", state, "no capacity")
    sandbox.clock.advance(timedelta(days=1))
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")

    assert found["NotebookInstanceStatus"] == state
    assert found["FailureReason"] == "no capacity"


def test_a_status_that_aws_does_not_know_cannot_be_forced(sandbox: Sandbox) -> None:
    fleet = sandbox.sagemaker()
    fleet.add_notebook_instance("nb")

    with pytest.raises(ValueError, match="'Asleep' is no status of a notebook-instance"):
        fleet.force_status("notebook-instance", "nb", "Asleep")


def test_an_update_changes_what_describe_shows_and_ends_stopped(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.sagemaker().add_notebook_instance(
        "nb", status="Stopped", DefaultCodeRepository="https://example.com/a"
    )

    sagemaker.update_notebook_instance(
        NotebookInstanceName="nb",
        InstanceType="ml.p5.48xlarge",
        VolumeSizeInGB=100,
        DisassociateDefaultCodeRepository=True,
    )
    sandbox.clock.advance(timedelta(minutes=1))
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="nb")

    assert found["NotebookInstanceStatus"] == "Stopped"
    assert found["InstanceType"] == "ml.p5.48xlarge"
    assert found["VolumeSizeInGB"] == 100
    assert "DefaultCodeRepository" not in found


def test_a_volume_cannot_shrink(sandbox: Sandbox, sagemaker: Client, refusal: Refusal) -> None:
    sandbox.sagemaker().add_notebook_instance("nb", status="Stopped", VolumeSizeInGB=50)

    code, message = refusal(
        sagemaker.update_notebook_instance, NotebookInstanceName="nb", VolumeSizeInGB=10
    )

    assert code == "ValidationException"
    assert "smaller" in message


def test_an_unknown_instance_type_is_refused_with_the_allowed_ones(
    sagemaker: Client, refusal: Refusal
) -> None:
    code, message = refusal(
        sagemaker.create_notebook_instance,
        NotebookInstanceName="nb",
        InstanceType="ml.abacus.large",
        RoleArn=ROLE,
    )

    assert code == "ValidationException"
    assert message.startswith(
        "1 validation error detected: Value 'ml.abacus.large' at 'instanceType' failed to "
        "satisfy constraint: Member must satisfy enum value set: ["
    )
    assert "ml.g6.2xlarge" in message


def test_a_second_notebook_of_the_same_name_is_refused(sagemaker: Client, refusal: Refusal) -> None:
    arn = create(sagemaker)

    code, message = refusal(
        sagemaker.create_notebook_instance,
        NotebookInstanceName="nb",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
    )

    assert code == "ValidationException"
    assert arn in message


def _day(sandbox: Sandbox, days_ago: int) -> datetime:
    return sandbox.clock.now() - timedelta(days=days_ago)


@pytest.fixture
def three(sandbox: Sandbox) -> Sandbox:
    fleet = sandbox.sagemaker()
    for name, age, state in (
        ("alpha-train", 3, "Stopped"),
        ("beta", 2, "InService"),
        ("gamma-train", 1, "InService"),
    ):
        created = _day(sandbox, age)
        fleet.add_notebook_instance(
            name,
            status=state,
            created_at=created,
            modified_at=created + timedelta(hours=12),
        )
    return sandbox


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["alpha-train", "beta", "gamma-train"]),
        ({"SortOrder": "Descending"}, ["gamma-train", "beta", "alpha-train"]),
        ({"SortBy": "CreationTime"}, ["alpha-train", "beta", "gamma-train"]),
        ({"SortBy": "Status"}, ["beta", "gamma-train", "alpha-train"]),
        ({"NameContains": "train"}, ["alpha-train", "gamma-train"]),
        ({"StatusEquals": "InService"}, ["beta", "gamma-train"]),
        ({"StatusEquals": "InMaintenance"}, []),
        ({"CreationTimeAfter": 2}, ["beta", "gamma-train"]),
        ({"CreationTimeBefore": 2}, ["alpha-train"]),
        ({"LastModifiedTimeAfter": 2}, ["beta", "gamma-train"]),
        ({"LastModifiedTimeBefore": 2}, ["alpha-train"]),
        ({"LastModifiedTimeBefore": 2, "StatusEquals": "InService"}, []),
    ],
)
def test_listing_filters_and_sorts(
    three: Sandbox, sagemaker: Client, filters: dict[str, Any], expected: list[str]
) -> None:
    params = {
        name: _day(three, value) if "Time" in name and isinstance(value, int) else value
        for name, value in filters.items()
    }

    found = sagemaker.list_notebook_instances(**params)

    assert names(found) == expected


def test_pages_neither_repeat_nor_skip_while_notebooks_come_and_go(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    fleet = sandbox.sagemaker()
    for number in range(250):
        fleet.add_notebook_instance(f"nb-{number:03}", status="Stopped")
    sandbox.transition_times.set_all(timedelta(0))

    first = sagemaker.list_notebook_instances(MaxResults=100)
    sagemaker.delete_notebook_instance(NotebookInstanceName="nb-099")
    fleet.add_notebook_instance("nb-000a")
    second = sagemaker.list_notebook_instances(MaxResults=100, NextToken=first["NextToken"])
    third = sagemaker.list_notebook_instances(MaxResults=100, NextToken=second["NextToken"])

    found = names(first) + names(second) + names(third)
    assert found == [f"nb-{number:03}" for number in range(250)]
    assert "NextToken" not in third


def test_a_page_holds_ten_unless_asked_and_never_more_than_a_hundred(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    for number in range(101):
        sandbox.sagemaker().add_notebook_instance(f"nb-{number}")

    page = sagemaker.list_notebook_instances()
    code, message = refusal(sagemaker.list_notebook_instances, MaxResults=101)

    assert len(page["NotebookInstances"]) == 10
    assert code == "ValidationException"
    assert "less than or equal to 100" in message


def test_a_token_that_was_never_given_out_is_refused(sagemaker: Client, refusal: Refusal) -> None:
    code, _ = refusal(sagemaker.list_notebook_instances, NextToken="made up")

    assert code == "ValidationException"


def test_transitions_of_no_duration_are_over_at_the_next_look(
    sandbox: Sandbox, sagemaker: Client
) -> None:
    sandbox.transition_times.set_all(timedelta(0))

    create(sagemaker)
    sagemaker.stop_notebook_instance(NotebookInstanceName="nb")

    assert status(sagemaker) == "Stopped"


def test_accounts_and_regions_do_not_see_each_other(sandbox: Sandbox, sagemaker: Client) -> None:
    elsewhere = sandbox.client("sagemaker", region="ap-northeast-2")
    other_account = sandbox.client("sagemaker", account="210987654321")

    create(other_account)
    arn = other_account.describe_notebook_instance(NotebookInstanceName="nb")

    assert arn["NotebookInstanceArn"].split(":")[4] == "210987654321"
    assert names(sagemaker.list_notebook_instances()) == []
    assert names(elsewhere.list_notebook_instances()) == []


def test_a_token_of_another_order_is_refused(
    sandbox: Sandbox, sagemaker: Client, refusal: Refusal
) -> None:
    for number in range(3):
        sandbox.sagemaker().add_notebook_instance(f"nb-{number}")
    token = sagemaker.list_notebook_instances(MaxResults=1)["NextToken"]

    code, _ = refusal(
        sagemaker.list_notebook_instances, SortBy="CreationTime", MaxResults=1, NextToken=token
    )

    assert code == "ValidationException"

"""``sagewarden plan --org``: every account of the organisation, each with its own result."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from sagewarden_cli.organization_command import _advancing
from sagewarden_cli.sandbox.organization.building import OrganizationBuilder
from tests.integration.cli.conftest import LONG_AGO
from tests.support.faults import refusing

if TYPE_CHECKING:
    from tests.integration.cli.conftest import Desk

pytestmark = pytest.mark.aws

HUB = "123456789012"
MEMBERS = [f"{number:012d}" for number in range(1, 13)]
BUSY, SUSPENDED, ROLELESS = MEMBERS[0], MEMBERS[1], MEMBERS[2]
TARGETS = "targets: {organization: {except: [EXCEPTED]}, regions: [us-east-1, ap-east-1]}\n"


@pytest.fixture
def organization(desk: "Desk") -> OrganizationBuilder:
    """A hub and twelve accounts; one has something to do, one is closed, one has no role."""
    built = desk.sandbox.organization()
    for account in MEMBERS:
        built.add_account(account, name=f"team-{account[-2:]}", role=account != ROLELESS)
    built.enable_region(BUSY, "ap-east-1")
    built.set_state(SUSPENDED, "SUSPENDED")
    fleet = desk.sandbox.sagemaker(BUSY, "us-east-1")
    fleet.add_notebook_instance("nb", status="InService", created_at=desk.now - LONG_AGO)
    desk.write_policy(extra="")
    text = desk.policy.read_text(encoding="utf-8")
    desk.policy.write_text(text + TARGETS.replace("EXCEPTED", f'"{MEMBERS[-1]}"'))
    return built


def planned(desk: "Desk", *options: str) -> Any:
    return json.loads(desk.run("plan", "--org", "--output", "json", *options).stdout)


def test_every_account_has_a_result_of_its_own(
    desk: "Desk", organization: OrganizationBuilder
) -> None:
    del organization

    result = desk.run("plan", "--org", "--output", "json")

    document = json.loads(result.stdout)
    accounts = {item["account"]: item for item in document["accounts"]}
    assert result.exit_code == 2
    assert set(accounts) == {HUB, *MEMBERS} - {SUSPENDED, MEMBERS[-1]}
    [action] = accounts[BUSY]["plan"]["actions"]
    assert action["resource"]["name"] == "nb"
    assert accounts[BUSY]["regions"] == ["us-east-1", "ap-east-1"]
    assert accounts[BUSY]["name"] == "team-01"
    assert accounts[ROLELESS]["plan"] is None
    assert "AccessDenied" in accounts[ROLELESS]["out_of_reach"]
    assert f"account {ROLELESS}: the account of arn" in result.stderr
    assert "THE PLAN IS INCOMPLETE" in result.stderr
    quiet = [item for item in accounts.values() if item["account"] not in {BUSY, ROLELESS}]
    assert all(item["plan"]["actions"] == item["plan"]["incomplete"] == [] for item in quiet)
    left_out = {(item["account"], item["why"]) for item in document["left_out"]}
    assert (SUSPENDED, "team-02: it is suspended") in left_out
    assert (MEMBERS[-1], "team-12: the policy excepts it") in left_out
    assert (HUB, "ap-east-1 is not enabled there") in left_out
    assert document["api_calls"]["SageMaker.ListNotebookInstances"] == len(accounts)


def test_people_see_a_row_an_account_and_what_there_is_to_do(
    desk: "Desk", organization: OrganizationBuilder
) -> None:
    del organization

    result = desk.run("plan", "--org", "--all")

    assert result.exit_code == 2
    for told in ("Plan for 11 accounts", "nb", "team-01", "9 accounts with nothing to do"):
        assert told in result.stdout
    assert f"left out: {SUSPENDED} team-02: it is suspended" in result.stdout
    assert "1 account not read, or not all of it" in result.stdout


def test_nothing_to_do_in_a_whole_organisation_is_told_as_such(
    desk: "Desk", organization: OrganizationBuilder
) -> None:
    organization.let_in(ROLELESS)
    organization.set_state(BUSY, "SUSPENDED")

    result = desk.run("plan", "--org", "--at-once", "1")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "Nothing to do." in result.stdout


def test_a_part_that_could_not_be_read_is_an_error_where_nothing_is_to_be_done(
    desk: "Desk", organization: OrganizationBuilder
) -> None:
    organization.set_state(BUSY, "SUSPENDED")
    broken = refusing(lambda call: call.account == MEMBERS[4] and call.service == "sagemaker")

    with desk.sandbox.observers.watching(broken):
        result = desk.run("plan", "--org")

    assert result.exit_code == 1
    assert f"account {MEMBERS[4]}: could not be read: " in result.stderr


def test_a_region_that_is_not_enabled_lets_nobody_in(
    desk: "Desk", organization: OrganizationBuilder
) -> None:
    del organization
    unknown = refusing(lambda call: call.service == "account")

    with desk.sandbox.observers.watching(unknown):
        document = planned(desk, "--region", "ap-east-1")

    accounts = {item["account"]: item for item in document["accounts"]}
    assert accounts[BUSY]["plan"] is not None
    assert accounts[MEMBERS[4]]["plan"] is None
    assert "ap-east-1 of account" in accounts[MEMBERS[4]]["out_of_reach"]
    assert document["incomplete"] == [
        {"what": f"the regions of account {HUB}", "why": document["incomplete"][0]["why"]}
    ]


def test_whoever_may_not_ask_is_told_so(desk: "Desk") -> None:
    desk.sandbox.organization("999999999999").add_account(HUB)
    desk.write_policy()

    result = desk.run("plan", "--org")

    assert result.exit_code == 1
    assert "the organisation (list_accounts): AccessDenied" in result.stderr


@pytest.mark.parametrize("option", [("--save", "plan.json"), ("--output", "markdown")])
def test_what_one_account_only_can_have_is_refused(desk: "Desk", option: tuple[str, str]) -> None:
    desk.write_policy()

    result = desk.run("plan", "--org", *option)

    assert result.exit_code == 1
    assert "--org: plan one account" in result.stderr


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    from sagewarden.application.plan_organization import AccountPlan  # noqa: PLC0415

    monkeypatch.setenv("FORCE_COLOR", "1")
    with _advancing(2) as bar:
        bar.done(AccountPlan(HUB, (), None, "AccessDenied"))
        shown = bar._shown
        assert shown is not None
        [task] = shown.tasks

    assert (task.completed, task.total) == (1, 2)
    assert task.description == f"{HUB}: 0 actions, 1 not read"


def checks(desk: "Desk", *options: str) -> dict[str, Any]:
    document = json.loads(desk.run("doctor", "--output", "json", *options).stdout)
    return {item["check"]: item for item in document["checks"]}


def test_the_doctor_says_whether_the_organisation_can_be_read(
    desk: "Desk", organization: OrganizationBuilder
) -> None:
    del organization

    found = checks(desk)  # the policy names an organisation

    assert found["accounts of the organisation"]["passed"]
    assert found["enabled regions of its accounts"]["found"] == "readable"


def test_the_doctor_says_how_the_organisation_could_be_read(desk: "Desk") -> None:
    desk.sandbox.organization("999999999999").add_account(HUB)
    desk.write_policy()

    found = checks(desk, "--org")

    accounts = found["accounts of the organisation"]
    assert not accounts["passed"]
    assert f"register-delegated-administrator --account-id {HUB}" in accounts["fix"]
    assert not found["enabled regions of its accounts"]["passed"]
    assert "accounts of the organisation" not in checks(desk)

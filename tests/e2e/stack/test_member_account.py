"""An organisation of two accounts: one stack governs both."""

from pathlib import Path

import pytest

from sagewarden.bootstrap import compile_policy_file
from tests.e2e.stack.conftest import FIXTURES, Seoul
from tests.e2e.stack.member_account import HUB, MEMBER, monday_in_a_member_account
from tests.e2e.stack.scenarios import Chronicle, at

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def monday(seoul: Seoul, tmp_path_factory: pytest.TempPathFactory) -> Chronicle:
    policy = tmp_path_factory.mktemp("both") / "governance.yaml"
    _name_both_accounts(policy)
    playing = seoul(at(16, 8, 52), policy, SpokeAccounts=MEMBER)
    return monday_in_a_member_account(playing)


def _name_both_accounts(policy: Path) -> None:
    text = (FIXTURES / "policy/governance.yaml").read_text(encoding="utf-8")
    both = f'accounts: ["{HUB}", "{MEMBER}"]\n  regions: [us-east-1]'
    policy.write_text(text.replace("accounts: self", both), encoding="utf-8")
    compiled = compile_policy_file(policy, range(2025, 2028))
    policy.with_suffix(".json").write_text(compiled, encoding="utf-8")


def test_a_member_account_is_governed_by_its_events_and_by_the_clock(monday: Chronicle) -> None:
    assert monday.states == {
        "09:05": {"big": "InService", "nb": "InService"},
        "10:19": {"big": "Stopping", "nb": "InService"},
        "17:31": {"big": "Stopped", "nb": "InService"},
        "18:01": {"big": "Stopped", "nb": "Stopping"},
    }
    *notices, advice = monday.notices
    assert advice == "SageMaker advice, week of 2026-11-16: nothing to save"
    of_studio = [notice for notice in notices if notice.startswith("studio-")]
    of_notebooks = [notice for notice in notices if notice not in of_studio]
    assert of_notebooks == [
        "notebook-instance big was tagged with its owner",
        "notebook-instance big will be stopped at 2026-11-16T10:05+09:00 (Asia/Seoul)",
        "notebook-instance big was stopped",
        "notebook-instance nb will be stopped at 2026-11-16T18:00+09:00 (Asia/Seoul)",
        "notebook-instance nb was stopped",
    ]
    app = "studio-app space/lee-lab/JupyterLab/default"
    assert [notice for notice in of_studio if notice.startswith("studio-app")] == [
        f"{app} will be stopped at 2026-11-16T18:00+09:00 (Asia/Seoul)",
        f"{app} was stopped",
    ]
    assert (monday.failures, monday.letters) == ((), ())


def test_what_the_hub_did_there_the_spoke_role_allows(monday: Chronicle) -> None:
    spoke = f"arn:aws:iam::{MEMBER}:role/sagewarden-spoke"
    there = {request.action for request in monday.requests if request.role == spoke}

    assert monday.unknown == ()
    assert monday.proof.denied == ()
    assert {"sagemaker:StopNotebookInstance", "sagemaker:AddTags"} <= there
    assert {"sagemaker:DeleteApp", "sagemaker:DescribeSpace"} <= there
    assert {"sagemaker:ListModels", "ecs:ListTaskDefinitionFamilies"} <= there  # the advisor's


def test_the_hub_names_its_external_id_when_it_enters(monday: Chronicle) -> None:
    entered = [request for request in monday.requests if request.action == "sts:AssumeRole"]

    assert {request.context["sts:externalid"] for request in entered} == {("sagewarden",)}
    assert {request.resource for request in entered} == {
        f"arn:aws:iam::{MEMBER}:role/sagewarden-spoke"
    }

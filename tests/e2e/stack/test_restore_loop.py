"""A click on Restore in the deployed stack: everything is as it was, and IAM says who may."""

import pytest

from sagewarden_cli.stack.building import Built
from tests.e2e.stack.conftest import Play
from tests.e2e.stack.member_account import MEMBER
from tests.e2e.stack.restore_loop import (
    APPS,
    BOUGHT,
    NODES,
    STARTED,
    TAKEN,
    policy,
    taken_away_and_asked_back,
)
from tests.e2e.stack.scenarios import Chronicle, at
from tests.e2e.stack.slack_loop import talking

pytestmark = pytest.mark.stack

SPOKE = f"arn:aws:iam::{MEMBER}:role/sagewarden-spoke-restore"


@pytest.fixture(scope="module")
def back(sagewarden: Built, play: Play, tmp_path_factory: pytest.TempPathFactory) -> Chronicle:
    folder = tmp_path_factory.mktemp("policy")
    playing = talking(sagewarden, play, folder, at(13, 7, 50), policy(), SpokeAccounts=MEMBER)
    return taken_away_and_asked_back(playing)


def test_every_kind_of_thing_that_was_taken_away_comes_back_as_it_was(back: Chronicle) -> None:
    assert set(back.states["answers"]) == {200}
    assert {"e", "forgotten", "elsewhere", *BOUGHT}.isdisjoint(back.states["taken"])
    assert back.states["taken"]["nb"] == "Stopped"
    assert back.states["taken"]["JupyterLab"] == "Deleted"
    assert back.states["taken"][NODES] == "Scaled"
    assert back.states["taken"]["mlflow"] == "Stopping"
    assert back.states["taken"]["drift"] == "Stopped"
    assert back.states["after"] == back.states["before"]
    names = (*TAKEN, "elsewhere", "nb", "JupyterLab", "KernelGateway", NODES, *BOUGHT)
    assert {back.states["given back"][name] for name in names} == {"InService"}
    started = [back.states["given back"][name] for name in STARTED]
    assert started == ["Started", "Scheduled"]


def test_each_message_says_that_it_is_back_or_that_another_was_bought(back: Chronicle) -> None:
    names = (*TAKEN, "nb", "elsewhere", *APPS, NODES, *STARTED)
    bought = [f"`{name}` is not back as it was (ops)" for name in BOUGHT]  # it has another ARN

    as_it_was = [f"`{name}` is back since" for name in names]
    assert sorted(back.states["said"]) == sorted([*as_it_was, *bought])
    assert (back.failures, back.letters) == ((), ("body: KeyError: 'version'",))


def test_only_the_restorer_makes_anything_and_what_it_may_do_is_what_it_needed(
    back: Chronicle,
) -> None:
    makers = {
        request.role.rpartition("/")[2]
        for request in back.requests
        if request.action in {"sagemaker:CreateEndpoint", "iam:PassRole"}
    }
    proof = back.proof
    unused = [str(grant) for grant in proof.unused if grant.role.endswith("RestorerRole")]
    there = {request.action for request in back.requests if request.role == SPOKE}

    assert (back.unknown, proof.denied) == ((), ())
    assert makers == {"slack-RestorerRole", "sagewarden-spoke-restore"}
    assert unused == []
    assert {"sagemaker:CreateEndpoint", "sagemaker:DescribeEndpoint"} <= there

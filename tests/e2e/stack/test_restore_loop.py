"""A click on Restore in the deployed stack: everything is as it was, and IAM says who may."""

import pytest

from sagewarden_cli.stack.building import Built
from tests.e2e.stack.conftest import Play
from tests.e2e.stack.member_account import MEMBER
from tests.e2e.stack.restore_loop import (
    APPS,
    NODES,
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
    assert {"e", "forgotten", "elsewhere"}.isdisjoint(back.states["taken"])
    assert back.states["taken"]["nb"] == "Stopped"
    assert back.states["taken"]["JupyterLab"] == "Deleted"
    assert back.states["taken"][NODES] == "Scaled"
    assert back.states["after"] == back.states["before"]
    names = (*TAKEN, "elsewhere", "nb", "JupyterLab", "KernelGateway", NODES)
    assert {back.states["given back"][name] for name in names} == {"InService"}


def test_each_message_says_that_it_is_back(back: Chronicle) -> None:
    names = (*TAKEN, "nb", "elsewhere", *APPS, NODES)

    assert sorted(back.states["said"]) == sorted(f"`{name}` is back since" for name in names)
    assert (back.failures, back.letters) == ((), ("body: KeyError: 'version'",))


def test_only_the_restorer_makes_anything_and_what_it_may_do_is_what_it_needed(
    back: Chronicle,
) -> None:
    makers = {
        request.role.rpartition("/")[2]
        for request in back.requests
        if request.action in {"sagemaker:CreateEndpoint", "iam:PassRole"}
    }
    unused = [str(grant) for grant in back.proof.unused if grant.role.endswith("RestorerRole")]
    there = {request.action for request in back.requests if request.role == SPOKE}

    assert (back.unknown, back.proof.denied) == ((), ())
    assert makers == {"slack-RestorerRole", "sagewarden-spoke-restore"}
    assert unused == []
    assert {"sagemaker:CreateEndpoint", "sagemaker:DescribeEndpoint"} <= there

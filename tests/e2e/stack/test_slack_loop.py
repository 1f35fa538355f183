"""The stack with Slack at work: what owners read there, what their clicks do, what IAM says."""

import re

import pytest

from sagewarden.bots import BOTS
from sagewarden_cli.stack.building import Built
from tests.e2e.stack.conftest import FIXTURES, Play
from tests.e2e.stack.scenarios import Chronicle, at
from tests.e2e.stack.slack_loop import (
    strangers_write_into_the_queues,
    talking,
    warned_kept_ignored_deleted_and_restored,
)
from tests.support.policies import compiled

pytestmark = pytest.mark.stack

SLACK_ROLES = ("NotifierRole", "InteractionsRole", "ResponderRole")


@pytest.fixture(scope="module")
def loop(sagewarden: Built, play: Play, tmp_path_factory: pytest.TempPathFactory) -> Chronicle:
    folder = tmp_path_factory.mktemp("policy")
    return warned_kept_ignored_deleted_and_restored(
        talking(sagewarden, play, folder, at(16, 9, 52))
    )


@pytest.fixture(scope="module")
def strangers(sagewarden: Built, play: Play, tmp_path_factory: pytest.TempPathFactory) -> Chronicle:
    folder = tmp_path_factory.mktemp("policy")
    return strangers_write_into_the_queues(talking(sagewarden, play, folder, at(16, 9, 52)))


def test_an_owner_is_warned_in_one_message_and_what_is_clicked_is_done_and_shown(
    loop: Chronicle,
) -> None:
    sentences, left = loop.states["answered"]

    assert loop.states["warned"][-1] == [
        "`forgotten` will be *deleted*",
        "`unwanted` will be *deleted*",
    ]
    assert loop.states["answers"] == [200, 200, 200]
    assert sentences[-1] == ["`forgotten` is left alone until", "`unwanted` was *deleted*"]
    assert left == ["forgotten", "warm"]


def test_what_is_kept_is_left_alone_for_a_week_and_then_warned_of_anew(loop: Chronicle) -> None:
    said, kept = loop.states["kept"]
    sentence, warned = loop.states["warned anew"]

    assert "`forgotten` will be *deleted*" not in [line for lines in said for line in lines]
    assert kept == warned == ["forgotten", "warm"]
    assert sentence == ["`forgotten` will be *deleted*"]


def test_ops_and_the_team_get_the_weeks_digest_once_and_ops_the_advice(loop: Chronicle) -> None:
    [ops, advice], [team] = loop.states["digests"]

    assert ops.startswith("SageMaker, 2026-11-16 to 2026-11-22: ")
    assert team == f"chat: {ops}"  # all that anything happened to is theirs
    assert advice.startswith("SageMaker advice, week of 2026-11-23: ")


def test_ops_halt_and_resume_and_only_then_it_is_deleted_and_its_message_says_so(
    loop: Chronicle,
) -> None:
    sentence, left = loop.states["deleted"]

    assert loop.states["halt"].startswith("Halted: nothing is acted on")
    assert loop.states["halted"] == ["forgotten", "warm"]
    assert loop.states["resume"].startswith("Resumed.")
    assert (sentence, left) == (["`forgotten` was *deleted*"], ["warm"])


def test_what_was_deleted_is_asked_back_and_is_as_it_was(loop: Chronicle) -> None:
    sentence, left = loop.states["restored"]

    assert loop.states["asked back"] == ["`forgotten` is being brought back (tom)"]
    assert (sentence, left) == (["`forgotten` is back since"], ["forgotten", "warm"])
    assert loop.states["after"] == loop.states["before"]
    told = re.findall(r"UTC  (.+?) by (\w+)", loop.states["story"])
    # The functions' clocks are a moment apart, and here no time passes between them.
    assert sorted(told[:2]) == [("case opened", "sagewarden"), ("warned", "sagewarden")]
    assert told[2:] == [
        ("snoozed", "tom"),
        ("warned", "sagewarden"),
        ("acting", "sagewarden"),
        ("outcome", "sagewarden"),
        ("asked to restore", "tom"),
        ("outcome", "sagewarden"),
        ("outcome", "sagewarden"),
        ("restored", "tom"),
    ]


def test_nothing_fails_and_nobody_is_told_by_e_mail(loop: Chronicle) -> None:
    assert (loop.failures, loop.letters, loop.notices) == ((), (), ())
    assert loop.states["channel"]  # what names no owner


def test_what_strangers_send_is_set_aside_or_refused_and_slack_hears_nothing(
    strangers: Chronicle,
) -> None:
    assert sorted(strangers.letters) == [
        "body: KeyError: 'version'",
        "body: version: None is not 2; deploy both sides together",
    ]
    assert (strangers.states["forged"], strangers.states["calls"]) == (401, [])
    assert strangers.failures == ()


def test_the_roles_for_slack_may_do_what_they_did_and_nothing_that_they_never_needed(
    loop: Chronicle, strangers: Chronicle
) -> None:
    chronicles = (loop, strangers)
    proofs = [chronicle.proof for chronicle in chronicles]
    never_needed = proofs[0].unused & proofs[1].unused

    assert [chronicle.unknown for chronicle in chronicles] == [(), ()]
    assert [proof.denied for proof in proofs] == [(), ()]
    assert [str(grant) for grant in never_needed if grant.role.endswith(SLACK_ROLES)] == []
    policy = compiled((FIXTURES / "policy/slack.yaml").read_text(encoding="utf-8"))
    bots = {f"{bot.logical_id}Role" for bot in BOTS if bot.part_of(policy).rules}
    assert len(bots) > 3  # those that have nothing to watch tell nobody anything
    assert loop.states["who queued"] == {*bots, "ReporterRole", "AdvisorRole"}

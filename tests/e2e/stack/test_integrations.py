"""The stack at work, as its bus and a webhook tell of it, and what IAM says."""

from typing import Any

import pytest

from sagewarden_cli.stack.building import Built
from tests.e2e.stack.conftest import Play
from tests.e2e.stack.integrations import (
    endpoints_on_the_bus,
    listening,
    what_the_webhook_refuses,
)
from tests.e2e.stack.scenarios import Chronicle, at
from tests.support.announcing import KEY
from tests.support.event_schemas import faults_of

pytestmark = pytest.mark.stack

ROLES = ("AnnouncerRole", "WebhookRole")
FORGOTTEN = ["Case Opened", "Owner Warned", "Action Started", "Action Outcome"]


@pytest.fixture(scope="module")
def idleness(sagewarden: Built, play: Play) -> Chronicle:
    return endpoints_on_the_bus(listening(sagewarden, play, at(16, 8, 52)))


@pytest.fixture(scope="module")
def refusals(sagewarden: Built, play: Play) -> Chronicle:
    return what_the_webhook_refuses(listening(sagewarden, play, at(16, 8, 52)))


def heard(chronicle: Chronicle) -> list[dict[str, Any]]:
    states = chronicle.states
    return [*states["warned"], *states["deleted"], *states["later"]]


def once(events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Events by the ids of what happened: one that came twice is one."""
    return {event["detail"]["id"]: event["detail"] for event in events}


def life_of(events: list[dict[str, Any]], name: str) -> list[str]:
    """What happened to a resource, in the order in which it was first heard."""
    types = {event["detail"]["id"]: event["detail-type"] for event in events}
    return [types[key] for key, one in once(events).items() if one.get("name") == name]


def test_the_life_of_a_case_is_heard_in_order_whatever_dies(idleness: Chronicle) -> None:
    events = heard(idleness)
    cases = {event["detail"]["case"] for event in events if event["detail"]["name"] == "forgotten"}

    assert life_of(events, "forgotten") == FORGOTTEN
    assert life_of(events, "used") == []
    assert len(cases) == 1
    assert "forgotten" not in idleness.states["left"]


def test_what_comes_twice_after_a_crash_has_the_same_id_and_says_the_same(
    idleness: Chronicle,
) -> None:
    events = idleness.states["warned"]

    assert [failure.error for failure in idleness.failures] == ["Runtime.ExitError: killed"]
    assert len(events) > len(once(events))
    assert all(event["detail"] == once(events)[event["detail"]["id"]] for event in events)


def test_every_event_is_as_the_published_schema_says(idleness: Chronicle) -> None:
    assert [faults for event in heard(idleness) if (faults := faults_of(event))] == []


def test_the_webhook_gets_all_of_it_with_its_key_also_after_it_was_down(
    idleness: Chronicle,
) -> None:
    before, after = idleness.states["webhook before"], idleness.states["webhook"]

    assert once(before) == once(idleness.states["warned"])
    assert once(after) == once(heard(idleness))
    assert len(once(after)) > len(once(before))
    assert idleness.states["keys"] == {f"Bearer {KEY}"}


def test_owners_are_told_as_ever_and_nothing_is_a_dead_letter(idleness: Chronicle) -> None:
    assert len([one for one in idleness.notices if one == "endpoint forgotten was deleted"]) == 1
    assert idleness.letters == ()


def test_what_the_webhook_refuses_is_a_dead_letter_and_the_bus_goes_on(
    refusals: Chronicle,
) -> None:
    events = refusals.states["heard"]

    assert life_of(events, "forgotten") == FORGOTTEN[:2]
    assert len(refusals.letters) == len(events) + 1
    assert "KeyError: 'at'" in refusals.letters
    assert refusals.failures == ()


def test_their_roles_may_do_what_they_did_and_nothing_that_they_never_needed(
    idleness: Chronicle, refusals: Chronicle
) -> None:
    chronicles = (idleness, refusals)
    proofs = [chronicle.proof for chronicle in chronicles]
    never_needed = proofs[0].unused & proofs[1].unused

    assert [chronicle.unknown for chronicle in chronicles] == [(), ()]
    assert [proof.denied for proof in proofs] == [(), ()]
    assert [str(grant) for grant in never_needed if grant.role.endswith(ROLES)] == []

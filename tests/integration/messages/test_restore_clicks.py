"""What was deleted is asked back with a click: who may, how far it is, and that it ends."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sagewarden.application.bring_back import PATIENCE, Workshop, bring_back
from sagewarden.application.messaging import NotNowError, UndeliverableError
from sagewarden.application.ports import UnreadableError
from sagewarden.application.respond import respond
from sagewarden.application.restore import RestoreHands
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.clicks import Asked
from sagewarden.domain.outcomes import Manifest
from sagewarden_cli.slack import LocalSlack
from tests.integration.messages.test_answers import Answered
from tests.integration.messages.test_delivery import DAY, TOM, buttons, sentences
from tests.support.builders import ACCOUNT, NOW, REGION, ZEROS, an_endpoint
from tests.unit.application.test_restore import FakeRestorer

WAS: Mapping[str, Any] = {
    "endpoint": {
        "EndpointName": "chat",
        "EndpointConfigName": "c",
        "CreationTime": NOW.isoformat(),
        "EndpointStatus": "InService",
    },
    "endpoint_config": {"EndpointConfigName": "c", "ProductionVariants": []},
}
GONE: Mapping[str, Any] = {**WAS, "endpoint": None}
COMING: Mapping[str, Any] = {
    **WAS,
    "endpoint": {**WAS["endpoint"], "EndpointStatus": "Creating", "CreationTime": "2026-11-24"},
}
BACK: Mapping[str, Any] = {**WAS, "endpoint": {**COMING["endpoint"], "EndpointStatus": "InService"}}


class Deleted(Answered):
    """Tom's endpoint was deleted, and his message says so."""

    def __init__(self, slack: LocalSlack) -> None:
        super().__init__(slack, an_endpoint("chat", tags=TOM))
        self.passed_on: list[Asked] = []
        self.restorer = FakeRestorer([WAS])
        self.places: list[str] = []
        self.unreachable = False
        self.desk = replace(self.desk, pass_on=self.passed_on.append)
        self.workshop = Workshop(self.post, self.desk.people, self._hands)
        self.telemetry.calls("chat", ZEROS)
        self.at("Mon 10:00")
        self.run()
        self.arrive()
        [self.deleted] = self.ledger.live_cases(ACCOUNT, REGION)
        self.at("Tue 11:00")
        self.run()
        self.arrive()
        done = self.ledger.history(self.deleted.ref.arn)[-1]
        self.ledger.keep(Manifest(done.action.ref, done.at, WAS))

    def _hands(self, account: str) -> RestoreHands:
        if self.unreachable:
            raise UnreadableError(f"account {account}", "AccessDenied")
        self.places.append(account)
        return RestoreHands(self.ledger, self.restorer, self.clock)

    @property
    def now(self) -> Case:
        found = self.ledger.case(self.deleted.case_id)
        assert found is not None
        return found

    def click(self, by: str = "tom") -> None:
        self.slack.click(self.message(), "restore", by=by)

    def restore(self, *looks: Mapping[str, Any] | str) -> bool:
        """Let the restorer see something, and take up the first wish."""
        self.restorer.looks = list(looks)
        return bring_back(self.passed_on[0], self.workshop)


@pytest.fixture
def deleted(slack: LocalSlack) -> Deleted:
    slack.add_user("ops", email="ops@example.com")
    slack.add_group("ml-platform", ["ops"])
    return Deleted(slack)


class TestAsking:
    def test_what_was_deleted_has_a_button_and_says_how_all_of_it_comes_back(
        self, deleted: Deleted
    ) -> None:
        assert "was *deleted*" in sentences(deleted.message())[0]
        assert buttons(deleted.message()) == [["restore", "explain"]]
        assert f"Undo: sagewarden restore {deleted.deleted.ref.arn}" in str(
            deleted.message().blocks
        )

    def test_a_click_is_noted_shown_and_passed_on(self, deleted: Deleted) -> None:
        deleted.click()

        [wish] = deleted.passed_on
        asked = [
            entry
            for entry in deleted.ledger.trail(deleted.now.ref.arn)
            if entry.what is Happening.ASKED_RESTORE
        ]
        assert (wish.case_id, wish.name) == (deleted.deleted.case_id, "tom")
        assert [entry.by for entry in asked] == ["tom"]
        assert sentences(deleted.message()) == ["`chat` is being brought back (tom)"]
        assert buttons(deleted.message()) == [["explain"]]

    def test_an_approver_may_ask_and_a_stranger_may_not(self, deleted: Deleted) -> None:
        deleted.click()
        [wish] = deleted.passed_on
        deleted.passed_on.clear()

        for name in ("mina", "ops"):
            respond(replace(wish, user=deleted.slack.user(name).id, name=name), deleted.desk)

        assert [wish.name for wish in deleted.passed_on] == ["ops"]

    def test_where_no_restorer_is_deployed_a_click_says_what_else_helps(
        self, deleted: Deleted
    ) -> None:
        deleted.desk = replace(deleted.desk, pass_on=None)

        deleted.click()

        assert deleted.whispered() == ["cannot restore from here: ask ops for sagewarden restore."]
        assert "was *deleted*" in sentences(deleted.message())[0]
        assert buttons(deleted.message()) == [["restore", "explain"]]

    def test_what_is_back_already_is_not_brought_back_again(self, deleted: Deleted) -> None:
        deleted.click()
        deleted.restore(BACK)

        respond(deleted.asked[0], deleted.desk)

        assert len(deleted.passed_on) == 1
        assert "it was restored" in deleted.whispered()[-1]
        assert "is back since" in sentences(deleted.message())[0]


class TestBringingBack:
    def test_it_is_looked_at_until_it_is_back_and_then_its_case_and_its_message_say_so(
        self, deleted: Deleted
    ) -> None:
        deleted.click()
        under_way = deleted.restore(GONE, COMING)
        meanwhile = (sentences(deleted.message()), deleted.now.state)
        deleted.after(timedelta(minutes=6))
        still = deleted.restore(BACK)

        assert (under_way, still) == (True, False)
        assert deleted.restorer.taken == ["create endpoint chat"]
        assert deleted.places == [ACCOUNT, ACCOUNT]
        assert meanwhile == (["`chat` is being brought back (tom)"], CaseState.DONE)
        assert "endpoint chat is Creating" not in str(deleted.message().blocks)
        assert deleted.now.state is CaseState.RESTORED
        assert deleted.now.decided_by == "tom"
        assert "`chat` is back since <!date^" in sentences(deleted.message())[0]
        assert buttons(deleted.message()) == [["explain"]]
        assert deleted.whispered()[-1] == "chat: everything is as it was"

    def test_the_same_wish_twice_restores_once_and_tells_once(self, deleted: Deleted) -> None:
        deleted.click()
        deleted.restore(BACK)
        told = deleted.whispered()

        again = deleted.restore(GONE)

        assert again is False
        assert deleted.restorer.taken == []
        assert deleted.whispered() == told

    def test_who_asked_is_told_as_soon_as_slack_takes_it(self, deleted: Deleted) -> None:
        deleted.click()
        deleted.slack.refuse("chat.postEphemeral", "internal_error")
        with pytest.raises(NotNowError):
            deleted.restore(BACK)
        silent = deleted.whispered()

        deleted.restore(BACK)

        assert silent == []
        assert deleted.whispered() == ["chat: everything is as it was"]
        assert deleted.now.state is CaseState.RESTORED

    def test_who_can_never_be_told_has_it_back_all_the_same(self, deleted: Deleted) -> None:
        deleted.click()
        deleted.slack.refuse("chat.postEphemeral", "channel_not_found")
        deleted.slack.refuse("chat.postMessage", "channel_not_found")

        with pytest.raises(UndeliverableError, match="channel_not_found"):
            deleted.restore(BACK)

        assert deleted.now.state is CaseState.RESTORED

    def test_what_stands_in_the_way_is_named_and_can_be_tried_again(self, deleted: Deleted) -> None:
        deleted.click()
        deleted.restorer.refused = {"create endpoint chat"}

        assert deleted.restore(GONE) is False

        text = str(deleted.message().blocks)
        assert sentences(deleted.message()) == ["`chat` is not back as it was (tom)"]
        assert "not back: create endpoint chat: create endpoint chat failed: AccessDenied" in text
        assert f"sagewarden restore {deleted.now.ref.arn}" in text
        assert buttons(deleted.message()) == [["restore", "explain"]]
        assert deleted.now.state is CaseState.DONE

    def test_an_account_that_cannot_be_entered_is_said_and_tried_again(
        self, deleted: Deleted
    ) -> None:
        deleted.click()
        deleted.unreachable = True

        with pytest.raises(UnreadableError):
            deleted.restore(GONE)

        assert "nothing was done yet: account" in str(deleted.message().blocks)
        deleted.unreachable = False
        deleted.restore(BACK)
        assert deleted.now.state is CaseState.RESTORED

    def test_after_two_hours_nobody_waits_any_longer(self, deleted: Deleted) -> None:
        deleted.click()
        deleted.after(PATIENCE)

        assert deleted.restore(COMING) is False

        assert sentences(deleted.message()) == ["`chat` is not back as it was (tom)"]
        assert "endpoint chat is Creating" in deleted.whispered()[-1]
        assert buttons(deleted.message()) == [["restore", "explain"]]

    def test_what_was_done_to_it_since_is_not_undone_by_an_old_message(
        self, deleted: Deleted
    ) -> None:
        deleted.click()
        old = deleted.passed_on[0]
        deleted.inventory.put(an_endpoint("chat", tags=TOM, created=deleted.clock.now()))
        deleted.after(3 * DAY)
        deleted.run()
        deleted.arrive()
        deleted.after(DAY + timedelta(hours=1))
        deleted.run()
        assert deleted.inventory.names == set()

        assert bring_back(old, deleted.workshop) is False

        assert deleted.restorer.taken == []
        assert "something else was done to it since" in str(deleted.messages("tom")[0].blocks)

    def test_a_crash_before_its_end_is_noted_is_made_good_by_the_next_attempt(
        self, deleted: Deleted
    ) -> None:
        deleted.click()
        deleted.restore(COMING)
        hanging = deleted.board.shown(deleted.deleted.case_id)
        assert hanging is not None

        deleted.restore(BACK)  # as after a crash: everything is back, nothing is noted

        assert deleted.now.state is CaseState.RESTORED
        trail = [entry.what for entry in deleted.ledger.trail(deleted.now.ref.arn)]
        assert trail.count(Happening.RESTORED) == 1

"""What owners and ops do in Slack, and what becomes of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from sagewarden.adapters.slack.blocks import exemption_view
from sagewarden.adapters.slack.people import SlackPeople
from sagewarden.adapters.slack.requests import OpenForm, WrongForm, read_request
from sagewarden.adapters.slack.texts import CATALOGUE, Language
from sagewarden.application.command import Office, obey
from sagewarden.application.respond import Desk, respond
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import Case, CaseState
from sagewarden.domain.clicks import Asked, Command
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Resource
from sagewarden_cli.slack import Acknowledgement, LocalSlack, SignedRequest
from sagewarden_cli.slack.messages import Message
from tests.integration.messages.conftest import Told
from tests.integration.messages.test_delivery import DAY, TOM, buttons, sentences
from tests.support.builders import ACCOUNT, REGION, ZEROS, a_policy, an_endpoint, an_endpoint_rule

type MakeTold = Callable[..., Told]


class Answered(Told):
    """A scenario in which clicks are answered at once."""

    def __init__(self, slack: LocalSlack, *resources: Resource) -> None:
        rules = an_endpoint_rule(grace=DAY)
        super().__init__(slack, a_policy(rules, limits=Limits(100, 100)), *resources)
        self.client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
        people = SlackPeople(self.client, self.readers)
        self.woken: list[Case] = []
        self.asked: list[Asked] = []
        approvers = ("@ml-platform",)
        self.desk = Desk(self.post, people, approvers, self.woken.append)
        self.office = Office(self.ledger, people, approvers)
        slack.request_url = self._receive

    def _receive(self, request: SignedRequest) -> Acknowledgement:
        asked = read_request(request.body, self.clock.now())
        if isinstance(asked, OpenForm):
            today = self.clock.now().date().isoformat()
            words = CATALOGUE[Language.ENGLISH]
            view = exemption_view(asked.case_id, words, today, {"channel": asked.channel})
            self.client.views_open(trigger_id=asked.trigger_id, view=view)
        elif isinstance(asked, Command):
            obey(asked, self.office)
        elif asked is not None and not isinstance(asked, WrongForm):
            self.asked.append(asked)
            respond(asked, self.desk)
        return Acknowledgement(200, "")

    @property
    def case(self) -> Case:
        [case] = self.ledger.live_cases(ACCOUNT, REGION)
        return case

    def message(self) -> Message:
        [message] = self.messages("tom")
        return message

    def whispered(self, user: str = "tom") -> list[str]:
        found = self.slack.ephemerals(self.slack.dm(user), user)
        return [message.blocks[0]["text"]["text"] for message in found]


@pytest.fixture
def warned(slack: LocalSlack) -> Answered:
    """Tom was warned on Monday at ten that his endpoint will be deleted."""
    slack.add_user("ops", email="ops@example.com")
    slack.add_group("ml-platform", ["ops"])
    scenario = Answered(slack, an_endpoint("chat", tags=TOM))
    scenario.telemetry.calls("chat", ZEROS)
    scenario.at("Mon 10:00")
    scenario.run()
    scenario.arrive()
    return scenario


class TestTheLoop:
    def test_kept_for_seven_days_warned_again_ignored_and_deleted(self, warned: Answered) -> None:
        warned.slack.click(warned.message(), "keep", by="tom")
        for day in ("Tue", "Wed", "Thu", "Fri", "Sat", "Sun"):
            warned.at(f"{day} 10:00")
            warned.run()
            warned.arrive()
        kept = (warned.case.state, len(warned.messages("tom")))

        warned.at("Mon 10:30")
        warned.run()
        warned.arrive()
        again = [message.posted_at for message in warned.messages("tom")]
        warned.at("Tue 11:00")
        warned.run()
        warned.arrive()

        assert kept == (CaseState.SNOOZED, 1)
        assert len(again) == 2
        assert warned.inventory.names == set()
        assert "was *deleted*" in sentences(warned.messages("tom")[-1])[0]


class TestClicks:
    def test_keeping_is_shown_in_the_message_with_until_when_and_by_whom(
        self, warned: Answered
    ) -> None:
        warned.slack.click(warned.message(), "keep", by="tom")

        assert warned.case.snoozed_until == warned.clock.now() + timedelta(days=7)
        assert "is left alone until <!date^" in sentences(warned.message())[0]
        assert "(tom)" in sentences(warned.message())[0]
        assert buttons(warned.message()) == [["exempt", "now", "explain"]]

    def test_now_makes_it_due_and_asks_for_a_sweep(self, warned: Answered) -> None:
        warned.slack.click(warned.message(), "now", by="tom")

        assert [case.ref.name for case in warned.woken] == ["chat"]
        warned.run()
        assert warned.inventory.names == set()

    def test_an_exemption_says_until_when_and_why(self, warned: Answered) -> None:
        warned.slack.click(warned.message(), "exempt", by="tom")
        [view] = warned.slack.modals("tom")
        warned.slack.submit(view, {"until": "2026-12-31", "why": "launch *week*"}, by="tom")
        warned.after(timedelta(hours=1))
        warned.run()

        [exemption] = warned.ledger.exemptions(ACCOUNT, REGION)
        assert (exemption.why, exemption.by) == ("launch *week*", "tom")
        assert "is exempt until <!date^" in sentences(warned.message())[0]
        assert "“launch *week*”" in str(warned.message().blocks)
        assert warned.ledger.live_cases(ACCOUNT, REGION) == ()

    def test_the_story_is_told_to_whoever_asks_and_to_nobody_else(self, warned: Answered) -> None:
        warned.slack.click(warned.message(), "explain", by="tom")

        [story] = warned.whispered()
        assert "case opened by sagewarden" in story
        assert "warned by sagewarden: 0 invocations in 48 h" in story

    def test_a_click_twice_does_no_more_than_one(self, warned: Answered) -> None:
        warned.slack.click(warned.message(), "keep", by="tom")
        first = warned.case

        warned.after(timedelta(minutes=1))
        respond(warned.asked[0], warned.desk)

        trail = warned.ledger.trail(first.ref.arn)
        assert warned.case.snoozed_until == first.snoozed_until
        assert [entry.what for entry in trail].count(Happening.SNOOZED) == 1

    def test_a_click_on_a_message_that_is_out_of_date_is_answered_and_changes_nothing(
        self, warned: Answered
    ) -> None:
        stale = warned.message()
        warned.at("Tue 11:00")
        warned.run()  # deleted; its message has not arrived yet

        warned.slack.click(stale, "keep", by="tom")

        assert warned.whispered() == ["cannot snooze: it was done already."]

    def test_whoever_is_not_the_owner_cannot_decide(self, warned: Answered) -> None:
        lost = an_endpoint("lost")
        warned.inventory.put(lost)
        warned.telemetry.calls("lost", ZEROS)
        warned.after(timedelta(hours=1))
        warned.run()
        warned.arrive()
        [message] = warned.messages("#ml-costs")

        warned.slack.click(message, "keep", by="tom")

        states = {case.ref.name: case.state for case in warned.ledger.live_cases(ACCOUNT, REGION)}
        [told] = warned.slack.ephemerals("ml-costs", "tom")
        assert states["lost"] is CaseState.WARNED
        assert "Only the owner" in str(told.blocks)

    def test_an_approver_may_decide_over_any_resource(self, warned: Answered) -> None:
        assert warned.desk.people.may_decide(warned.slack.user("ops").id, None, ("@ml-platform",))
        assert not warned.desk.people.may_decide(warned.slack.user("tom").id, None, ("@mina",))
        assert warned.desk.people.may_decide(warned.slack.user("mina").id, None, ("@mina",))


class TestCommands:
    def test_an_approver_halts_and_resumes(self, warned: Answered) -> None:
        warned.slack.command("/sagewarden", "halt the bill looks wrong", by="ops")
        halted = warned.ledger.halted()
        warned.at("Tue 11:00")
        warned.run()
        still_there = list(warned.inventory.names)
        warned.slack.command("/sagewarden", "resume", by="ops")

        assert (halted, still_there) == ("the bill looks wrong", ["chat"])
        assert [message.text for message in warned.messages("#ml-costs")] == [
            "ops has halted all acting: the bill looks wrong. /sagewarden resume lifts it.",
            "ops has resumed acting.",
        ]
        assert warned.ledger.halted() is None
        assert warned.whispered("ops")[0].startswith("Halted")

    def test_nobody_else_does(self, warned: Answered) -> None:
        warned.slack.command("/sagewarden", "halt I like my endpoint", by="tom")

        assert warned.ledger.halted() is None
        assert warned.whispered() == [
            "Only an approver of the policy's owners.approvers can do that."
        ]

    @pytest.mark.parametrize(
        ("words", "answer"),
        [
            ("status", "At work. Open cases: 1."),
            ("cases", "WARNED  delete  endpoint chat"),
            ("explain chat", "case opened by sagewarden"),
            ("explain nothing", "No case of the last 30 days is about nothing"),
            ("halt", "Only an approver"),
            ("dance", "Say one of: status"),
            ("", "Say one of: status"),
        ],
    )
    def test_each_command_is_answered(self, warned: Answered, words: str, answer: str) -> None:
        warned.slack.command("/sagewarden", words, by="tom")

        assert answer in warned.whispered()[0]

    def test_where_the_bot_is_not_the_answer_comes_in_person(self, warned: Answered) -> None:
        warned.slack.add_channel("elsewhere", ["tom"], with_bot=False)
        before = len(warned.messages("tom"))

        warned.slack.command("/sagewarden", "status", by="tom", channel="elsewhere")

        [answer] = warned.messages("tom")[before:]
        assert answer.text.startswith("At work.")

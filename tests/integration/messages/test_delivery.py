"""From a violation to what its owner reads in Slack, and when the grace period begins."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from sagewarden.application.messaging import UndeliverableError
from sagewarden.domain.cases import CaseState
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Resource
from sagewarden_cli.slack import LocalSlack
from sagewarden_cli.slack.faults import Fault
from sagewarden_cli.slack.messages import Message
from tests.integration.messages.conftest import Told
from tests.support.builders import (
    ACCOUNT,
    REGION,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    an_app,
    an_app_rule,
    an_endpoint,
    an_endpoint_rule,
)

type MakeTold = Callable[..., Told]

DAY = timedelta(hours=24)
MINA = {"Owner": "mina@example.com"}
TOM = {"Owner": "tom@example.com"}


def idle(told: MakeTold, *resources: Resource) -> Told:
    scenario = told(a_policy(an_endpoint_rule(grace=DAY), limits=Limits(100, 100)), *resources)
    for resource in resources:
        scenario.telemetry.calls(resource.ref.name, ZEROS)
    scenario.at("Mon 10:00")
    return scenario


def sentences(message: Message) -> list[str]:
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


def buttons(message: Message) -> list[list[str]]:
    return [
        [element["action_id"] for element in block["elements"]]
        for block in message.blocks
        if block["type"] == "actions"
    ]


class TestWarnings:
    def test_an_owner_is_warned_in_person_in_their_language_with_evidence_and_money(
        self, told: MakeTold
    ) -> None:
        scenario = idle(told, an_endpoint("chat", tags=MINA))

        scenario.run()
        scenario.arrive()

        [message] = scenario.messages("mina")
        shown = json.dumps(message.blocks, ensure_ascii=False)
        assert sentences(message)[0].startswith("*삭제 예정* `chat` · <!date^")
        assert "0 invocations in 48 h" in shown
        assert "정가 기준 월 $" in shown
        assert buttons(message) == [["keep", "exempt", "now", "explain"]]

    @pytest.mark.parametrize(
        ("when", "offered"),
        [
            ("Mon 17:30", ["keep", "snooze", "exempt", "explain"]),  # it closes at 18:00
            ("Mon 20:00", ["keep", "snooze", "exempt", "now", "explain"]),
        ],
    )
    def test_a_notebook_can_be_stopped_now_only_once_it_is_closed(
        self, told: MakeTold, when: str, offered: list[str]
    ) -> None:
        scenario = told(a_policy(a_notebook_rule()), a_notebook(tags=TOM))

        scenario.at(when)
        scenario.run()
        scenario.arrive()

        [message] = scenario.messages("tom")
        assert buttons(message) == [offered]

    def test_a_studio_app_is_told_of_like_a_notebook_and_stopped_at_closing(
        self, told: MakeTold
    ) -> None:
        scenario = told(a_policy(an_app_rule()), an_app(tags=TOM))

        scenario.at("Mon 17:35")
        scenario.run()
        scenario.arrive()
        [warning] = scenario.messages("tom")
        offered, said = buttons(warning), sentences(warning)[0]
        scenario.at("Mon 18:00")
        scenario.run()
        scenario.arrive()

        assert offered == [["keep", "snooze", "exempt", "explain"]]
        assert "`space/mina-lab/JupyterLab/default` will be *stopped*" in said
        assert scenario.status("space/mina-lab/JupyterLab/default") == "gone"
        [message] = scenario.messages("tom")
        assert "was *stopped*" in sentences(message)[0]
        assert "sagewarden restore arn:aws:sagemaker" in str(message.blocks)

    def test_the_grace_period_begins_when_slack_accepts_the_warning(
        self, told: MakeTold, slack: LocalSlack
    ) -> None:
        scenario = idle(told, an_endpoint("chat", tags=MINA))
        slack.down()
        scenario.run()
        scenario.deliver()

        scenario.at("Tue 12:00")
        scenario.run()
        still_there = list(scenario.inventory.names)
        slack.up()
        scenario.arrive()
        [case] = scenario.ledger.live_cases(ACCOUNT, REGION)

        assert still_there == ["chat"]
        assert (case.state, case.warned_at) == (CaseState.WARNED, scenario.clock.now())
        assert case.due_at == scenario.clock.now() + DAY

    def test_after_the_grace_period_it_is_done_and_the_message_says_so(
        self, told: MakeTold
    ) -> None:
        scenario = idle(told, an_endpoint("chat", tags=TOM))
        scenario.run()
        scenario.arrive()

        scenario.at("Tue 10:30")
        scenario.run()
        scenario.arrive()

        [message] = scenario.messages("tom")
        assert scenario.inventory.names == set()
        assert "`chat` was *deleted* <!date^" in sentences(message)[0]
        assert buttons(message) == [["restore", "explain"]]
        assert len(message.history) == 1

    def test_one_message_holds_everything_of_one_owner_and_run(self, told: MakeTold) -> None:
        mine = [an_endpoint(f"e{number:02}", tags=TOM) for number in range(17)]
        scenario = idle(told, *mine, an_endpoint("theirs", tags=MINA))

        scenario.run()
        scenario.arrive()

        assert [len(sentences(message)) for message in scenario.messages("tom")] == [5, 5, 5, 2]
        assert [len(sentences(message)) for message in scenario.messages("mina")] == [1]

    def test_a_violation_that_disappears_changes_its_message_and_no_other_card(
        self, told: MakeTold
    ) -> None:
        scenario = idle(told, an_endpoint("a", tags=TOM), an_endpoint("b", tags=TOM))
        scenario.run()
        scenario.arrive()

        scenario.telemetry.calls("a", (1.0,) * 48)
        scenario.after(timedelta(hours=1))
        scenario.run()
        scenario.arrive()

        [message] = scenario.messages("tom")
        first, second = sentences(message)
        assert first == "`a`: nothing will happen, the reason is gone"
        assert "will be *deleted*" in second

    def test_a_prompt_warning_leaves_a_closing_where_it_is(self, told: MakeTold) -> None:
        rule = a_notebook_rule(warn=timedelta(minutes=30))
        scenario = told(a_policy(rule), a_notebook("nb", tags=TOM))

        scenario.at("Mon 17:35")
        scenario.run()
        scenario.arrive()
        scenario.at("Mon 18:00")
        scenario.run()

        assert scenario.status("nb") == "Stopped"


class TestReaders:
    def test_whose_owner_is_nobody_in_slack_is_told_of_in_the_fallback_channel(
        self, told: MakeTold
    ) -> None:
        gone = {"Owner": "gone@example.com"}
        scenario = idle(told, an_endpoint("chat", tags=gone), an_endpoint("lost"))

        scenario.run()
        scenario.arrive()

        posted = [sentences(message) for message in scenario.messages("#ml-costs")]
        assert [len(some) for some in posted] == [1, 1]

    def test_an_unknown_owner_poisons_nobody_elses_messages(self, told: MakeTold) -> None:
        scenario = idle(
            told,
            an_endpoint("a", tags={"Owner": "<!channel> *mallory*"}),
            an_endpoint("b", tags=TOM),
        )

        scenario.run()
        scenario.arrive()

        assert len(scenario.messages("tom")) == 1

    def test_without_anybody_to_tell_nothing_is_lost_and_somebody_must_mend_it(
        self, told: MakeTold
    ) -> None:
        scenario = idle(told, an_endpoint("chat"))
        scenario.slack.archive("ml-costs")
        scenario.run()

        with pytest.raises(UndeliverableError, match="is_archived"):
            scenario.deliver()

        assert scenario.room.waiting == 1

    @pytest.mark.parametrize("error", ["token_revoked", "missing_scope", "account_inactive"])
    def test_what_is_wrong_with_the_app_holds_messages_until_it_is_mended(
        self, told: MakeTold, slack: LocalSlack, error: str
    ) -> None:
        scenario = idle(told, an_endpoint("chat", tags=TOM))
        slack.refuse("chat.postMessage", error, times=2)
        scenario.run()

        scenario.arrive()

        assert len(scenario.messages("tom")) == 1

    def test_an_app_that_is_deactivated_makes_nobody_of_an_owner(
        self, told: MakeTold, slack: LocalSlack
    ) -> None:
        scenario = idle(told, an_endpoint("chat", tags=TOM))
        slack.refuse("users.lookupByEmail", "account_inactive")
        scenario.run()

        scenario.arrive()

        assert len(scenario.messages("tom")) == 1
        assert scenario.messages("#ml-costs") == []

    def test_what_people_write_is_shown_and_never_interpreted(self, told: MakeTold) -> None:
        tags = {"Owner": "tom@example.com", "SagewardenExempt": "<!channel> *now*"}
        scenario = idle(told, an_endpoint("a", tags=TOM))
        scenario.inventory.put(an_endpoint("a", tags=tags))

        scenario.run()
        scenario.arrive()

        assert scenario.messages("tom") == []  # an exemption that cannot be read is UNKNOWN


class TestExactlyOnce:
    def test_a_parcel_that_comes_twice_tells_once(self, told: MakeTold) -> None:
        scenario = idle(told, an_endpoint("chat", tags=TOM))
        scenario.run()
        line = scenario.room.lines["tom@example.com"]
        line.append(line[0])

        scenario.arrive()

        assert len(scenario.messages("tom")) == 1

    def test_an_answer_that_is_lost_posts_no_second_message(self, told: MakeTold) -> None:
        scenario = idle(told, an_endpoint("chat", tags=TOM))
        scenario.run()
        scenario.lose_answers("tom@example.com")

        scenario.arrive()

        [case] = scenario.ledger.live_cases(ACCOUNT, REGION)
        assert len(scenario.messages("tom")) == 1
        assert case.state is CaseState.WARNED

    def test_while_slack_is_down_a_case_is_queued_again_and_told_once(
        self, told: MakeTold, slack: LocalSlack
    ) -> None:
        scenario = idle(told, an_endpoint("chat", tags=TOM))
        slack.down()
        for _ in range(24):
            scenario.run()
            scenario.deliver()
            scenario.after(timedelta(hours=1))

        slack.up()
        scenario.arrive()

        assert len(scenario.messages("tom")) == 1

    def test_of_ten_thousand_notices_each_arrives_exactly_once_though_a_fifth_of_calls_fails(
        self, told: MakeTold, slack: LocalSlack
    ) -> None:
        readers = 50
        for number in range(readers):
            slack.add_user(f"u{number}", email=f"u{number}@example.com")
        scenario = told(a_policy(an_endpoint_rule(grace=DAY), limits=Limits(100_000, 100)))
        scenario.at("Mon 10:00")
        for number in range(10_000):
            tags = {"Owner": f"u{number % readers}@example.com"}
            name = f"e{number:05}"
            scenario.inventory.put(an_endpoint(name, tags=tags))
            scenario.telemetry.calls(name, ZEROS)
        scenario.run()
        slack.fail(0.2, seed=7, kinds=[*Fault])

        scenario.arrive()

        told_of = [
            [
                sentence.split("`")[1]
                for message in scenario.messages(f"u{number}")
                for sentence in sentences(message)
            ]
            for number in range(readers)
        ]
        cases = scenario.ledger.live_cases(ACCOUNT, REGION)
        assert [names == sorted(names) for names in told_of] == [True] * readers
        assert sorted(name for names in told_of for name in names) == sorted(
            scenario.inventory.names
        )
        assert {case.state for case in cases} == {CaseState.WARNED}

"""Whom a policy's owners and teams mean in Slack, and who may decide."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from slack_sdk import WebClient

from sagewarden.adapters.slack.people import SlackPeople
from sagewarden.application.messaging import Reader, UndeliverableError
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Limits
from sagewarden.domain.resources import Resource
from sagewarden_cli.slack import LocalSlack
from tests.integration.messages.conftest import Told
from tests.integration.messages.test_delivery import DAY, TOM, sentences
from tests.support.builders import ZEROS, a_policy, an_endpoint, an_endpoint_rule

type MakeTold = Callable[..., Told]


@pytest.fixture
def company(told: MakeTold, slack: LocalSlack) -> Callable[..., Told]:
    """Two teams with channels, a user group, and a policy that says what owner tags mean."""
    slack.add_channel("team-vision", ["mina", "tom"])
    slack.add_channel("ml", ["mina"])
    slack.add_group("data-eng", ["mina"])
    people = {
        "Tom": "tom@example.com",
        "mina": slack.user("mina").id,
        "data-eng": "@data-eng",
        "ml": "#ml",
        "ml-by-id": slack.channel("ml").id,
        "left": "left@example.com",
    }
    owners = Owners(teams={"Vision": "#team-vision"}, people=people)

    def hired(*resources: Resource) -> Told:
        policy = a_policy(an_endpoint_rule(grace=DAY), limits=Limits(100, 100))
        scenario = told(replace(policy, owners=owners), *resources)
        for resource in resources:
            scenario.telemetry.calls(resource.ref.name, ZEROS)
        return scenario.at("Mon 10:00")  # type: ignore[return-value]  # the same scenario

    return hired


def where(scenario: Told, reader: Reader) -> str:
    """What a person calls the place that a reader reads."""
    if reader.user is not None:
        return scenario.slack.user(reader.user).name
    return f"#{scenario.slack.channel(reader.channel).name}"


@pytest.mark.parametrize(
    ("owner", "team", "told_in"),
    [
        ("tom", None, "tom"),
        ("TOM", "vision", "tom"),
        ("mina", None, "mina"),
        ("tom@example.com", None, "tom"),
        ("data-eng", "vision", "#team-vision"),
        ("data-eng", None, "#ml-costs"),
        ("@data-eng", "vision", "#team-vision"),
        ("@Data-Eng", "vision", "#team-vision"),
        ("@nobody", "VISION", "#team-vision"),
        ("ml", "vision", "#ml"),
        ("ml-by-id", "vision", "#ml"),
        ("left", "vision", "#team-vision"),
        ("left", None, "#ml-costs"),
        ("somebody", "vision", "#team-vision"),
        ("CHEMISTRY", "vision", "#team-vision"),
        ("UNIVERSITY", "vision", "#team-vision"),
        ("SCIENTISTS", "vision", "#team-vision"),
        (None, "vision", "#team-vision"),
        (None, "speech", "#ml-costs"),
        (None, None, "#ml-costs"),
    ],
)
def test_an_owner_is_told_in_person_else_where_the_team_is_else_in_the_fallback_channel(
    company: MakeTold, owner: str | None, team: str | None, told_in: str
) -> None:
    scenario = company()

    assert where(scenario, scenario.messenger.reader(owner, team)) == told_in


def test_whose_account_is_gone_is_not_written_to_by_id_either(
    company: MakeTold, slack: LocalSlack
) -> None:
    scenario = company()
    slack.deactivate("mina")

    assert where(scenario, scenario.messenger.reader("mina", "vision")) == "#team-vision"


def test_without_a_channel_of_the_team_and_a_fallback_the_error_says_what_to_mend(
    company: MakeTold,
) -> None:
    scenario = company()
    scenario.readers._owners = Owners()

    with pytest.raises(UndeliverableError, match=r"'sam' is nobody.*'speech' has no channel"):
        scenario.messenger.reader("sam", "speech")


def test_a_user_group_is_mentioned_where_its_team_is_told_by_the_id_that_slack_gave(
    company: MakeTold, slack: LocalSlack
) -> None:
    tags = {"Owner": "@data-eng", "Team": "vision"}
    scenario = company(an_endpoint("chat", tags=tags))

    scenario.run()
    scenario.arrive()

    [message] = scenario.messages("#team-vision")
    group = next(iter(slack._workspace.directory.groups))
    mention, warning = sentences(message)
    assert mention == f"<!subteam^{group}>"
    assert "`chat` will be *deleted*" in warning


def test_the_mention_stays_when_the_message_changes(company: MakeTold) -> None:
    tags = {"Owner": "data-eng", "Team": "vision"}
    scenario = company(an_endpoint("chat", tags=tags))
    scenario.run()
    scenario.arrive()

    scenario.at("Tue 10:30")
    scenario.run()
    scenario.arrive()

    [message] = scenario.messages("#team-vision")
    mention, done = sentences(message)
    assert mention.startswith("<!subteam^S")
    assert "was *deleted*" in done


def test_what_a_tag_says_mentions_nobody(company: MakeTold) -> None:
    tags = {"Owner": "<!subteam^S000000007>", "Team": "<!channel>"}
    scenario = company(an_endpoint("chat", tags=tags))

    scenario.run()
    scenario.arrive()

    [message] = scenario.messages("#ml-costs")
    assert "<!" not in str(message.blocks).replace("<!date^", "")


def test_each_team_without_owners_is_told_of_its_own_in_one_message(company: MakeTold) -> None:
    vision = [an_endpoint(name, tags={"Team": "vision"}) for name in ("a", "b")]
    scenario = company(*vision, an_endpoint("lost"))

    scenario.run()
    scenario.arrive()

    assert [len(sentences(one)) for one in scenario.messages("#team-vision")] == [2]
    assert [len(sentences(one)) for one in scenario.messages("#ml-costs")] == [1]


def test_an_owner_of_resources_of_two_teams_has_one_message(company: MakeTold) -> None:
    scenario = company(an_endpoint("a", tags=TOM | {"Team": "vision"}), an_endpoint("b", tags=TOM))

    scenario.run()
    scenario.arrive()

    assert [len(sentences(one)) for one in scenario.messages("tom")] == [2]


def test_a_channel_that_takes_nothing_holds_up_no_other(
    company: MakeTold, slack: LocalSlack
) -> None:
    gone = {"Owner": "left@example.com"}
    scenario = company(
        an_endpoint("a", tags=gone | {"Team": "vision"}), an_endpoint("b", tags=gone)
    )
    slack.archive("team-vision")
    scenario.run()

    with pytest.raises(UndeliverableError, match="is_archived"):
        scenario.deliver()

    assert len(scenario.messages("#ml-costs")) == 1


@pytest.mark.parametrize(
    ("owner", "who"),
    [
        ("data-eng", {"mina"}),
        ("@Data-Eng", {"mina"}),
        ("tom", {"tom"}),
        ("ml", set[str]()),
        ("@nobody", set[str]()),
        (None, set[str]()),
    ],
)
def test_an_owner_and_the_members_of_a_group_may_decide_and_nobody_else(
    company: MakeTold, slack: LocalSlack, owner: str | None, who: set[str]
) -> None:
    scenario = company()
    client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
    people = SlackPeople(client, scenario.readers)

    deciding = {
        name for name in ("mina", "tom") if people.may_decide(slack.user(name).id, owner, ())
    }

    assert deciding == who


def test_groups_are_asked_for_once_in_a_while(company: MakeTold, slack: LocalSlack) -> None:
    owned: Mapping[str, str] = {"Owner": "@data-eng"}
    scenario = company(*(an_endpoint(f"e{number}", tags=owned) for number in range(3)))

    for _ in range(3):
        scenario.readers._known.clear()
        scenario.messenger.reader("@data-eng")

    assert slack.calls.count("usergroups.list") == 1


def test_what_slack_says_of_our_app_is_no_answer_about_an_owner(
    company: MakeTold, slack: LocalSlack
) -> None:
    scenario = company()
    slack.refuse("users.info", "not_allowed_token_type")

    with pytest.raises(UndeliverableError, match="not_allowed_token_type"):
        scenario.messenger.reader("mina")


def test_whoever_cannot_be_looked_up_decides_nothing(company: MakeTold, slack: LocalSlack) -> None:
    scenario = company()
    client = WebClient(slack.token, base_url=slack.url, retry_handlers=[])
    slack.refuse("users.info", "not_allowed_token_type")

    may_decide = SlackPeople(client, scenario.readers).may_decide

    assert not may_decide(slack.user("mina").id, "mina", ())

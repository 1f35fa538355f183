"""An organisation of forty accounts and four regions: who is swept, who is not, and who is told."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagewarden.adapters.rosters import DynamoDBRosters
from sagewarden.application.roster import Roster, roster_key
from sagewarden.application.targets import Target
from sagewarden.bootstrap import read_deployed_policy
from sagewarden.domain.audit import Happening
from sagewarden.domain.cases import CaseState
from sagewarden.entrypoints.deployment import deployed
from sagewarden_cli.sandbox.organization.building import OrganizationBuilder
from tests.integration.entrypoints.conftest import POLICY, Stack
from tests.support.faults import refusing
from tests.support.invocations import ACCOUNT, REGION, Context, a_request, an_sqs_event, failed

pytestmark = pytest.mark.aws

WAKE_UP = {"version": 1, "bot": "notebook_hours"}
REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-2", "ap-east-1")
TARGETS = f"targets: {{organization: {{units: UNIT}}, regions: [{', '.join(REGIONS)}]}}\n"
MEMBERS = [f"{number:012d}" for number in range(1, 41)]
SUSPENDED, ROLELESS, LEFT, WITHOUT_REGION = MEMBERS[3], MEMBERS[9], MEMBERS[19], MEMBERS[29]


@pytest.fixture
def organization(stack: Stack) -> OrganizationBuilder:
    """Forty accounts in units of units; all but one have enabled the fourth region."""
    built = stack.sandbox.organization("999999999999")
    built.add_account(ACCOUNT, name="hub")
    built.delegate(ACCOUNT)
    unit = built.add_unit("ml")
    stack.policy(POLICY + TARGETS.replace("UNIT", unit))
    below = [unit, built.add_unit("vision", unit)]
    for number, account in enumerate(MEMBERS):
        built.add_account(account, unit=below[number % 2], role=account != ROLELESS)
        if account != WITHOUT_REGION:
            built.enable_region(account, "ap-east-1")
    built.set_state(SUSPENDED, "SUSPENDED")
    return built


def logged(capsys: pytest.CaptureFixture[str], message: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    return [line for line in lines if line.get("message") == message]


def where(bodies: list[str]) -> set[tuple[str, str]]:
    return {(item["account"], item["region"]) for item in map(json.loads, bodies)}


def test_every_account_and_region_is_swept_and_each_failure_is_one_line_and_stops_no_other(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    for account in MEMBERS:
        stack.sandbox.sagemaker(account, "eu-west-1").add_notebook_instance("nb")
    answer = stack.dispatcher()(WAKE_UP)
    bodies = stack.messages("notebook_hours")
    lines = logged(capsys, "left out")
    organization.remove(LEFT)

    sweep = stack.bot("notebook_hours")
    results = [failed(sweep(an_sqs_event(*bodies[at : at + 10]))) for at in range(0, 160, 10)]

    expected = {(a, r) for a in MEMBERS if a != SUSPENDED for r in REGIONS}
    expected -= {(WITHOUT_REGION, "ap-east-1")}
    assert answer == {"bot": "notebook_hours", "messages": 155}
    assert where(bodies) == expected
    assert {(line["account"], line["why"]) for line in lines} == {
        (SUSPENDED, f"account-{SUSPENDED}: it is suspended"),
        (WITHOUT_REGION, "ap-east-1 is not enabled there"),
    }
    assert results == [[]] * 16
    assert stack.dead() == []
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line]
    barred = [line for line in lines if line.get("message") == "out of reach"]
    assert {line["account"] for line in barred} == {ROLELESS, LEFT}
    assert len(barred) == 2 * len(REGIONS)
    assert all("AccessDenied" in line["why"] for line in barred)
    judged = [line["account"] for line in lines if line.get("message") == "verdict"]
    assert sorted(judged) == [a for a in MEMBERS if a not in {SUSPENDED, ROLELESS, LEFT}]


def test_an_account_that_comes_or_goes_is_seen_within_the_hour(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    dispatch, newcomer = stack.dispatcher(), "555566667777"
    dispatch(WAKE_UP)
    before = where(stack.messages("notebook_hours"))
    organization.add_account(newcomer, unit="ou-ab12-00000000")
    organization.remove(LEFT)

    dispatch(WAKE_UP)
    meanwhile = where(stack.messages("notebook_hours"))
    stack.after(timedelta(hours=1))
    capsys.readouterr()
    dispatch(WAKE_UP)
    after = where(stack.messages("notebook_hours"))

    assert meanwhile == before
    assert {account for account, _ in after - before} == {newcomer}
    assert {account for account, _ in before - after} == {LEFT}
    [gone] = logged(capsys, "no longer governed")
    assert gone["account"] == LEFT


def test_another_bot_and_a_cold_dispatcher_use_what_was_found(
    stack: Stack, organization: OrganizationBuilder
) -> None:
    del organization
    stack.dispatcher()(WAKE_UP)
    asked = stack.sandbox.calls.count("organizations")

    answer = stack.dispatcher()({"version": 1, "bot": "idle_endpoints"})

    assert answer["messages"] == 155
    assert stack.sandbox.calls.count("organizations") == asked


def test_a_bot_asks_nobody_but_the_ledger_whom_the_policy_governs(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    organization.add_account("888888888888")
    stack.dispatcher()(WAKE_UP)
    stack.sandbox.calls.clear()
    sweep = stack.bot("notebook_hours")

    answers = [
        sweep(an_sqs_event(a_request(account=account, region=region)))
        for account, region in (
            (MEMBERS[0], REGION),
            (MEMBERS[0], "us-west-2"),
            ("888888888888", REGION),
            (SUSPENDED, REGION),
        )
    ]

    assert [failed(answer) for answer in answers] == [[]] * 4
    assert stack.dead() == []
    lines = logged(capsys, "not governed")
    assert [(line["of"], line["in"]) for line in lines] == [
        (MEMBERS[0], "us-west-2"),
        ("888888888888", REGION),
        (SUSPENDED, REGION),
    ]
    assert stack.sandbox.calls.count("organizations") == 0
    assert stack.sandbox.calls.count("sts", "AssumeRole") == 1


def test_before_anything_was_found_a_message_waits_for_another_attempt(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    del organization

    answer = stack.bot("notebook_hours")(an_sqs_event(a_request(account=MEMBERS[0])))

    assert failed(answer) == ["message-1"]
    [line] = logged(capsys, "message failed")
    assert "nothing was found yet" in line["reason"]


def test_while_the_organisation_cannot_be_read_what_is_known_counts_and_an_alarm_says_so(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    del organization
    dispatch = stack.dispatcher()
    dispatch(WAKE_UP)
    stack.after(timedelta(hours=2))
    refused = refusing(lambda call: call.service == "organizations", "AccessDeniedException")

    with stack.sandbox.observers.watching(refused):
        answer = dispatch(WAKE_UP)
        [line] = logged(capsys, "out of reach")
        stack.after(timedelta(hours=22))
        with pytest.raises(Exception, match=r"the organisation .*AccessDenied"):
            dispatch(WAKE_UP)

    assert answer["messages"] == 155
    assert line["what"] == "the organisation (list_accounts_for_parent)"
    assert line["known_since"].startswith("2026-11-1")


def test_what_is_weekly_knows_who_was_found(
    stack: Stack, organization: OrganizationBuilder
) -> None:
    del organization
    stack.dispatcher()(WAKE_UP)

    deployment = deployed(Context().invoked_function_arn, stack.clock)

    assert len(deployment.targets) == 155


def test_while_another_wake_up_looks_for_the_first_time_no_message_is_sent(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    del organization
    here = Target(ACCOUNT, REGION)
    now = stack.clock.now()
    policy = read_deployed_policy(stack.policy_file)
    rosters = DynamoDBRosters(stack.sandbox.client("dynamodb"), os.environ["LEDGER_TABLE"])
    rosters.claim(roster_key(policy, here), now, now + timedelta(minutes=16))

    answer = stack.dispatcher()(WAKE_UP)

    assert answer["messages"] == 0
    assert logged(capsys, "nobody is known yet: another wake-up is looking")


def test_what_there_is_no_time_to_ask_about_is_a_line(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    del organization

    answer = stack.dispatcher(seconds=30)(WAKE_UP)

    assert answer["messages"] == 0
    unread = logged(capsys, "not read")
    assert len(unread) == len(MEMBERS) - 1
    assert {line["why"] for line in unread} == {"there was no time left to ask about it"}


def test_what_the_policy_excepts_is_not_governed_whatever_the_roster_says(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.policy(POLICY + f'targets: {{organization: {{except: ["{MEMBERS[0]}"]}}}}\n')
    here = Target(ACCOUNT, REGION)
    forged = Roster(stack.clock.now(), {MEMBERS[0]: (REGION,)})
    rosters = DynamoDBRosters(stack.sandbox.client("dynamodb"), os.environ["LEDGER_TABLE"])
    rosters.keep(roster_key(read_deployed_policy(stack.policy_file), here), forged)

    answer = stack.bot("notebook_hours")(an_sqs_event(a_request(account=MEMBERS[0])))

    assert failed(answer) == []
    [line] = logged(capsys, "not governed")
    assert line["of"] == MEMBERS[0]
    assert stack.sandbox.calls.count("sts", "AssumeRole") == 0


EVENING = datetime(2026, 11, 18, 19, tzinfo=UTC)


def dispatched_after(stack: Stack, *hours: int) -> set[tuple[str, str]]:
    """Let hours pass, and then a wake-up come; where bots are asked to sweep after the last one."""
    dispatch = stack.dispatcher()
    asked: set[tuple[str, str]] = set()
    for length in hours:
        stack.after(timedelta(hours=length))
        dispatch(WAKE_UP)
        asked = where(stack.messages("notebook_hours"))
    return asked


def an_open_case(stack: Stack, account: str) -> str:
    """An account's notebook that runs after hours: its owner was warned."""
    created, tags = EVENING - timedelta(days=9), {"Owner": "mina"}
    fleet = stack.sandbox.sagemaker(account)
    fleet.add_notebook_instance("nb", created_at=created, tags=tags)
    answer = stack.bot("notebook_hours")(an_sqs_event(a_request(account=account)))
    assert failed(answer) == []
    [case] = stack.ledger.live_cases(account, REGION)
    return case.case_id


def test_the_open_cases_of_an_account_that_left_end_after_a_day_and_nobody_is_told(
    stack: Stack, organization: OrganizationBuilder, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.at(EVENING)
    stack.dispatcher()(WAKE_UP)
    stack.messages("notebook_hours")
    case_id = an_open_case(stack, LEFT)
    other = an_open_case(stack, MEMBERS[0])
    stack.mail()
    organization.remove(LEFT)

    meanwhile = dispatched_after(stack, 1, 23)
    still = stack.ledger.case(case_id)
    asked = dispatched_after(stack, 1)
    capsys.readouterr()
    stack.sandbox.calls.clear()
    answer = stack.bot("notebook_hours")(an_sqs_event(a_request(account=LEFT)))
    called = {name.partition(".")[0] for name in stack.sandbox.calls.counts()}

    [line] = logged(capsys, "case ended")
    ended, staying = stack.ledger.case(case_id), stack.ledger.case(other)
    assert LEFT not in {account for account, _ in meanwhile}
    assert (LEFT, REGION) in asked
    assert failed(answer) == []
    assert still is not None
    assert still.state.alive
    assert ended is not None
    assert ended.state is CaseState.RESOLVED
    assert staying is not None
    assert staying.state.alive
    assert line["reason"].startswith("it is no longer governed")
    last = stack.ledger.trail(ended.ref.arn)[-1]
    assert (last.what, last.details["reason"]) == (Happening.RESOLVED, line["reason"])
    assert stack.mail() == []
    assert called == {"dynamodb"}


def test_an_account_that_comes_back_is_judged_anew_and_its_owner_is_warned_again(
    stack: Stack, organization: OrganizationBuilder
) -> None:
    stack.at(EVENING)
    stack.dispatcher()(WAKE_UP)
    case_id = an_open_case(stack, LEFT)
    organization.remove(LEFT)
    dispatched_after(stack, 1, 24)
    stack.bot("notebook_hours")(an_sqs_event(a_request(account=LEFT)))
    organization.add_account(LEFT, unit="ou-ab12-00000000")
    organization.let_in(LEFT)
    dispatched_after(stack, 1)
    stack.mail()

    stack.bot("notebook_hours")(an_sqs_event(a_request(account=LEFT)))

    case = stack.ledger.case(case_id)
    assert case is not None
    assert case.state.alive
    assert stack.mail() != []


def test_an_account_that_could_not_be_listed_keeps_its_open_cases(
    stack: Stack, organization: OrganizationBuilder
) -> None:
    stack.at(EVENING)
    stack.dispatcher()(WAKE_UP)
    stack.messages("notebook_hours")
    case_id = an_open_case(stack, MEMBERS[0])
    organization.remove(LEFT)
    refused = refusing(lambda call: call.service == "organizations", "ServiceException")

    with stack.sandbox.observers.watching(refused):
        asked = dispatched_after(stack, 1, 1)
    asked |= dispatched_after(stack, 23, 1)

    case = stack.ledger.case(case_id)
    assert case is not None
    assert case.state.alive
    assert (MEMBERS[0], REGION) in asked

"""A roster is kept for an hour, renewed by one at a time, and trusted for a day at most."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sagewarden.application.look_out import CLAIMED_FOR, Sighting, look_out
from sagewarden.application.ports import UnreadableError
from sagewarden.application.roster import (
    LOOKED_ANEW_AFTER,
    MISSED_ANEW_AFTER,
    READ_ANEW_AFTER,
    TRUSTED_FOR,
    Roster,
    RosterReader,
    roster_key,
)
from sagewarden.application.targets import Target
from sagewarden.domain.organization import Account, OrganizationTargets
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import TagMatch
from tests.support.builders import NOW, a_policy
from tests.support.fakes import HandClock
from tests.support.organizations import FakeOrganization, MemoryRosters

HOME = Target("1" * 12, "us-east-1")
MEMBER = Target("2" * 12, "us-east-1")
POLICY = replace(a_policy(), organization=OrganizationTargets(), accounts=(), regions=())
KEY = roster_key(POLICY, HOME)


def an_organization(*ids: str) -> FakeOrganization:
    return FakeOrganization({"r-ab12": [Account(number, "one") for number in ids]})


def looked(rosters: MemoryRosters, organization: FakeOrganization, at: datetime = NOW) -> Sighting:
    return look_out(POLICY, HOME, rosters, organization, at, lambda: True)


def test_aws_is_asked_once_an_hour() -> None:
    rosters, organization = MemoryRosters(), an_organization(MEMBER.account)

    for minutes in (0, 30, 59):
        seen = looked(rosters, organization, NOW + timedelta(minutes=minutes))
        assert seen.roster is not None
        assert seen.roster.targets == (MEMBER,)
    assert organization.asked.count("accounts") == 1

    looked(rosters, organization, NOW + LOOKED_ANEW_AFTER)
    assert organization.asked.count("accounts") == 2


def test_a_policy_that_selects_others_leads_to_another_look() -> None:
    others = [
        replace(POLICY, organization=OrganizationTargets(units=("r-ab12",))),
        replace(POLICY, regions=("eu-west-1",)),
        replace(POLICY, accounts=("9" * 12,)),
        replace(POLICY, enabled_regions=True),
    ]

    assert len({KEY, *(roster_key(policy, HOME) for policy in others)}) == 5
    assert roster_key(replace(POLICY, rules=(), fingerprint="other"), HOME) == KEY


def test_while_one_looks_the_others_go_on_with_what_is_known() -> None:
    rosters, organization = MemoryRosters(), an_organization(MEMBER.account)
    rosters.keep(KEY, Roster(NOW - timedelta(hours=2), {HOME.account: ("us-east-1",)}))
    rosters.claim(KEY, NOW, NOW + CLAIMED_FOR)

    seen = looked(rosters, organization)

    assert seen.roster is not None
    assert seen.roster.targets == (HOME,)
    assert organization.asked == []


def test_while_one_looks_for_the_first_time_there_is_nobody_yet() -> None:
    rosters = MemoryRosters()
    rosters.claim(KEY, NOW, NOW + CLAIMED_FOR)

    assert looked(rosters, an_organization()).roster is None


def test_who_looked_and_did_not_come_back_is_not_waited_for_long() -> None:
    rosters = MemoryRosters()
    rosters.claim(KEY, NOW, NOW + CLAIMED_FOR)

    seen = looked(rosters, an_organization(MEMBER.account), NOW + CLAIMED_FOR)

    assert seen.found is not None


def test_while_aws_does_not_answer_the_last_roster_counts_for_a_day() -> None:
    rosters, organization = MemoryRosters(), an_organization(MEMBER.account)
    looked(rosters, organization)
    organization.mute = {"accounts"}

    seen = looked(rosters, organization, NOW + TRUSTED_FOR - timedelta(minutes=1))

    assert seen.roster is not None
    assert seen.roster.targets == (MEMBER,)
    assert str(seen.failed) == "accounts: TooManyRequestsException"
    with pytest.raises(UnreadableError, match="TooManyRequests"):
        looked(rosters, organization, NOW + TRUSTED_FOR)


def test_a_look_that_failed_keeps_nobody_from_looking_again() -> None:
    rosters, organization = MemoryRosters(), an_organization(MEMBER.account)
    organization.mute = {"accounts"}
    with pytest.raises(UnreadableError):
        looked(rosters, organization)
    organization.mute = set()

    assert looked(rosters, organization).found is not None


def test_a_reader_relies_on_its_copy_for_minutes() -> None:
    rosters, clock = MemoryRosters(), HandClock(NOW)
    reader = RosterReader(rosters, KEY, clock)
    rosters.keep(KEY, Roster(NOW, {MEMBER.account: ("us-east-1",)}))

    assert reader.names(MEMBER)
    rosters.keep(KEY, Roster(NOW, {}))
    assert reader.names(MEMBER)
    clock.set(NOW + READ_ANEW_AFTER)
    assert not reader.names(MEMBER)


def test_a_reader_looks_again_soon_for_whom_it_does_not_know() -> None:
    rosters, clock = MemoryRosters(), HandClock(NOW)
    reader = RosterReader(rosters, KEY, clock)
    rosters.keep(KEY, Roster(NOW, {HOME.account: ("us-east-1",)}))

    assert not reader.names(MEMBER)
    rosters.keep(KEY, Roster(NOW, {MEMBER.account: ("us-east-1",)}))
    assert not reader.names(MEMBER)
    clock.set(NOW + MISSED_ANEW_AFTER)
    assert reader.names(MEMBER)
    assert not reader.names(Target(MEMBER.account, "eu-west-1"))


def test_nothing_is_governed_by_a_roster_that_is_missing_or_too_old() -> None:
    rosters, clock = MemoryRosters(), HandClock(NOW)
    reader = RosterReader(rosters, KEY, clock)

    with pytest.raises(UnreadableError, match="nothing was found yet"):
        reader.roster()
    rosters.keep(KEY, Roster(NOW - TRUSTED_FOR, {}))
    clock.set(NOW + READ_ANEW_AFTER)
    with pytest.raises(UnreadableError, match="the dispatcher found them last at"):
        reader.roster()


HOUR = timedelta(hours=1)


def looked_hourly(
    rosters: MemoryRosters, organization: FakeOrganization, hours: range, policy: Policy = POLICY
) -> list[tuple[Target, ...]]:
    """Who counts as gone after each look."""
    seen = [
        look_out(policy, HOME, rosters, organization, NOW + hour * HOUR, lambda: True).roster
        for hour in hours
    ]
    return [roster.gone for roster in seen if roster is not None]


def test_an_account_that_no_look_has_found_for_a_day_is_gone_and_is_forgotten_in_a_week() -> None:
    rosters = MemoryRosters()
    looked_hourly(rosters, an_organization(HOME.account, MEMBER.account), range(1))

    gone = looked_hourly(rosters, an_organization(HOME.account), range(1, 24 * 9))

    told = [hour for hour, places in enumerate(gone, 1) if places == (MEMBER,)]
    assert told == list(range(25, 25 + 24 * 7))


def test_an_account_that_is_found_again_within_a_day_was_never_gone() -> None:
    rosters = MemoryRosters()
    both, one = an_organization(HOME.account, MEMBER.account), an_organization(HOME.account)
    looked_hourly(rosters, both, range(1))

    missed = looked_hourly(rosters, one, range(1, 24))
    back = looked_hourly(rosters, both, range(24, 26))
    again = looked_hourly(rosters, one, range(26, 49))

    assert {*missed, *back, *again} == {()}


def test_while_nobody_can_be_listed_nobody_is_gone() -> None:
    rosters, organization = MemoryRosters(), an_organization(HOME.account, MEMBER.account)
    looked_hourly(rosters, organization, range(1))
    organization.mute.add("accounts")

    gone = looked_hourly(rosters, organization, range(1, 24))
    with pytest.raises(UnreadableError):
        looked_hourly(rosters, organization, range(24, 25))
    organization.mute.clear()
    gone += looked_hourly(rosters, organization, range(100, 102))

    assert set(gone) == {()}


def test_an_account_about_which_nothing_can_be_told_is_not_gone_however_long_that_lasts() -> None:
    tagged = replace(
        POLICY, organization=OrganizationTargets(tags=(TagMatch("Workload", ("ml",)),))
    )
    rosters, organization = MemoryRosters(), an_organization(HOME.account, MEMBER.account)
    organization.account_tags = {item.account: {"Workload": "ml"} for item in (HOME, MEMBER)}
    looked_hourly(rosters, organization, range(1), tagged)
    organization.mute.add(MEMBER.account)

    first = looked_hourly(rosters, organization, range(1, 2), tagged)
    # Longer than the last roster is trusted: nothing is governed there, and nothing is known of it.
    later = looked_hourly(rosters, organization, range(40, 90), tagged)
    organization.mute.clear()
    organization.account_tags.pop(MEMBER.account)
    known = looked_hourly(rosters, organization, range(90, 116), tagged)

    assert {*first, *later} == {()}
    assert [places for places in known if places] == [(MEMBER,)] * 3


def test_a_policy_that_means_others_lets_those_be_gone_that_the_one_before_meant() -> None:
    rosters, organization = MemoryRosters(), an_organization(HOME.account, MEMBER.account)
    looked_hourly(rosters, organization, range(1))
    narrowed = replace(POLICY, organization=OrganizationTargets(except_accounts=(MEMBER.account,)))

    gone = looked_hourly(rosters, organization, range(1, 26), narrowed)

    assert gone[:-1] == [()] * 24
    assert gone[-1] == (MEMBER,)


def test_whoever_knows_only_the_roster_knows_who_is_gone() -> None:
    rosters, clock = MemoryRosters(), HandClock(NOW)
    rosters.keep(KEY, Roster(NOW, {}, {MEMBER: NOW - timedelta(days=1), HOME: NOW}))
    reader = RosterReader(rosters, KEY, clock)

    assert reader.is_gone(MEMBER)
    assert not reader.is_gone(HOME)
    assert not reader.is_gone(Target("3" * 12, "us-east-1"))

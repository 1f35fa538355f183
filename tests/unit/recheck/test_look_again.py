"""What a second look reads, what it leaves unread, and what it never rests on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.adapters.survey_memory import InMemorySurveyMemory
from sagewarden.application.look_again import Look, Sight, look_again
from sagewarden.application.plan_fleet import Fleet, plan_surveys
from sagewarden.application.ports import ActionFailedError, Listing, UnreadableError
from sagewarden.application.remembering import RememberingEyes
from sagewarden.application.survey import survey
from sagewarden.domain.endpoint_metrics import variant_series
from sagewarden.domain.plans import Incomplete, Limits, Plan
from sagewarden.domain.recheck import Recollection
from sagewarden.domain.resources import Endpoint, EndpointStatus
from sagewarden.domain.rules import Policy
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    a_notebook_rule,
    a_policy,
    a_scope,
    a_variant,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
    some_prices,
)
from tests.support.hourly_region import HOUR, HourlyRegion

IDLE = a_policy(an_endpoint_rule())
EXEMPT = {"SagewardenExempt": "2027-06-30: migrating"}


def a_region(*endpoints: Endpoint) -> HourlyRegion:
    region = HourlyRegion(0, NOW.replace(minute=10))
    for endpoint in endpoints:
        region.put(endpoint)
    return region


def called(region: HourlyRegion, name: str, *hours_ago: int) -> None:
    """Let an endpoint have served for days, called in some hours only."""
    for hour in reversed(range(60)):
        region.set_calls(name, 3.0 if hour in hours_ago else 0.0, ago=hour * HOUR)


def look(
    region: HourlyRegion, before: Look | Recollection | None = None, policy: Policy = IDLE
) -> Look:
    region.calls.clear()
    known = before.recollection if isinstance(before, Look) else before
    return look_again(REGION, policy, Sight(region, region, region), known, region.now)


def plan_of(found: Look, region: HourlyRegion, policy: Policy = IDLE) -> Plan:
    fleet = Fleet(region, region, MemoryLedger(), some_prices())
    return plan_surveys(policy, [found.seen], fleet, region.now)


def kinds(found: Look, region: HourlyRegion, policy: Policy = IDLE) -> dict[str, VerdictKind]:
    plan = plan_of(found, region, policy)
    verdicts = (*(item.verdict for item in plan.actions), *plan.left_alone)
    return {item.ref.name: item.kind for item in verdicts}


def unread(found: Look) -> dict[str, datetime]:
    return {ref.name: moment for ref, moment in found.seen.unread.items()}


class TestWhatIsLeftUnread:
    def test_an_endpoint_called_an_hour_ago_is_not_read_for_two_days(self) -> None:
        region = a_region(an_endpoint("busy"))
        called(region, "busy", 1)
        first = look(region)

        region.now += HOUR
        again = look(region, first)

        hour_of_the_call = NOW.replace(minute=0) - HOUR
        assert unread(again) == {"busy": hour_of_the_call + timedelta(hours=49)}
        assert dict(region.calls) == {"ListEndpoints": 1}
        assert kinds(again, region) == {}

    def test_it_is_read_again_in_the_hour_in_which_it_can_be_idle(self) -> None:
        region = a_region(an_endpoint("busy"))
        called(region, "busy", 40)
        first = look(region)
        last = look(region, first)
        found = {}
        for hour in range(1, 10):
            region.now += HOUR
            region.set_calls("busy", 0.0)
            last = look(region, last)
            found[hour] = kinds(last, region)

        assert [hour for hour, said in found.items() if not said] == [1, 2, 3, 4, 5, 6, 7, 8]
        assert found[9] == {"busy": VerdictKind.VIOLATION}

    def test_a_new_one_is_seen_once_and_then_left_until_it_is_old_enough(self) -> None:
        region = a_region(an_endpoint("old"))
        called(region, "old", 1)
        first = look(region)
        region.now += HOUR
        region.put(an_endpoint("new", created=region.now, modified=region.now))

        again = look(region, first)
        region.now += HOUR
        later = look(region, again)

        assert kinds(again, region) == {"new": VerdictKind.TOO_NEW}
        assert kinds(later, region) == {}
        assert unread(later)["new"] == region.now - HOUR + timedelta(hours=48)

    def test_what_no_rule_speaks_of_is_counted_and_never_read(self) -> None:
        policy = a_policy(an_endpoint_rule(scope=a_scope(except_names=("keep-*",))))
        region = a_region(an_endpoint("keep-me"))
        first = look(region, None, policy)

        region.now += HOUR
        again = look(region, first, policy)

        assert [item.ref.name for item in again.seen.endpoints] == ["keep-me"]
        assert unread(again) == {}
        assert dict(region.calls) == {"ListEndpoints": 1}

    def test_it_counts_towards_the_fleet_of_which_a_percentage_may_be_acted_on(self) -> None:
        names = [f"busy-{number}" for number in range(19)]
        region = a_region(an_endpoint("idle"), *map(an_endpoint, names))
        called(region, "idle")
        for name in names:
            called(region, name, 1)
        policy = replace(IDLE, limits=Limits(percent_of_kind=5))
        first = look(region)

        region.now += HOUR
        plan = plan_of(look(region, first), region, policy)

        assert [item.verdict.ref.name for item in plan.actions] == ["idle"]
        assert len(plan.unread) == 19
        assert plan.exceeded == ()
        assert plan.account == ACCOUNT


class TestWhatIsReadAfresh:
    def test_an_idle_one_is_found_idle_again_without_a_new_description(self) -> None:
        region = a_region(an_endpoint("idle"))
        called(region, "idle")
        first = look(region)

        region.now += HOUR
        region.set_calls("idle", 0.0)
        again = look(region, first)

        assert kinds(again, region) == {"idle": VerdictKind.VIOLATION}
        assert region.calls["DescribeEndpointConfig"] == 0
        assert "ListMetrics" not in region.calls

    @pytest.mark.parametrize("others", [0, 300], ids=["by listing all", "by itself"])
    def test_an_idle_one_that_was_deleted_is_gone(self, others: int) -> None:
        names = [f"busy-{number}" for number in range(others)]
        region = a_region(an_endpoint("idle"), *map(an_endpoint, names))
        called(region, "idle")
        for name in names:
            region.set_calls(name, 3.0)
        first = look(region)

        region.now += HOUR
        region.remove("idle")
        again = look(region, first)

        assert kinds(again, region) == {}
        assert len(again.seen.unread) == others
        assert again.recollection is not None
        assert len(again.recollection.known) == others

    def test_one_that_was_last_called_before_it_was_deleted_is_gone(self) -> None:
        region = a_region(an_endpoint("gone"))
        called(region, "gone", 47)
        first = look(region)
        region.remove("gone")

        region.now += 3 * HOUR
        again = look(region, first)

        assert kinds(again, region) == {}
        assert again.seen.incomplete == ()
        assert again.recollection is not None
        assert again.recollection.known == {}

    def test_an_update_is_seen_and_puts_the_verdict_off(self) -> None:
        region = a_region(an_endpoint("idle"))
        called(region, "idle")
        first = look(region)

        region.now += HOUR
        updated = replace(
            region.endpoint("idle"), modified=region.now, status=EndpointStatus.UPDATING
        )
        region.put(updated)
        again = look(region, first)
        region.now += HOUR
        region.put(replace(updated, modified=region.now, status=EndpointStatus.IN_SERVICE))
        later = look(region, again)

        assert kinds(again, region) == {"idle": VerdictKind.NOT_APPLICABLE}
        assert kinds(later, region) == {"idle": VerdictKind.TOO_NEW}

    def test_tags_are_read_in_every_hour_in_which_they_matter(self) -> None:
        region = a_region(an_endpoint("idle", tags=EXEMPT))
        called(region, "idle")
        first = look(region)
        region.now += HOUR
        region.set_calls("idle", 0.0)
        again = look(region, first)
        asked = dict(region.calls)
        region.put(replace(region.endpoint("idle"), tags={}))
        later = look(region, again)

        assert kinds(first, region) == kinds(again, region) == {"idle": VerdictKind.EXEMPT}
        assert asked == {"ListEndpoints": 1, "GetResources": 1}
        assert kinds(later, region) == {"idle": VerdictKind.VIOLATION}

    def test_what_tags_spare_and_is_in_use_need_not_even_be_asked_for_its_tags(self) -> None:
        region = a_region(an_endpoint("busy", tags=EXEMPT))
        called(region, "busy", 1)
        first = look(region)

        region.now += HOUR
        again = look(region, first)

        assert list(unread(again)) == ["busy"]
        assert dict(region.calls) == {"ListEndpoints": 1}

    def test_an_endpoint_of_components_is_described_anew_each_hour(self) -> None:
        region = a_region(an_endpoint_of_components("shared", "c1"))
        first = look(region)
        region.now += HOUR
        look(region, first)

        assert region.calls["DescribeEndpointConfig"] == 1

    def test_what_failed_is_asked_for_each_hour_since_it_may_serve_again(self) -> None:
        region = a_region(an_endpoint("broken", status="Failed"), an_endpoint("busy"))
        called(region, "broken")
        called(region, "busy", 1)
        first = look(region)

        region.now += HOUR
        region.put(replace(region.endpoint("broken"), status=EndpointStatus.IN_SERVICE))
        region.set_calls("broken", 0.0)
        again = look(region, first)

        assert kinds(first, region)["broken"] is VerdictKind.NOT_APPLICABLE
        assert kinds(again, region) == {"broken": VerdictKind.VIOLATION}

    def test_many_that_came_of_age_at_once_are_not_described_but_looked_up_in_one_list(
        self,
    ) -> None:
        policy = a_policy(an_endpoint_rule(window=timedelta(hours=5)))
        region = a_region()
        first = look(region, None, policy)
        for number in range(10):
            region.put(an_endpoint(f"e{number}", created=region.now, modified=region.now))
        again = look(region, first, policy)
        region.now += 6 * HOUR
        for number in range(10):
            region.set_calls(f"e{number}", 3.0)

        later = look(region, again, policy)

        assert set(kinds(later, region, policy).values()) == {VerdictKind.COMPLIANT}
        assert region.calls["ListMetrics"] == 3
        assert region.calls["DescribeEndpoint"] == 0

    def test_a_single_one_is_described_rather_than_all_series_listed(self) -> None:
        policy = a_policy(an_endpoint_rule(window=timedelta(hours=5)))
        region = a_region()
        first = look(region, None, policy)
        blue = an_endpoint("new", a_variant("blue"), created=region.now, modified=region.now)
        region.put(blue)
        again = look(region, first, policy)
        region.now += 6 * HOUR
        region.set_calls("new", 3.0, variant="blue")

        later = look(region, again, policy)

        assert kinds(later, region, policy) == {"new": VerdictKind.COMPLIANT}
        assert "ListMetrics" not in region.calls
        assert next(iter(later.recollection.known.values())).published == (  # type: ignore[union-attr]  # all was read
            variant_series("Invocations", "new", "blue"),
        )


class TestWhenEverythingIsRead:
    @pytest.mark.parametrize(
        ("later", "fingerprint", "whole"),
        [
            (timedelta(hours=1), "f1", False),
            (timedelta(hours=23), "f1", False),
            (timedelta(hours=24), "f1", True),
            (timedelta(hours=1), "f2", True),
            (timedelta(hours=-1), "f1", True),
        ],
        ids=["an hour later", "nearly a day", "a day", "another policy", "a clock put back"],
    )
    def test_a_day_after_it_was_under_another_policy_and_when_time_went_back(
        self, later: timedelta, fingerprint: str, *, whole: bool
    ) -> None:
        region = a_region(an_endpoint("busy"))
        called(region, "busy", 0)
        first = look(region)

        region.now += later
        again = look(region, first, replace(IDLE, fingerprint=fingerprint))

        assert (unread(again) == {}) is whole
        assert ("GetMetricData" in region.calls) is whole
        assert again.recollection is not None
        assert again.recollection.whole_at == (region.now if whole else region.now - later)

    def test_nothing_is_remembered_of_a_look_that_did_not_see_everything(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        region = a_region(an_endpoint("idle"))
        called(region, "idle")
        region.unreadable.add("idle")

        first = look(region)
        region.unreadable.clear()
        second = look(region)

        def broken_off(region: str, modified_after: datetime | None) -> Listing[Endpoint]:
            del region, modified_after
            return Listing((), (Incomplete("endpoint resources", "throttled"),))

        monkeypatch.setattr(region, "updated_since", broken_off)
        third = look(region, second)

        assert first.recollection is None
        assert second.recollection is not None
        assert third.recollection is None
        assert [item.why for item in third.seen.incomplete] == ["throttled"]
        assert kinds(third, region) == {}, "what the list did not show is not judged"

    def test_unreadable_tags_are_unknown_never_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        region = a_region(an_endpoint("idle"))
        called(region, "idle")
        first = look(region)

        def untold(region: str, endpoints: list[Endpoint]) -> Listing[Endpoint]:
            del region
            bare = tuple(replace(item, tags=None) for item in endpoints)
            return Listing(bare, (Incomplete("tags", "AccessDenied"),))

        monkeypatch.setattr(region, "tagged", untold)
        again = look(region, first)

        assert kinds(again, region) == {"idle": VerdictKind.UNKNOWN}
        assert again.recollection is None

    def test_nothing_is_seen_of_an_account_that_the_policy_does_not_govern(self) -> None:
        region = a_region(an_endpoint("idle"))
        strange = replace(IDLE, accounts=("999999999999",))

        first = look(region, None, strange)
        again = look(region, look(region), strange)

        for found in (first, again):
            assert found.seen.endpoints == ()
            assert found.recollection is None
            assert [item.what for item in found.seen.incomplete] == [f"account {ACCOUNT}"]


class BrokenMemory(InMemorySurveyMemory):
    """A memory that fails."""

    def recall(self, account: str, region: str) -> Recollection | None:
        """Fail."""
        del account, region
        raise UnreadableError("what is remembered", "throttled")

    def remember(self, account: str, region: str, recollection: Recollection) -> None:
        """Fail."""
        del account, region, recollection
        raise ActionFailedError("remembering failed")


class TestEyes:
    def test_a_memory_that_fails_is_told_of_and_everything_is_read(self) -> None:
        region = a_region(an_endpoint("idle"))
        called(region, "idle")
        troubles: list[str] = []
        eyes = RememberingEyes(ACCOUNT, region, BrokenMemory(), troubles.append)
        fleet = Fleet(region, region, MemoryLedger(), some_prices())

        seen = eyes.look(REGION, IDLE, fleet, region.now)
        eyes.remember()

        assert seen == survey(REGION, IDLE, region, region, region.now)
        assert troubles == ["what is remembered: throttled", "remembering failed"]

    def test_nothing_is_remembered_before_a_look_nor_of_one_with_other_rules(self) -> None:
        region = a_region(an_endpoint("idle"))
        memory = InMemorySurveyMemory()
        eyes = RememberingEyes(ACCOUNT, region, memory, pytest.fail)
        fleet = Fleet(region, region, MemoryLedger(), some_prices())
        both = a_policy(an_endpoint_rule(), a_notebook_rule())

        eyes.remember()
        eyes.look(REGION, IDLE, fleet, region.now)
        seen = eyes.look(REGION, both, fleet, region.now)
        eyes.remember()

        assert memory.recall(ACCOUNT, REGION) is None
        assert [item.ref.name for item in seen.endpoints] == ["idle"]

    def test_only_what_adds_to_it_is_written(self) -> None:
        region = a_region(an_endpoint("idle"))
        called(region, "idle")
        memory = CountingMemory()
        fleet = Fleet(region, region, MemoryLedger(), some_prices())
        written: list[int] = []

        def hour() -> None:
            eyes = RememberingEyes(ACCOUNT, region, memory, pytest.fail)
            eyes.look(REGION, IDLE, fleet, region.now)
            eyes.remember()
            written.append(memory.written)
            region.now += HOUR
            region.set_calls("idle", 0.0)

        hour()
        hour()
        region.put(an_endpoint("new", created=region.now, modified=region.now))
        hour()
        hour()
        region.now += timedelta(days=1)
        hour()

        assert written == [1, 1, 2, 2, 3]

    def test_nothing_is_written_of_a_region_without_endpoints(self) -> None:
        memory = CountingMemory()
        region = a_region()
        eyes = RememberingEyes(ACCOUNT, region, memory, pytest.fail)

        eyes.look(REGION, IDLE, Fleet(region, region, MemoryLedger(), some_prices()), region.now)
        eyes.remember()

        assert memory.written == 0


class CountingMemory(InMemorySurveyMemory):
    """A memory that counts what is written.

    Attributes:
        written: How often.
    """

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def remember(self, account: str, region: str, recollection: Recollection) -> None:
        """Remember, and count."""
        self.written += 1
        super().remember(account, region, recollection)

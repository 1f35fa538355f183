from dataclasses import replace
from datetime import timedelta

from sagewarden.application.survey import Survey, survey
from sagewarden.domain.endpoint_metrics import series_of, variant_series
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import TagMatch
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    TWO_DAYS,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_scope,
    a_variant,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
)
from tests.support.fakes import FakeInventory, FakeTelemetry

IDLE = a_policy(an_endpoint_rule())
FIVE_HOURS = timedelta(hours=5)


def look(inventory: FakeInventory, telemetry: FakeTelemetry, policy: Policy = IDLE) -> Survey:
    return survey(REGION, policy, inventory, telemetry, NOW)


class TestWhatIsCollected:
    def test_only_the_kinds_that_rules_speak_of(self) -> None:
        inventory = FakeInventory(a_notebook(), an_endpoint())

        notebooks = look(inventory, FakeTelemetry(), a_policy(a_notebook_rule()))
        endpoints = look(inventory, FakeTelemetry(), IDLE)

        assert [item.ref.name for item in notebooks.resources] == ["nb"]
        assert [item.ref.name for item in endpoints.resources] == ["ep"]

    def test_the_account_is_the_one_that_arns_name(self) -> None:
        seen = look(FakeInventory(an_endpoint()), FakeTelemetry())
        empty = look(FakeInventory(), FakeTelemetry())

        assert seen.account == ACCOUNT
        assert empty.account is None

    def test_another_regions_resources_are_not_seen(self) -> None:
        inventory = FakeInventory(an_endpoint("here"), an_endpoint("there", region="us-east-1"))

        seen = look(inventory, FakeTelemetry())

        assert [item.ref.name for item in seen.endpoints] == ["here"]

    def test_nothing_is_seen_of_an_account_that_the_policy_does_not_govern(self) -> None:
        inventory, telemetry = FakeInventory(a_notebook(), an_endpoint()), FakeTelemetry()
        policy = replace(
            a_policy(a_notebook_rule(), an_endpoint_rule()), accounts=("444455556666",)
        )

        seen = look(inventory, telemetry, policy)

        assert seen.resources == ()
        assert seen.incomplete == (
            Incomplete("account 111122223333", "the policy's targets do not name it"),
        )
        assert telemetry.windows == []


class TestFrugality:
    def test_an_endpoint_in_use_is_not_described(self) -> None:
        inventory = FakeInventory(an_endpoint("busy"), an_endpoint("idle"))
        telemetry = FakeTelemetry()
        telemetry.calls("busy", (1.0,))
        telemetry.calls("idle", ZEROS)

        seen = look(inventory, telemetry)

        assert inventory.described == ["idle"]
        assert {item.ref.name: item.details is not None for item in seen.endpoints} == {
            "busy": False,
            "idle": True,
        }

    def test_one_that_a_single_rule_may_call_idle_is_described(self) -> None:
        inventory, telemetry = FakeInventory(an_endpoint()), FakeTelemetry()
        telemetry.calls("ep", (1.0, *ZEROS[1:]))
        short = an_endpoint_rule("short", window=FIVE_HOURS)

        look(inventory, telemetry, a_policy(an_endpoint_rule("long"), short))

        assert inventory.described == ["ep"]

    def test_no_metric_is_read_when_the_list_page_settles_everything(self) -> None:
        new = an_endpoint("new", created=NOW - timedelta(hours=1))
        updating = an_endpoint("updating", status="Updating")
        protected = an_endpoint("protected", tags={"Stage": "prod"})
        inventory, telemetry = FakeInventory(new, updating, protected), FakeTelemetry()
        rule = an_endpoint_rule(scope=a_scope(protections=(TagMatch("Stage"),)))

        seen = look(inventory, telemetry, a_policy(rule))

        assert telemetry.windows == []
        assert inventory.described == []
        assert len(seen.endpoints) == 3

    def test_only_series_of_open_questions_are_read(self) -> None:
        inventory, telemetry = FakeInventory(an_endpoint("ep")), FakeTelemetry()
        telemetry.calls("ep", ZEROS)
        telemetry.calls("not-ours", ZEROS)
        telemetry.load(series_of("Invocations", (("EndpointName", "ep"),)), (7.0,))

        look(inventory, telemetry)

        assert telemetry.asked == [variant_series("Invocations", "ep", "AllTraffic")]

    def test_each_window_is_read_once_however_many_rules_share_it(self) -> None:
        inventory, telemetry = FakeInventory(an_endpoint()), FakeTelemetry()
        telemetry.calls("ep", ZEROS)
        policy = a_policy(
            an_endpoint_rule("one"),
            an_endpoint_rule("two"),
            an_endpoint_rule("short", window=FIVE_HOURS),
        )

        seen = look(inventory, telemetry, policy)

        lengths = [window.end - window.start for window in telemetry.windows]
        assert lengths == [FIVE_HOURS, TWO_DAYS]
        assert set(seen.readings) == {FIVE_HOURS, TWO_DAYS}

    def test_over_each_window_only_what_its_rules_speak_of_is_read(self) -> None:
        inventory = FakeInventory(an_endpoint("dev-1"), an_endpoint("prod"))
        telemetry = FakeTelemetry()
        telemetry.calls("dev-1", (1.0,))
        telemetry.calls("prod", (1.0,))
        policy = a_policy(
            an_endpoint_rule("dev", scope=a_scope("dev", names=("dev-*",)), window=FIVE_HOURS),
            an_endpoint_rule("prod", scope=a_scope("prod", except_names=("dev-*",))),
        )

        seen = look(inventory, telemetry, policy)

        dev, prod = (
            variant_series("Invocations", name, "AllTraffic") for name in ("dev-1", "prod")
        )
        assert telemetry.asked == [dev, prod]
        assert {length: set(read.values) for length, read in seen.readings.items()} == {
            FIVE_HOURS: {dev},
            TWO_DAYS: {prod},
        }


class TestComponents:
    def test_use_of_a_component_is_known_only_once_its_endpoint_is_described(self) -> None:
        inventory, telemetry = (
            FakeInventory(an_endpoint_of_components("ep", "llama")),
            (FakeTelemetry()),
        )
        telemetry.component_calls("llama", (3.0,))

        seen = look(inventory, telemetry)

        assert inventory.described == ["ep"]
        assert telemetry.asked != []
        assert seen.endpoints[0].details is not None


class TestWhatCouldNotBeRead:
    def test_series_that_could_not_be_listed_are_unknown_not_absent(self) -> None:
        telemetry = FakeTelemetry()
        telemetry.unlisted = (Incomplete("Invocations series", "throttled"),)

        seen = look(FakeInventory(an_endpoint()), telemetry)

        assert seen.incomplete == telemetry.unlisted
        assert not seen.readings[TWO_DAYS].complete

    def test_a_complete_list_makes_an_absent_series_one_without_data(self) -> None:
        seen = look(FakeInventory(an_endpoint()), FakeTelemetry())

        assert seen.readings[TWO_DAYS].complete
        assert seen.incomplete == ()

    def test_unread_series_are_counted_in_one_line(self) -> None:
        endpoint = an_endpoint("ep", a_variant("blue"), a_variant("green"))
        telemetry = FakeTelemetry()
        telemetry.calls("ep", None, variant="blue")
        telemetry.calls("ep", None, variant="green")

        seen = look(FakeInventory(endpoint), telemetry)

        assert seen.incomplete == (
            Incomplete("2 metrics over 48 h in ap-northeast-2", "CloudWatch gave no data"),
        )

    def test_every_part_that_failed_is_named(self) -> None:
        inventory, telemetry = FakeInventory(a_notebook(), an_endpoint()), FakeTelemetry()
        inventory.incomplete = (Incomplete("tags of notebooks", "throttled"),)
        inventory.unreadable = {"ep"}

        seen = look(inventory, telemetry, a_policy(a_notebook_rule(), an_endpoint_rule()))

        assert [item.what for item in seen.incomplete] == ["tags of notebooks", "details of ep"]

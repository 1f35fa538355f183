from collections.abc import Sequence
from datetime import datetime, timedelta

from sagewarden.adapters.ledger_memory import MemoryLedger
from sagewarden.application.plan_fleet import Fleet, judge_survey, plan_fleet
from sagewarden.application.survey import Survey
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.plans import Incomplete, Limits, Plan
from sagewarden.domain.rules import Policy
from sagewarden.domain.scope import Mode
from sagewarden.domain.verdicts import VerdictKind
from tests.support.builders import (
    ACCOUNT,
    NOW,
    REGION,
    ZEROS,
    a_notebook,
    a_notebook_rule,
    a_policy,
    a_scope,
    an_endpoint,
    an_endpoint_of_components,
    an_endpoint_rule,
    some_prices,
)
from tests.support.fakes import FakeInventory, FakeTelemetry

VIRGINIA = "us-east-1"


def a_fleet(inventory: FakeInventory, telemetry: FakeTelemetry | None = None) -> Fleet:
    return Fleet(inventory, telemetry or FakeTelemetry(), MemoryLedger(), some_prices())


def plan(
    policy: Policy,
    fleet: Fleet,
    *,
    regions: Sequence[str] = (REGION,),
    now: datetime = NOW,
) -> Plan:
    return plan_fleet(policy, regions, fleet, now)


def test_actions_come_by_rule_as_in_the_policy_then_by_name() -> None:
    telemetry = FakeTelemetry()
    telemetry.calls("ep", ZEROS)
    fleet = a_fleet(FakeInventory(a_notebook("b"), an_endpoint(), a_notebook("a")), telemetry)

    made = plan(a_policy(an_endpoint_rule(), a_notebook_rule()), fleet)

    assert [planned.verdict.ref.name for planned in made.actions] == ["ep", "a", "b"]
    assert made.account == ACCOUNT
    assert made.generated_at == NOW


def test_planning_the_same_fleet_twice_gives_the_same_plan_and_writes_nothing() -> None:
    telemetry = FakeTelemetry()
    telemetry.calls("ep", ZEROS)
    inventory = FakeInventory(a_notebook(), an_endpoint())
    fleet = a_fleet(inventory, telemetry)
    before = dict(inventory.resources)

    first = plan(a_policy(an_endpoint_rule(), a_notebook_rule()), fleet)
    second = plan(a_policy(an_endpoint_rule(), a_notebook_rule()), fleet)

    assert first == second
    assert inventory.resources == before
    assert fleet.ledger.history(inventory.endpoint("ep").ref.arn) == ()
    assert fleet.ledger.live_cases(ACCOUNT, REGION) == ()


def test_every_verdict_carries_the_mode_of_its_rule() -> None:
    fleet = a_fleet(FakeInventory(a_notebook()))

    made = plan(a_policy(a_notebook_rule(mode=Mode.OBSERVE)), fleet)

    assert [planned.mode for planned in made.actions] == [Mode.OBSERVE]


def test_every_region_is_planned_and_one_that_fails_is_reported() -> None:
    inventory = FakeInventory(a_notebook("seoul"), a_notebook("virginia", region=VIRGINIA))
    fleet = a_fleet(inventory)

    whole = plan(a_policy(a_notebook_rule()), fleet, regions=[VIRGINIA, REGION])
    inventory.unreadable = {VIRGINIA}
    part = plan(a_policy(a_notebook_rule()), fleet, regions=[VIRGINIA, REGION])

    assert [planned.verdict.ref.name for planned in whole.actions] == ["virginia", "seoul"]
    assert [planned.verdict.ref.name for planned in part.actions] == ["seoul"]
    assert part.incomplete == (
        Incomplete("notebook instances in us-east-1", "AccessDeniedException"),
    )


def test_no_region_gives_an_empty_plan() -> None:
    made = plan(a_policy(a_notebook_rule()), a_fleet(FakeInventory()), regions=[])

    assert (made.actions, made.left_alone, made.account) == ((), (), None)


def test_the_share_of_a_kind_is_that_of_what_was_seen() -> None:
    inventory = FakeInventory(*(a_notebook(f"nb-{number}") for number in range(12)))
    limits = Limits(percent_of_kind=99, every_action=True)

    made = plan(a_policy(a_notebook_rule(), limits=limits), a_fleet(inventory))

    assert made.exceeded == ("12 of 12 notebook-instance resources, more than 99 %",)


def test_a_resource_out_of_a_rules_reach_has_no_verdict() -> None:
    inventory = FakeInventory(a_notebook("mine"), a_notebook("theirs"), an_endpoint("theirs-ep"))
    mine = a_scope(names=("mine*",))

    made = plan(
        a_policy(a_notebook_rule(scope=mine), an_endpoint_rule(scope=mine)), a_fleet(inventory)
    )

    assert [planned.verdict.ref.name for planned in made.actions] == ["mine"]
    assert made.left_alone == ()


def test_use_of_an_inference_component_keeps_its_endpoint() -> None:
    telemetry = FakeTelemetry()
    telemetry.component_calls("llama", (1.0,))
    telemetry.component_calls("bert", ZEROS)
    inventory = FakeInventory(
        an_endpoint_of_components("busy", "llama"), an_endpoint_of_components("idle", "bert")
    )

    made = plan(a_policy(an_endpoint_rule()), a_fleet(inventory, telemetry))

    assert [planned.verdict.ref.name for planned in made.actions] == ["idle"]
    assert made.actions[0].verdict.action is not None
    assert made.actions[0].verdict.action.kind is ActionKind.SCALE_TO_ZERO
    assert [verdict.kind for verdict in made.left_alone] == [VerdictKind.COMPLIANT]


def test_an_endpoint_that_turned_out_to_be_updating_is_left_alone() -> None:
    inventory, telemetry = FakeInventory(an_endpoint()), FakeTelemetry()
    telemetry.calls("ep", ZEROS)
    inventory.described_as["ep"] = an_endpoint(status="Updating")

    made = plan(a_policy(an_endpoint_rule()), a_fleet(inventory, telemetry))

    assert made.actions == ()
    assert [verdict.kind for verdict in made.left_alone] == [VerdictKind.NOT_APPLICABLE]


def test_an_endpoint_whose_use_was_not_read_is_unknown_not_forgotten() -> None:
    too_new_when_surveyed = Survey(REGION, endpoints=(an_endpoint(),))
    fleet = a_fleet(FakeInventory())

    verdicts = list(judge_survey(an_endpoint_rule(), too_new_when_surveyed, fleet, NOW))

    assert [verdict.kind for verdict in verdicts] == [VerdictKind.UNKNOWN]


def test_what_is_started_again_is_what_the_ledger_says_we_stopped() -> None:
    morning = NOW + timedelta(hours=13, minutes=30)
    fleet = a_fleet(FakeInventory(a_notebook(status="Stopped")))

    made = plan(a_policy(a_notebook_rule(start_again=True)), fleet, now=morning)

    assert made.actions == ()
    assert "not by us" in made.left_alone[0].reason

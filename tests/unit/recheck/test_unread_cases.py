"""What is not read is neither gone nor mended: its case waits."""

from datetime import datetime, timedelta

import pytest

from sagewarden.application.plan_fleet import Fleet
from sagewarden.application.survey import Survey, survey
from sagewarden.application.sweep import sweep
from sagewarden.domain.cases import CaseState
from sagewarden.domain.rules import Policy
from tests.support.builders import ACCOUNT, REGION, ZEROS, a_policy, an_endpoint, an_endpoint_rule
from tests.support.scenario import Scenario

HOUR = timedelta(hours=1)


class Glance:
    """Eyes that see nothing but know of an endpoint that it cannot be idle yet.

    Attributes:
        remembered: How often they were told to remember.
    """

    def __init__(self) -> None:
        self.remembered = 0

    def look(self, region: str, policy: Policy, fleet: Fleet, now: datetime) -> Survey:
        """Read nothing."""
        seen = survey(region, policy, fleet.inventory, fleet.telemetry, now)
        return Survey(region, unread={item.ref: now + HOUR for item in seen.endpoints})

    def remember(self) -> None:
        """Count."""
        self.remembered += 1


def test_a_case_whose_endpoint_is_not_read_is_not_over() -> None:
    scenario = Scenario(a_policy(an_endpoint_rule()), an_endpoint("idle"))
    scenario.telemetry.calls("idle", ZEROS)
    scenario.at("Mon 10:00").sweep()

    scenario.after(HOUR)
    eyes = Glance()
    report = sweep(scenario.policy, REGION, scenario.hands, scenario.notifier, eyes=eyes)

    assert report.resolved == ()
    assert [ref.name for ref in report.plan.unread] == ["idle"]
    assert report.plan.account == ACCOUNT
    assert [item.state for item in scenario.ledger.live_cases(ACCOUNT, REGION)] == [
        CaseState.WARNED
    ]
    assert eyes.remembered == 1


def test_nothing_is_remembered_before_what_follows_from_a_look_is_certain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A case that ends when its notice is sent must not be forgotten when it is not."""
    scenario = Scenario(a_policy(an_endpoint_rule()), an_endpoint("idle"))
    settles: list[object] = []
    monkeypatch.setattr(scenario.notifier, "afterwards", settles.append)  # a queue, not flushed
    eyes = Glance()

    sweep(scenario.policy, REGION, scenario.hands, scenario.notifier, eyes=eyes)

    assert eyes.remembered == 0
    assert settles == [eyes.remember]

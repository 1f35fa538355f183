"""Advising about several accounts: none stops another, and each reader is told their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from sagewarden.adapters.instance_catalogue import instance_catalogue
from sagewarden.application.advise import AdviceHands
from sagewarden.application.advise_all import advise_all, letters
from sagewarden.application.ports import UnreadableError
from sagewarden.application.targets import Target
from sagewarden.domain.advice.report import Report
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceKind
from tests.support.advice import HOME, OWNED, each_hour, list_prices, measured
from tests.support.advising import KnownAccelerators, KnownHosting, MeasuredTelemetry, RoomyQuotas
from tests.support.builders import NOW, a_ref, an_endpoint
from tests.support.fakes import FakeInventory
from tests.support.reports import a_report, an_advice

CLOSED, FIRST, SECOND = "111111111111", "222222222222", "333333333333"
MONDAY = date(2026, 11, 2)


def hands(account: str) -> AdviceHands:
    """An account with one endpoint; one account's role cannot be assumed."""
    if account == CLOSED:
        raise UnreadableError(f"the account of {account}", "AccessDenied")
    endpoint = an_endpoint("churn", region=HOME, tags=OWNED)
    endpoint = replace(
        endpoint, ref=a_ref("churn", ResourceKind.ENDPOINT, region=HOME, account=account)
    )
    called: dict[str, Any] = {name: each_hour(20) for name in ("calls", "seconds", "memory_max")}
    return AdviceHands(
        inventory=FakeInventory(endpoint),
        telemetry=MeasuredTelemetry(measured("churn", **called)),
        hosting=KnownHosting(),
        accelerators=(KnownAccelerators(),),
        quotas=RoomyQuotas(),
        prices=list_prices(),
        catalogue=instance_catalogue(),
    )


def advised(has_time: Callable[[], bool] = lambda: True) -> Report:
    places = [Target(account, HOME) for account in (CLOSED, FIRST, SECOND)]
    return advise_all(places, Owners(), hands, NOW, has_time)


def test_an_account_that_cannot_be_entered_is_named_and_the_others_are_advised_about() -> None:
    report = advised()

    assert report.incomplete == (Incomplete(f"the account of {CLOSED}", "AccessDenied"),)
    assert {item.ref.account for item in report.advice} == {FIRST, SECOND}


def test_an_account_that_no_time_is_left_for_is_named() -> None:
    report = advised(lambda: False)

    assert report.advice == ()
    assert [item.what for item in report.incomplete] == [
        f"account {account}" for account in (CLOSED, FIRST, SECOND)
    ]
    assert {item.why for item in report.incomplete} == {"there was no time left for it"}


def test_teams_with_something_to_do_are_told_and_ops_in_any_case_and_last() -> None:
    report = a_report(an_advice("a", 10, team="vision"), an_advice("b", 5))

    told = [letter.team for letter in letters(report, MONDAY, 1, ["search", "vision"])]
    nothing = [letter.team for letter in letters(a_report(), MONDAY, 1, ["search", "vision"])]

    assert told == ["vision", None]
    assert nothing == [None]

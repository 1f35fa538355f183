"""Advising about several accounts: none stops another, and each reader is told their own."""

import json
import tracemalloc
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sagewarden.adapters.instance_catalogue import instance_catalogue
from sagewarden.adapters.report_records import read_report, report_record
from sagewarden.application.advise import LOOKED_BACK, AdviceHands, advise
from sagewarden.application.advise_all import (
    Asked,
    Parts,
    advise_about,
    ask,
    letters,
    missing,
    together,
)
from sagewarden.application.ports import UnreadableError
from sagewarden.application.targets import Target
from sagewarden.domain.advice.advisor import advice_on
from sagewarden.domain.advice.report import Report, joined
from sagewarden.domain.owners import Owners
from sagewarden.domain.plans import Incomplete
from sagewarden.domain.resources import ResourceKind
from tests.support.advice import (
    HOME,
    OWNED,
    a_workload,
    each_hour,
    knowing,
    list_prices,
    measured,
)
from tests.support.advice_parts import MemoryParts
from tests.support.advising import KnownAccelerators, KnownHosting, MeasuredTelemetry, RoomyQuotas
from tests.support.builders import ACCOUNT, NOW, a_ref, an_endpoint
from tests.support.fakes import FakeInventory
from tests.support.reports import a_report, an_advice

CLOSED, FIRST, SECOND = "111111111111", "222222222222", "333333333333"
MONDAY = date(2026, 11, 2)
FEW, PIECES = 20, 50
MEMORY = 1024 * 1024**2
"""The function's MemorySize in the template, in bytes."""
IDLE: dict[str, Any] = {
    name: each_hour(5) for name in ("calls", "seconds", "cpu", "cpu_max", "memory_max")
}


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


def asked_about(parts: Parts, *accounts: str) -> Asked:
    places = [Target(account, HOME) for account in accounts]
    return ask(MONDAY, lambda: places, parts, NOW)


def answer(parts: Parts, asked: Asked, *accounts: str) -> None:
    for account in accounts:
        advise_about(account, asked, Owners(), hands, parts)


def test_who_is_asked_about_stays_when_somebody_asks_again() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, FIRST, SECOND)

    again = ask(MONDAY, lambda: [Target(CLOSED, HOME)], parts, NOW + timedelta(hours=1))

    assert again == asked
    assert asked.regions == {FIRST: (HOME,), SECOND: (HOME,)}


def test_an_account_is_asked_about_once_with_all_its_regions() -> None:
    places = [Target(FIRST, HOME), Target(SECOND, HOME), Target(FIRST, "eu-west-1")]

    asked = ask(MONDAY, lambda: places, MemoryParts(), NOW)

    assert asked.regions == {FIRST: (HOME, "eu-west-1"), SECOND: (HOME,)}
    assert asked.places == 3


def test_an_account_that_cannot_be_entered_has_answered_and_the_others_are_advised_about() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, CLOSED, FIRST, SECOND)
    answer(parts, asked, SECOND, CLOSED, FIRST)

    absent = missing(asked, parts)
    report = together(asked, parts, absent)

    assert absent == ()
    assert report.incomplete == (Incomplete(f"the account of {CLOSED}", "AccessDenied"),)
    assert {item.ref.account for item in report.advice} == {FIRST, SECOND}


def test_an_account_that_does_not_answer_is_named_first_and_the_rest_is_told() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, CLOSED, FIRST, SECOND)
    answer(parts, asked, CLOSED, FIRST)

    absent = missing(asked, parts)
    report = together(asked, parts, absent)

    assert absent == (SECOND,)
    assert [item.what for item in report.incomplete] == [
        f"account {SECOND}",
        f"the account of {CLOSED}",
    ]
    assert report.incomplete[0].why.startswith("not read: it did not answer within 5 hours")
    assert {item.ref.account for item in report.advice} == {FIRST}


def test_where_nobody_answers_everybody_is_named() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, FIRST, SECOND)

    report = together(asked, parts, missing(asked, parts))

    assert [item.what for item in report.incomplete] == [f"account {FIRST}", f"account {SECOND}"]
    assert (report.at, report.advice) == (NOW, ())


def test_nobody_to_ask_about_is_nothing_to_wait_for() -> None:
    parts = MemoryParts()
    asked = asked_about(parts)

    assert missing(asked, parts) == ()
    assert together(asked, parts, ()).incomplete == ()


def test_an_account_that_has_answered_is_not_looked_at_again() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, FIRST)
    answer(parts, asked, FIRST)

    def nobody(account: str) -> AdviceHands:
        raise AssertionError(account)

    assert advise_about(FIRST, asked, Owners(), nobody, parts) is None
    assert len(together(asked, parts, ()).advice) == 1


def test_every_account_is_advised_about_for_the_moment_in_which_it_was_asked() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, FIRST, CLOSED)
    answer(parts, asked, FIRST, CLOSED)

    assert {parts.read(MONDAY, account).at for account in (FIRST, CLOSED)} == {NOW}


def test_accounts_together_are_told_of_as_if_one_run_had_read_them_all() -> None:
    parts = MemoryParts()
    asked = asked_about(parts, SECOND, FIRST)
    answer(parts, asked, SECOND, FIRST)

    in_one_run = joined(advise([HOME], Owners(), hands(one), NOW) for one in (FIRST, SECOND))

    assert together(asked, parts, ()) == in_one_run


def test_what_a_thousand_accounts_answer_fits_into_half_of_the_functions_memory() -> None:
    """Fifty pieces an account; each as S3 gives it back, so that nothing is shared."""
    loads = [a_workload(f"churn-{number}", **IDLE) for number in range(PIECES)]
    found = Report(at=NOW, looked_back=LOOKED_BACK, advice=tuple(advice_on(loads, knowing())))
    text = json.dumps(report_record(found))
    accounts = [f"{number:012d}" for number in range(FEW)]
    asked = Asked(MONDAY, NOW, dict.fromkeys(accounts, (HOME,)))

    class Written(MemoryParts):
        def kept(self, monday: date) -> Collection[str]:
            return accounts if monday == MONDAY else ()

        def read(self, monday: date, account: str) -> Report:
            assert monday == MONDAY
            return read_report(json.loads(text.replace(ACCOUNT, account)))

    tracemalloc.start()
    report = together(asked, Written(), ())
    told = list(letters(report, MONDAY, asked.places, ["ranking"]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (len(report.advice) >= FEW * PIECES, len(told)) == (True, 2)
    assert peak / FEW * 1_000 < MEMORY / 2


def test_teams_with_something_to_do_are_told_and_ops_in_any_case_and_last() -> None:
    report = a_report(an_advice("a", 10, team="vision"), an_advice("b", 5))

    told = [letter.team for letter in letters(report, MONDAY, 1, ["search", "vision"])]
    nothing = [letter.team for letter in letters(a_report(), MONDAY, 1, ["search", "vision"])]

    assert told == ["vision", None]
    assert nothing == [None]

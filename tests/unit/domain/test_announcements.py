"""What others are told of the audit trail."""

import re
from dataclasses import replace
from datetime import date, timedelta, timezone
from typing import Any

import pytest

from sagewarden.domain.actions import Action, ActionKind
from sagewarden.domain.announcements import (
    ALWAYS,
    FIELDS,
    FORMS,
    LONGEST,
    Announcement,
    announced,
    announced_outcome,
)
from sagewarden.domain.audit import EVERYTHING, AuditEntry, Happening, noted, noted_exemption
from sagewarden.domain.cases import open_case
from sagewarden.domain.exemptions import Exemption
from sagewarden.domain.outcomes import Outcome, OutcomeKind
from tests.support.builders import ACCOUNT, NOW, REGION, a_ref, a_violation
from tests.support.event_schemas import faults_of

CASE = open_case(a_violation(), NOW)
DETAILS: dict[Happening, dict[str, object]] = {
    Happening.OPENED: {"reason": "it runs"},
    Happening.WARNED: {"reason": "it runs", "evidence": "hours=2", "due": NOW, "channel": "C1"},
    Happening.WARNING_REFUSED: {"reason": "it runs", "evidence": None, "due": None},
    Happening.REMINDED: {"due": NOW},
    Happening.SNOOZED: {"until": NOW},
    Happening.GAVE_UP: {"reason": "AccessDenied"},
    Happening.RESOLVED: {"reason": "it is stopped"},
}


def an_exemption(resources: str, until: date | None = None) -> Exemption:
    return Exemption(resources, until, "a launch", "mina", NOW, rule="idle-endpoints")


def an_outcome(kind: ActionKind, undo: str | None = None) -> Outcome:
    action = Action(kind, CASE.ref, CASE.action.precondition)
    return Outcome(CASE.rule, action, OutcomeKind.APPLIED, "it was deleted", NOW, undo)


def an_announcement(what: Happening) -> Announcement:
    """One of each kind, as the ledger tells of it."""
    match what:
        case Happening.EXEMPTED | Happening.LIFTED:
            entry = noted_exemption(an_exemption(CASE.ref.arn), what, NOW, "mina")
        case Happening.HALTED:
            entry = AuditEntry(NOW, EVERYTHING, what, "ops", {"why": "incident 42"})
        case Happening.RESUMED:
            entry = AuditEntry(NOW, EVERYTHING, what, "ops")
        case Happening.OUTCOME:
            return announced_outcome(an_outcome(ActionKind.DELETE, "sagewarden restore ep"), "key")
        case _:
            entry = noted(CASE, what, NOW, "sagewarden", **DETAILS.get(what, {}))
    return announced(entry, "key")


def as_event(one: Announcement) -> dict[str, Any]:
    """The announcement as EventBridge delivers it."""
    return {
        "version": "0",
        "id": "an-id",
        "detail-type": one.detail_type,
        "source": "sagewarden",
        "account": ACCOUNT,
        "time": one.at.isoformat(),
        "region": REGION,
        "resources": [one.arn] if one.arn else [],
        "detail": dict(one.detail),
    }


@pytest.mark.parametrize("what", Happening)
def test_whatever_happens_is_announced_as_the_published_schema_says(what: Happening) -> None:
    assert faults_of(as_event(an_announcement(what))) == []


def test_every_happening_has_a_name_of_its_own_and_known_fields() -> None:
    names = [form.detail_type for form in FORMS.values()]
    unknown = [
        name
        for form in FORMS.values()
        for name in (*form.fields, *form.optional)
        if name not in FIELDS
    ]

    assert FORMS.keys() == set(Happening)
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z]\w+( [A-Z]\w+)+", name) for name in names)
    assert unknown == []


def test_an_announcement_says_where_and_in_which_case_something_happened() -> None:
    one = an_announcement(Happening.WARNED)

    assert one.detail == {
        "version": "1",
        "id": one.id,
        "at": "2026-11-02T11:00:00+00:00",
        "by": "sagewarden",
        "arn": CASE.ref.arn,
        "account": CASE.ref.account,
        "region": CASE.ref.region,
        "name": CASE.ref.name,
        "case": CASE.case_id,
        "rule": CASE.rule,
        "action": "delete",
        "reason": "it runs",
        "evidence": "hours=2",
        "due": "2026-11-02T11:00:00+00:00",
    }
    assert (one.detail_type, one.at, one.line) == ("Owner Warned", NOW, CASE.ref.arn)


def test_the_same_entry_has_the_same_id_and_another_one_another() -> None:
    entry = noted(CASE, Happening.ACTING, NOW)

    ids = [announced(entry, key).id for key in ("a", "a", "b")]

    assert ids[0] == ids[1] != ids[2]


def test_the_owner_is_named_where_the_case_has_one() -> None:
    entry = noted(replace(CASE, owner="mina"), Happening.ACTING, NOW)

    assert announced(entry, "key").detail["owner"] == "mina"
    assert "owner" not in an_announcement(Happening.ACTING).detail


def test_an_outcome_belongs_to_the_case_that_asked_for_it() -> None:
    assert announced_outcome(an_outcome(ActionKind.DELETE), "key").detail["case"] == CASE.case_id


def test_what_a_person_undid_belongs_to_no_case() -> None:
    one = announced_outcome(an_outcome(ActionKind.RESTORE), "key")

    assert "case" not in one.detail
    assert one.detail["action"] == "restore"


def test_an_exemption_of_one_resource_names_it_and_one_of_many_names_the_pattern() -> None:
    pattern = "arn:aws:sagemaker:*:*:endpoint/demo-*"
    one, many, named = (
        announced(noted_exemption(an_exemption(text), Happening.EXEMPTED, NOW, "mina"), "key")
        for text in (a_ref("nb").arn, pattern, "demo")
    )

    assert (one.detail["name"], one.arn) == ("nb", a_ref("nb").arn)
    assert (many.detail["resources"], many.arn, many.detail.get("account")) == (pattern, None, None)
    assert (named.detail["resources"], named.arn) == ("demo", None)


def test_an_exemption_has_a_last_day_unless_it_is_for_good() -> None:
    ending, endless = (
        announced(noted_exemption(an_exemption("nb", until), Happening.LIFTED, NOW, "mina"), "key")
        for until in (date(2026, 12, 24), None)
    )

    assert ending.detail["last_day"] == "2026-12-24"
    assert not {"last_day", "until"} & endless.detail.keys()


def test_moments_are_told_in_utc_and_long_texts_are_cut() -> None:
    entry = noted(CASE, Happening.OPENED, NOW, reason="é" * (LONGEST + 1))
    there = replace(entry, at=NOW.astimezone(timezone(timedelta(hours=9))))

    detail = announced(there, "key").detail

    assert detail["at"] == "2026-11-02T11:00:00+00:00"
    assert (len(detail["reason"]), detail["reason"][-1]) == (LONGEST, "…")


def test_an_entry_without_what_its_form_promises_is_refused() -> None:
    with pytest.raises(KeyError, match="reason"):
        announced(noted(CASE, Happening.OPENED, NOW), "key")


def test_what_is_not_described_is_not_announced() -> None:
    detail = announced(noted(CASE, Happening.ACTING, NOW, channel="C1", reason="x"), "key").detail

    assert detail.keys() == {*ALWAYS, *FORMS[Happening.ACTING].fields}

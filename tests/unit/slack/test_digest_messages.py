"""A digest in words: short, in both languages, within Slack's limits whatever people wrote."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.adapters.digest_plain import plain_digest
from sagewarden.adapters.digest_records import (
    DigestFormatError,
    digest_record,
    envelope,
    read_digest,
    read_envelope,
)
from sagewarden.adapters.slack.letter_blocks import letter_message
from sagewarden.adapters.slack.texts import Language
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.digest import MOST_SHOWN, Digest, Entry, LastDay, Some, Sum
from sagewarden_cli.slack.blocks import message_blocks
from tests.support.digests import MONDAY_AFTER, ZONE

DAY = timedelta(days=1)
PRICES = date(2026, 5, 20)
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 8)

ENTRIES = st.builds(
    Entry,
    name=st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9-]{0,62}", fullmatch=True),
    action=st.sampled_from(ActionKind),
    rule=st.from_regex(r"[a-z][a-z0-9-]{0,63}", fullmatch=True),
    at=st.none() | st.integers(-400, 400).map(lambda days: MONDAY_AFTER + days * DAY),
    owner=st.none() | st.text(max_size=256),
    by=st.none() | st.text(max_size=256),
)
LAST_DAYS = st.builds(
    LastDay,
    resources=st.text(min_size=1, max_size=2000),
    until=st.dates(),
    over=st.booleans(),
    by=st.text(min_size=1, max_size=256),
)
COUNTS = st.integers(0, 10**6)
SUMS = st.builds(
    Sum,
    usd=st.decimals(0, 10**9, places=4),
    known=COUNTS,
    unknown=COUNTS,
    as_of=st.none() | st.dates(),
)


def some(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Some[Any]]:
    return st.builds(
        lambda shown, more: Some(tuple(shown), len(shown) + more),
        st.lists(items, max_size=MOST_SHOWN),
        COUNTS,
    )


DIGESTS = st.builds(
    Digest,
    team=st.none() | st.text(min_size=1, max_size=256),
    first_day=st.dates(),
    last_day=st.dates(),
    at=st.just(MONDAY_AFTER),
    done=st.dictionaries(st.sampled_from(ActionKind), COUNTS),
    projected=SUMS,
    realised=SUMS,
    hours=st.decimals(0, 10**7, places=2),
    pending=some(ENTRIES),
    pending_saving=SUMS,
    unanswered=some(ENTRIES),
    snoozed=some(ENTRIES),
    exempted=COUNTS,
    exemptions=some(LAST_DAYS),
    restored=some(ENTRIES),
    failed=some(ENTRIES),
    resolved=COUNTS,
    found=COUNTS,
    halted=st.none() | st.text(max_size=3000),
    places=COUNTS,
)


def a_digest(**more: object) -> Digest:
    return Digest(None, FIRST, LAST, MONDAY_AFTER, **more)  # type: ignore[arg-type]  # its fields


def an_entry(name: str, days: float, **more: object) -> Entry:
    at = MONDAY_AFTER + days * DAY
    return Entry(name, ActionKind.DELETE, "idle-endpoints", at, **more)  # type: ignore[arg-type]  # its fields


BUSY = a_digest(
    done={ActionKind.STOP: 5, ActionKind.DELETE: 2, ActionKind.START: 4},
    projected=Sum(Decimal("1234.5"), 6, 1, PRICES),
    realised=Sum(Decimal("56.2"), 8, 0, PRICES),
    hours=Decimal(412),
    pending=Some((an_entry("churn", 1, owner="tom"), an_entry("late", -1)), 8),
    pending_saving=Sum(Decimal(73), 7, 1, PRICES),
    unanswered=Some((an_entry("old", -23.5),), 1),
    snoozed=Some((an_entry("chat", 3, by="mina"),), 1),
    exemptions=Some(
        (
            LastDay("arn:aws:sagemaker:x:1:endpoint/pose", date(2026, 11, 5), over=True, by="kim"),
            LastDay("demo-*", date(2026, 11, 20), over=False, by="lee"),
        ),
        2,
    ),
    restored=Some((an_entry("back", -2, by="tom"),), 1),
    failed=Some((an_entry("stuck", -2),), 1),
    resolved=3,
    exempted=2,
    found=1,
    places=8,
)


def test_it_says_first_what_was_done_and_what_that_saves() -> None:
    words = plain_digest(BUSY, ZONE)

    title = "SageMaker, 2026-11-02 to 2026-11-08: 7 done, saves $1,234.50 a month"
    assert words.title == title
    assert words.paragraphs[0] == (
        "Done: 2 deleted, 5 stopped, 4 started",
        (
            "Projected saving: $1,234.50 a month at list price (prices of 2026-05-20), "
            "1 more without a known price"
        ),
        "Realised saving: $56.20 for 412 h that were not run (prices of 2026-05-20)",
    )


def test_then_what_is_coming_and_what_is_left_alone() -> None:
    words = plain_digest(BUSY, ZONE)

    assert words.paragraphs[1:] == (
        (
            "Coming up: 8, worth $73.00 a month, 1 more without a known price",
            "• churn will be deleted 2026-11-10 09:00 · tom",
            "• late is due since 2026-11-08 09:00",
            "and 6 more",
        ),
        ("Warned and never answered: 1", "• old breaks idle-endpoints, for 23 days"),
        ("Given up after failing: 1", "• stuck (idle-endpoints), 2026-11-07 09:00"),
        ("Brought back: 1", "• back 2026-11-07 09:00 · tom"),
        ("Put off: 1", "• chat until 2026-11-12 09:00 · mina"),
        (
            "Exemptions that end: 2",
            "• endpoint/pose ended on 2026-11-05 · kim",
            "• demo-* ends on 2026-11-20 · lee",
        ),
    )
    assert words.small_print[:-1] == (
        "3 ended by themselves",
        "2 exempted",
        "1 not warned of yet",
        "8 accounts and regions watched",
    )


def test_a_quiet_week_is_told_in_one_line() -> None:
    words = plain_digest(a_digest(places=8), ZONE)

    assert words.title == "SageMaker, 2026-11-02 to 2026-11-08: nothing was done"
    assert words.paragraphs == (("Done: nothing",),)
    assert words.small_print[0] == "8 accounts and regions watched"


def test_what_has_no_known_price_is_not_told_as_nothing_saved() -> None:
    unknown = Sum(unknown=2)
    words = plain_digest(
        a_digest(
            done={ActionKind.DELETE: 2},
            projected=unknown,
            realised=unknown,
            hours=Decimal(30),
            pending=Some((an_entry("churn", 1),), 1),
            pending_saving=Sum(unknown=1),
        ),
        ZONE,
    )

    assert "$" not in str(words)
    assert words.paragraphs[0][1:] == (
        "Projected saving: not known, there is no list price",
        "Realised saving: not known for 30 h that were not run",
    )
    assert words.paragraphs[1][0] == "Coming up: 1, 1 more without a known price"


def test_a_teams_digest_says_whose_it_is_and_a_halt_comes_first() -> None:
    digest = Digest("vision", FIRST, LAST, MONDAY_AFTER, halted="the bill *looks* wrong", places=9)

    words = plain_digest(digest, ZONE)

    assert words.title.startswith("vision: SageMaker, ")
    assert words.paragraphs[0][0] == "Everything is halted: the bill *looks* wrong"
    assert "watched" not in str(words.small_print)


@pytest.mark.parametrize(
    ("language", "said"), [(Language.ENGLISH, "run"), (Language.KOREAN, "실행")]
)
def test_its_last_words_are_the_run_that_sent_it(language: Language, said: str) -> None:
    sent = replace(BUSY, run="8c1d4ee0-run")

    *_, small_print = letter_message(sent, language).blocks

    assert plain_digest(sent, ZONE).small_print[-1] == "run 8c1d4ee0-run"
    assert small_print["elements"][0]["text"].endswith(f" · {said} 8c1d4ee0-run")
    assert "run" not in plain_digest(BUSY, ZONE).small_print[-1]


def test_in_slack_moments_are_in_each_readers_own_zone() -> None:
    shown = json.dumps(letter_message(BUSY, Language.ENGLISH).blocks, ensure_ascii=False)

    assert "`churn` will be deleted <!date^" in shown
    assert "*Coming up: 8*" in shown


def test_korean_says_the_same() -> None:
    message = letter_message(BUSY, Language.KOREAN)

    assert message.text == "SageMaker 2026-11-02 ~ 2026-11-08: 조치 7건, 월 $1,234.50 절감"
    assert len(message.blocks) == len(letter_message(BUSY, Language.ENGLISH).blocks)


@given(DIGESTS, st.sampled_from(Language))
def test_whatever_people_wrote_slack_takes_it(digest: Digest, language: Language) -> None:
    message = letter_message(digest, language)

    assert message_blocks(list(message.blocks))  # or it raises
    texts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    assert all(text.count("<") == text.count("<!date^") for text in texts)


@pytest.mark.parametrize("language", Language)
def test_the_longest_digest_that_there_can_be_is_no_longer_than_slack_takes(
    language: Language,
) -> None:
    worst = an_entry("n" * 63, 1, owner="&" * 256, by="&" * 256)
    many = Some((replace(worst, rule="r" * 64),) * MOST_SHOWN, 10**6)
    ends = LastDay("&" * 2000, LAST, over=True, by="&" * 256)
    digest = replace(
        BUSY,
        team="&" * 256,
        pending=many,
        unanswered=many,
        snoozed=many,
        restored=many,
        failed=many,
        exemptions=Some((ends,) * MOST_SHOWN, 10**6),
        halted="&" * 3000,
    )

    assert message_blocks(list(letter_message(digest, language).blocks))


@given(DIGESTS)
def test_what_is_written_down_is_read_again(digest: Digest) -> None:
    assert read_digest(json.loads(json.dumps(digest_record(digest)))) == digest


@given(DIGESTS)
def test_a_digest_fits_into_a_message_of_a_queue(digest: Digest) -> None:
    assert len(json.dumps(envelope(digest)).encode()) < 256 * 1024


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "version: 2 is not 1"),
        ({"digest": {}}, "first_day"),
        ({"digest": None}, "TypeError"),
        ({"digest": {**digest_record(BUSY), "hours": "many"}}, "ConversionSyntax"),
    ],
)
def test_what_is_no_digest_is_refused_with_a_reason(change: dict[str, object], reason: str) -> None:
    with pytest.raises(DigestFormatError, match=reason):
        read_envelope({**envelope(BUSY), **change})

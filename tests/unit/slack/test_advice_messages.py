"""A week's advice in words: short, in both languages, within Slack's limits whatever is in it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagewarden.adapters.advice_plain import plain_advice
from sagewarden.adapters.advice_records import AdviceFormatError, envelope, read_envelope
from sagewarden.adapters.slack.letter_blocks import letter_message
from sagewarden.adapters.slack.letters import LaidOut
from sagewarden.adapters.slack.texts import Language
from sagewarden.domain.advice.advice import AdviceKind, Risk
from sagewarden.domain.digest import MOST_SHOWN, Some, Sum
from sagewarden.domain.weekly_advice import MOST_SHARES, Share, Tip, WeeklyAdvice
from sagewarden_cli.slack.blocks import message_blocks
from tests.support.digests import MONDAY_AFTER, ZONE

PRICES = date(2026, 5, 20)
MONDAY = date(2026, 11, 9)
HERE, THERE = "111122223333", "444455556666"

COUNTS = st.integers(0, 10**6)
MONEY = st.decimals(-(10**6), 10**9, places=4)
ACCOUNTS = st.from_regex(r"\d{12}", fullmatch=True)
TIPS = st.builds(
    Tip,
    number=COUNTS,
    kind=st.sampled_from(AdviceKind).map(str) | st.just("a-kind-of-a-newer-version"),
    name=st.text(min_size=1, max_size=256),
    others=COUNTS,
    account=ACCOUNTS,
    region=st.just("ap-northeast-2"),
    title=st.text(max_size=2000),
    usd=st.none() | MONEY,
    risk=st.sampled_from(Risk).map(str),
    owner=st.none() | st.text(max_size=256),
)
SHARES = st.builds(
    Share, account=ACCOUNTS, team=st.none() | st.text(max_size=256), usd=MONEY, pieces=COUNTS
)


def some(items: st.SearchStrategy[Any], most: int = MOST_SHOWN) -> st.SearchStrategy[Some[Any]]:
    return st.builds(
        lambda shown, more: Some(tuple(shown), len(shown) + more),
        st.lists(items, max_size=most),
        COUNTS,
    )


LETTERS = st.builds(
    WeeklyAdvice,
    team=st.none() | st.text(min_size=1, max_size=256),
    monday=st.dates(),
    at=st.just(MONDAY_AFTER),
    saving=st.builds(Sum, usd=MONEY, known=COUNTS, unknown=COUNTS, as_of=st.none() | st.dates()),
    tips=some(TIPS),
    shares=some(SHARES, MOST_SHARES),
    blocked=COUNTS,
    unjudged=COUNTS,
    unread=some(st.text(max_size=3000)),
    places=COUNTS,
)


def a_tip(name: str, usd: str | None, **more: object) -> Tip:
    fields: dict[str, Any] = {
        "number": 1,
        "kind": "underused-gpu",
        "name": name,
        "others": 0,
        "account": HERE,
        "region": "us-east-1",
        "title": f"{name} hardly works",
        "usd": None if usd is None else Decimal(usd),
        "risk": "low",
        **more,
    }
    return Tip(**fields)


FULL = WeeklyAdvice(
    team=None,
    monday=MONDAY,
    at=MONDAY_AFTER,
    saving=Sum(Decimal("4231.23"), 2, 1, PRICES),
    tips=Some(
        (
            a_tip("vision", "4147.86", owner="mina"),
            a_tip("churn", "83.37", kind="shared-endpoint", others=2, number=2, risk="high"),
            a_tip("old", None, kind="elastic-inference", number=4, account=THERE, risk="medium"),
        ),
        7,
    ),
    shares=Some(
        (Share(HERE, "vision", Decimal("4147.86"), 1), Share(THERE, None, Decimal(0), 1)), 2
    ),
    blocked=3,
    unjudged=4,
    unread=Some(("ECS clusters in us-east-1: AccessDenied",), 1),
    places=8,
)


def told(letter: WeeklyAdvice) -> LaidOut:
    return plain_advice(letter, ZONE)


def test_it_says_first_what_could_be_saved_and_then_the_best_of_it_with_its_evidence() -> None:
    words = told(FULL)

    assert words.title == "SageMaker advice, week of 2026-11-09: up to $4,231.23 a month"
    assert words.paragraphs[0] == (
        (
            "Could be saved: up to $4,231.23 a month at list price (prices of 2026-05-20), "
            "1 more without a known price"
        ),
    )
    assert words.paragraphs[1:6] == (
        ("The best of 7, none of it done by itself",),
        (
            (
                "$4,147.86 a month · vision: GPUs that hardly work · low risk · no. 1 "
                f"· us-east-1 in {HERE} · mina"
            ),
            "vision hardly works",
        ),
        (
            (
                "$83.37 a month · churn and 2 more: one endpoint would do · high risk · no. 2 "
                f"· us-east-1 in {HERE}"
            ),
            "churn hardly works",
        ),
        (
            (
                "saving unknown · old: names Elastic Inference, which is gone · medium risk "
                f"· no. 4 · us-east-1 in {THERE}"
            ),
            "old hardly works",
        ),
        ("and 4 more",),
    )


def test_then_whose_it_is_and_what_could_not_be_read_and_how_to_see_the_rest() -> None:
    words = told(FULL)

    assert words.paragraphs[6:] == (
        (
            "By team and account",
            f"• vision in {HERE}: up to $4,147.86 a month, 1 to look at",
            f"• no team in {THERE}: up to $0.00 a month, 1 to look at",
        ),
        (
            "Not read: 1, so more may be possible",
            "• ECS clusters in us-east-1: AccessDenied",
        ),
    )
    assert words.small_print == (
        "3 cannot be done as things are",
        "4 not judged: no data is no evidence",
        "8 accounts and regions looked at",
        (
            "evidence, arithmetic and the exact change, in its account: "
            "sagewarden advise --explain N"
        ),
    )


def test_a_teams_letter_says_whose_it_is_and_leaves_out_what_is_the_same_for_all() -> None:
    letter = replace(
        FULL, team="my team", places=1, shares=Some(), unread=Some((), 1), blocked=0, unjudged=0
    )

    words = told(letter)

    assert words.title.startswith("my team: SageMaker advice, ")
    assert "111122223333" not in str(words)
    assert words.small_print == (
        "1 parts could not be read",
        "evidence, arithmetic and the exact change: sagewarden advise --team 'my team' --explain N",
    )


@pytest.mark.parametrize(
    ("language", "said"), [(Language.ENGLISH, "run"), (Language.KOREAN, "실행")]
)
def test_its_last_words_are_the_run_that_sent_it(language: Language, said: str) -> None:
    sent = replace(FULL, run="8c1d4ee0-run")

    *_, small_print = letter_message(sent, language).blocks

    assert told(sent).small_print[-1] == "run 8c1d4ee0-run"
    assert small_print["elements"][0]["text"].endswith(f" · {said} 8c1d4ee0-run")
    assert [text for text in told(FULL).small_print if text.startswith("run ")] == []


def test_a_week_with_nothing_to_save_is_told_in_one_line() -> None:
    words = told(WeeklyAdvice(None, MONDAY, MONDAY_AFTER, places=8))

    assert words.title == "SageMaker advice, week of 2026-11-09: nothing to save"
    assert words.paragraphs == (("No change is known that would do the same work for less.",),)
    assert words.small_print == (
        "8 accounts and regions looked at",
        "also what was not judged, and why: sagewarden advise --all",
    )


def test_what_has_no_known_price_is_not_told_as_nothing() -> None:
    unknown = a_tip("old", None)
    words = told(replace(FULL, saving=Sum(unknown=1), tips=Some((unknown,), 1), shares=Some()))

    assert words.title == "SageMaker advice, week of 2026-11-09: 1 to look at"
    assert words.paragraphs[0] == ("Could be saved: not known, there is no list price",)
    assert "$" not in str(words)


def test_what_would_cost_more_is_not_told_as_saving() -> None:
    dearer = a_tip("old", "-12.5", kind="elastic-inference")
    words = told(replace(FULL, saving=Sum(Decimal(0), 1, 0, PRICES), tips=Some((dearer,), 1)))

    assert words.title == "SageMaker advice, week of 2026-11-09: 1 to look at"
    assert words.paragraphs[0] == ("Could be saved: nothing at list price",)
    assert words.paragraphs[2][0].startswith("$12.50 a month more · old: ")


def test_korean_says_the_same() -> None:
    message = letter_message(FULL, Language.KOREAN)

    assert message.text == "SageMaker 절감 제안, 2026-11-09 주: 월 최대 $4,231.23"
    assert len(message.blocks) == len(letter_message(FULL, Language.ENGLISH).blocks)
    assert "`churn` 외 2개: 엔드포인트 하나로 충분합니다 · 위험 높음 · 2번" in json.dumps(
        message.blocks, ensure_ascii=False
    )


@pytest.mark.parametrize("kind", AdviceKind)
@pytest.mark.parametrize("language", Language)
def test_every_kind_of_advice_has_words_of_its_own(kind: AdviceKind, language: Language) -> None:
    one, strange = (
        letter_message(replace(FULL, tips=Some((a_tip("x", "1", kind=name),), 1)), language)
        for name in (kind.value, "a-kind-of-a-newer-version")
    )

    assert one.blocks != strange.blocks


@given(LETTERS, st.sampled_from(Language))
def test_whatever_people_wrote_slack_takes_it(letter: WeeklyAdvice, language: Language) -> None:
    message = letter_message(letter, language)

    assert message_blocks(list(message.blocks))  # or it raises
    texts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    assert not any("<" in text for text in texts)


@pytest.mark.parametrize("language", Language)
def test_the_longest_letter_that_there_can_be_is_no_longer_than_slack_takes(
    language: Language,
) -> None:
    worst = a_tip("n" * 63, "1000000000", title="&" * 2000, owner="&" * 256, others=10**6)
    share = Share(HERE, "&" * 256, Decimal(10**9), 10**6)
    letter = replace(
        FULL,
        team="&" * 256,
        tips=Some((worst,) * MOST_SHOWN, 10**6),
        shares=Some((share,) * MOST_SHARES, 10**6),
        unread=Some(("&" * 3000,) * MOST_SHOWN, 10**6),
    )

    assert message_blocks(list(letter_message(letter, language).blocks))


@given(LETTERS)
def test_what_is_written_down_is_read_again_and_fits_into_a_message_of_a_queue(
    letter: WeeklyAdvice,
) -> None:
    body = json.dumps(envelope(letter))

    assert read_envelope(json.loads(body)) == letter
    assert len(body.encode()) < 256 * 1024


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"version": 2, "advice": {}}, "version: 2 is not 1; deploy both sides together"),
        ({"version": 1, "advice": {}}, "advice: KeyError('team') is missing or wrong"),
        ({"version": 1, "advice": []}, "advice: TypeError"),
    ],
)
def test_what_is_no_advice_is_refused_with_its_reason(record: Any, reason: str) -> None:
    with pytest.raises(AdviceFormatError) as refused:
        read_envelope(record)

    assert reason in str(refused.value)

"""Every message can be written in every language, and says the same things in each."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from string import Formatter

import pytest

from sagewarden.adapters.slack.advice_texts import ADVICE_WORDS
from sagewarden.adapters.slack.blocks import message
from sagewarden.adapters.slack.digest_texts import DIGEST_WORDS
from sagewarden.adapters.slack.mrkdwn import code
from sagewarden.adapters.slack.texts import CATALOGUE, Language, Words
from sagewarden.domain.actions import ActionKind
from sagewarden.domain.cards import Card, Face
from sagewarden.domain.money import MonthlyCost
from sagewarden.domain.resources import ResourceKind
from tests.support.builders import NOW, a_ref

DEEDS = [kind for kind in ActionKind if kind not in {ActionKind.NOTIFY, ActionKind.RESTORE}]
WARNED_OF = {
    ActionKind.STOP,
    ActionKind.DELETE,
    ActionKind.SCALE_TO_ZERO,
    ActionKind.RELEASE_PROVISIONED_CONCURRENCY,
}


def fields(words: Words) -> dict[str, set[str]]:
    return {
        key: {name for _, name, _, _ in Formatter().parse(text) if name}
        for key, text in words.items()
    }


def a_card(face: Face, action: ActionKind, name: str = "nb") -> Card:
    ref = a_ref(name, ResourceKind.ENDPOINT)
    return Card("c1", "rule", ref, action, face, "because", due_at=NOW, until=NOW, at=NOW, by="kim")


@pytest.mark.parametrize(
    "catalogue",
    [CATALOGUE, DIGEST_WORDS, ADVICE_WORDS],
    ids=["cards", "digests", "advice"],
)
@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_text_with_the_same_places(
    language: Language, catalogue: Mapping[Language, Words]
) -> None:
    assert fields(catalogue[language]) == fields(catalogue[Language.ENGLISH])


@pytest.mark.parametrize("language", Language)
def test_every_state_of_every_deed_can_be_written(language: Language) -> None:
    cards = [a_card(face, ActionKind.DELETE) for face in Face]
    cards += [a_card(Face.DONE, action) for action in DEEDS]
    cards += [a_card(Face.WARNED, action) for action in WARNED_OF]

    written = [message([card], language).blocks[1]["text"]["text"] for card in cards]

    assert len(set(written)) == len({(card.face, card.action) for card in cards})


@pytest.mark.parametrize("language", Language)
def test_what_is_bold_ends_where_slack_ends_it(language: Language) -> None:
    catalogues = (CATALOGUE, DIGEST_WORDS, ADVICE_WORDS)
    texts = "\n".join(text for words in catalogues for text in words[language].values())

    assert re.findall(r"\*[^*\n]+\*(?=\w)", texts) == []


@pytest.mark.parametrize(
    "name",
    ["<!channel>", "*bold*", "`code`", "<@U1>", "a & b", "<script>alert(1)</script>", "a\nb"],
)
def test_a_name_is_shown_and_never_interpreted(name: str) -> None:
    shown = code(name)

    assert shown.startswith("`")
    assert shown.endswith("`")
    assert shown.count("`") == 2
    assert "<" not in shown
    assert "\n" not in shown


def test_what_is_too_long_ends_in_dots() -> None:
    card = a_card(Face.TOLD, ActionKind.NOTIFY)
    long = Card(card.case_id, card.rule, card.ref, card.action, card.face, "why " * 1000)

    details = message([long], Language.ENGLISH).blocks[2]["elements"]

    assert next(len(item["text"]) for item in details) == 250
    assert details[0]["text"].endswith("…")


@pytest.mark.parametrize(
    ("language", "money", "confirmed"),
    [
        (Language.ENGLISH, "saves at most $42.00 at list price", "It cannot be resumed."),
        (Language.KOREAN, "최대 $42.00 절감", "이어서 실행할 수는 없습니다."),
    ],
)
def test_a_job_saves_once_and_is_not_said_to_come_back(
    language: Language, money: str, confirmed: str
) -> None:
    saving = MonthlyCost(Decimal(42), "1 x ml.g5.xlarge at $2/h x 21 h", date(2026, 5, 20))
    for kind in (ResourceKind.PROCESSING_JOB, ResourceKind.WARM_POOL):
        card = replace(a_card(Face.WARNED, ActionKind.STOP), ref=a_ref("job", kind), saving=saving)

        written = json.dumps(message([card], language).blocks, ensure_ascii=False)

        assert money in written
        assert confirmed in written
